"""Serve Genesys Cloud Outbound as documented: for demos, for tests, for others' clients."""
