"""Settings: one TOML file, overridden by the environment, validated whole at start."""
