"""Schemas: our own, and what the registry knows of them."""
