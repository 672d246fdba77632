"""The platform's token for Moodle's web services."""
