"""Asking a question again: in other words, or in the same for another answer. The earlier version is kept."""
