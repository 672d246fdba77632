"""Lectern, an LTI 1.3 tool provider for a tutor, a marking desk, paper exams and early alerts."""

__version__ = "0.1.0"
