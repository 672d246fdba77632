"""One turn from its claim to its end: the passages, the prompt, the model's answer, what counts as cited."""
