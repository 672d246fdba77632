"""Before the exam: register numbers, the printed booklets and what was printed."""
