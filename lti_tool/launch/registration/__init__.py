"""Registering the tool at a platform, and its description for platforms that copy values."""
