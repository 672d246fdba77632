"""The round button on the pages of a Moodle course (S-FAB)."""
