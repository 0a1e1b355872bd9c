"""A neural span reader, trained from scratch: an experiment that the package does not use yet (README.md)."""
