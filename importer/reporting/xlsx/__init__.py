"""A streaming writer of .xlsx workbooks with cell comments."""
