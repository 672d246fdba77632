"""What was asked and answered in a course, for those who may read its logs, under numbers in place of names (R133)."""
