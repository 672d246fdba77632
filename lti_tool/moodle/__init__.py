"""One door to Moodle's web services: which token, which functions, how a call is made and what a refusal means."""
