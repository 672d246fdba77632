"""Pictures and documents that go with a question (R7-R9, R137)."""
