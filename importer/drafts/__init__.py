"""Files on their way through the web app: uploads, corrections, saved mappings."""
