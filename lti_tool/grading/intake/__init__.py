"""How work comes in beside a student's own form: drafts kept while they are written, and piles from staff."""
