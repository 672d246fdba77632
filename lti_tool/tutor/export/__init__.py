"""A conversation as a file that its person takes along: plain text or PDF (R13, R136)."""
