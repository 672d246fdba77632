"""A spoken question as text in the field, to be read and changed before it is sent (R6)."""
