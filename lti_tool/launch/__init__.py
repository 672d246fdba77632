"""Login, launch, key set, registration and the deep-linking picker: how a browser comes in from a platform."""
