"""How long conversations are kept (R14, R188, R210)."""
