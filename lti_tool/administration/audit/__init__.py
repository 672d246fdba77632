"""The audit's pages: look, check, take a copy; and the hourly signature."""
