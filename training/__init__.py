"""How the shipped models were made: runnable, not imported by `rag`."""
