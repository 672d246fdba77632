"""Text that tries to instruct the model: found however it is written, and taken out before a model reads it (R166)."""
