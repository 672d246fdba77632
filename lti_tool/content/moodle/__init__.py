"""The way in by Moodle's web services: what is in the course, each activity read, the index kept up to date."""
