"""Signing in and out, one's own password, data, messages and preferences."""
