"""Drafts of the web app: uploads with their choices and corrections, and saved mappings."""
