"""Marks and comments on the pages of work: placed on the desk, kept with a review, shown to students, drawn as PDF."""
