"""The roster of a course: fetched as a whole, compared, merged; who is absent becomes inactive and keeps the work."""
