"""Running an exam: exports, what failed, answers to reports, chain of custody, deletion, how long scans are kept."""
