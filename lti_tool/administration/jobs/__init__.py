"""The jobs page: queues, the schedule, and the jobs that gave up."""
