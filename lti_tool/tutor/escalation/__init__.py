"""Asking a human: a student's question in the teachers' queue, its answer back with everybody who asked (R19, M8)."""
