"""What a course knows: sources, their extracted text in chunks, and the passages that answer a question (R27-R48)."""
