"""Where a rubric can come from besides the editor: pasted or uploaded, taken from another activity, or proposed."""
