"""Grades, approval, push: the only way a score leaves the house, and only after a named person approved it."""
