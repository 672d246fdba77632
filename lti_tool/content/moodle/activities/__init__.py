"""One module for each kind of activity whose text is not simply its description."""
