"""The stages of a run, from its file to its reports."""
