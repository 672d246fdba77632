"""The graded activity: students hand in work, a person marks it on a rubric, approves it, and answers regrade requests.

What is marked here becomes a grade in `gradebook`, which alone approves it and sends it.
"""
