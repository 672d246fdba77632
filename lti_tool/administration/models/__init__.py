"""What the site's language models are, and whether they answer."""
