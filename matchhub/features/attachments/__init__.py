"""Fetching the files of records."""
