"""The pages of the paper exam for staff."""
