"""Tasks on the queue and their schedule. A domain row is the truth, a job is a nudge to look at it."""
