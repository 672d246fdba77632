"""Whether answers helped: a thumb and a comment of a student, and their sums for teachers (R11, R12)."""
