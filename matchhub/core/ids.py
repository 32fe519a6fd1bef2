"""Public identifiers: codes that cannot be guessed, and reference numbers that people can say on the phone."""

from __future__ import annotations

import secrets

# Lower-case letters and digits without 0/o, 1/i/l: they are read aloud and copied from paper.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
SHORTEST = 8


def public_code(n: int = 16) -> str:
    """A random url-safe code of n characters (16 characters are 79 bits). Raises ValueError below 8 characters."""
    if n < SHORTEST:
        raise ValueError(f"a public code has at least {SHORTEST} characters, or it can be guessed")
    return "".join(secrets.choice(ALPHABET) for _ in range(n))


def reference(prefix: str, year: int, n: int) -> str:
    """The reference of the n-th thing of its kind in a year: "XQ-2026-007". Raises ValueError when n is below 1."""
    if n < 1:
        raise ValueError("references count from 1")
    return f"{prefix}-{year:04d}-{n:03d}"
