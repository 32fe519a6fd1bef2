"""Closing a project: the report, the inspection of its ledger, the presentation, and the activity assessment."""
