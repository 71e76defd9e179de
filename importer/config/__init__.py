"""Configuration outside the code: importer.toml and API keys."""
