"""The task of an activity: its text, as a teacher writes it and students read it."""
