"""Text with its structure out of each format; every parser runs in the limited process of files/sandbox.py."""
