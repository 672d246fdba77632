"""What happened in a course, for those who teach it."""
