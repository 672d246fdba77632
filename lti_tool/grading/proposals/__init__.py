"""What a model suggests about a submission: asked for, checked against the work, kept beside it; never a grade."""
