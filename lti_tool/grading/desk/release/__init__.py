"""Approve, release and take back, for many at once."""
