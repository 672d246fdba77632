"""Hints instead of finished answers where work is assessed: what a teacher marked, and what is quoted from it."""
