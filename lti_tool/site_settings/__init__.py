"""What an administrator or a teacher changes while the tool runs: typed settings and feature switches (R136-R163)."""
