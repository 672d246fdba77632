"""A course's own settings, for its teachers."""
