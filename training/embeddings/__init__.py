"""How the shipped embedding model is made: `python -m training.embeddings --help`."""
