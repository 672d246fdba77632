"""A paper exam that the invented students have sat: printed, written on, scanned, with what goes wrong with paper."""
