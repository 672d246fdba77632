"""What people did: the event log that features write and analytics reads."""
