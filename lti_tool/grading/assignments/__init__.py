"""Native Moodle assignments on the marking desk: choose one, pull its work and its rubric, hand its grades back."""
