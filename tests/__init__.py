"""The tests: a package, for only within one can a folder of them be a package."""
