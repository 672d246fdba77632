"""How alike a passage must be to count as an answer: a floor for each embedding model, measured on this site (R151)."""
