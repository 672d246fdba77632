"""The material of a course: what teachers upload, how its indexing goes, and the passages that citations open."""
