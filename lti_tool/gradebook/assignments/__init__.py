"""Native Moodle assignments as the second place where approved grades go, by Moodle's web services."""
