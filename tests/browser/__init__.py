"""A package, so that what is started for it (`scope="package"`) is stopped after its last test."""
