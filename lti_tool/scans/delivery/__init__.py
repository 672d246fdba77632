"""Confirmed papers on their way to a Moodle assignment: as feedback files, or handed in with the student's own key."""
