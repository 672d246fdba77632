"""Marking question by question: one criterion through all works, until every work has all its ticks."""
