"""The people of a course: roster, sync, and which role may do what."""
