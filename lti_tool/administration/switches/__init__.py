"""The switches of the site, each with a proof that it works (R139, R175, M11)."""
