"""Hold what operators run: checks, topics, reports."""
