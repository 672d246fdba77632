"""The teacher's page "Grades and pushes": what is approved, what has arrived, what the platform shows."""
