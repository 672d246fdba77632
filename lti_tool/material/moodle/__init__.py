"""The teacher's pages about reading the course from Moodle."""
