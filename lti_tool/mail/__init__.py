"""E-mails to people of a course: written with what they are about, sent by a job, never with a grade in them."""
