"""Turn commands into HTTP requests to Genesys Cloud and answers into results."""
