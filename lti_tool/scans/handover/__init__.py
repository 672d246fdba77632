"""From a paper to work on the marking desk, and back again when the paper turns out to be wrong."""
