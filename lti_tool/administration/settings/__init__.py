"""The site's settings: what is in force, what it means, changed under audit."""
