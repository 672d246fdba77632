"""People, courses, what is placed in them, roles and capabilities, the viewer, the audit."""
