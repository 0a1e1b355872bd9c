"""How the reader's ranker and its confidence were trained: see README.md."""
