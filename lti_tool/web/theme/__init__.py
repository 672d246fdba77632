"""The site's own colours (R2, R161, R219)."""
