"""Who sits the exams of a course, under which register number."""
