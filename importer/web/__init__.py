"""The page, for people who do not use a terminal: upload, map, fix, import."""
