"""The working files of a run: its folder, spooled rows, results and request log."""
