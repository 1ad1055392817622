"""Hold what things are: leads, changes, commands, results, beliefs, outcomes. Frozen values."""
