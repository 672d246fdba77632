"""The marking desk: queue, work, rubric and feedback on one screen (pages.md, Marking desk)."""
