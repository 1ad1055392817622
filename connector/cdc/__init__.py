"""Turn the bytes of a source record into canonical lead changes."""
