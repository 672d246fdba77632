"""How piles come in: folders, archives, pictures and large files from browsers, scanners and commands."""
