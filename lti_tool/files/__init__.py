"""Files people send: accepted by content, stored once by hash, parsed only in a limited process (scans.md 4.6, 4.7)."""
