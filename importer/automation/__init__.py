"""Unattended operation: a watched inbox folder, and checks before a run."""
