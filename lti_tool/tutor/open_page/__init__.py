"""The page of the course that is open around the tutor (R15)."""
