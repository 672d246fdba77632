"""What becomes of people's data: how long marking's leftovers are kept, and erasing a person (R185-R188)."""
