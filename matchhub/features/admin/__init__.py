"""Accounts, settings, lists, calendar, score sheets, ledger and health: the administrator's rooms."""
