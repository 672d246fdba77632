"""What staff keep for themselves: notes, the comment bank, their choices, and time."""
