"""Rubrics: written, imported, versioned, compared, exported, and the graded answers that show what a level means."""
