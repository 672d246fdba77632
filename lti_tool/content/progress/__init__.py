"""How far each source is on its way from a file to passages with vectors, for the page that shows it live (R47)."""
