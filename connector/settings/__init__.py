"""Settings: one TOML file, overridden by the environment, validated whole before anything starts."""
