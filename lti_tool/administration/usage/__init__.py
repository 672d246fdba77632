"""What calls to models cost (R131, R132)."""
