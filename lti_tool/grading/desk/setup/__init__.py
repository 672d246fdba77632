"""How an activity is marked: release, names, markers, and who marks whom."""
