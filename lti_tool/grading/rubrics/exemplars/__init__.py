"""Answers that a teacher graded, kept beside the rubric to show what its levels mean."""
