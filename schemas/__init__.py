"""What each vendor accepts. Knows nothing of files, HTTP clients or the importer."""
