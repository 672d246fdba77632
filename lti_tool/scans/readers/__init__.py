"""What machines read from a page: pure functions over images, each reading with its evidence (scans.md 4.1 to 4.5)."""
