"""The paper exam: staff upload scans, a person confirms whose each is, the student confirms it, a teacher grades it."""
