"""Links that act for whoever holds them, without signing in: signed with the site's key, stored nowhere.

A token is the text it stands for and a keyed hash (HMAC-SHA-256, 128 bits) over its purpose and that text. Who reads the
database cannot make one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

_key: list[bytes] = []


def configure(secret: str) -> None:
    """Called once at start-up."""
    _key[:] = [hashlib.sha256(b"matchhub links " + secret.encode()).digest()]


def sign(purpose: str, text: str) -> str:
    """The token for `text` (letters, digits and hyphens) under `purpose`."""
    return f"{text}.{_mac(purpose, text)}"


def read(purpose: str, token: str) -> str | None:
    """The text of a token made for `purpose`; None for any other."""
    text, _, mac = token.rpartition(".")
    return text if text and hmac.compare_digest(mac.encode(), _mac(purpose, text).encode()) else None


def _mac(purpose: str, text: str) -> str:
    digest = hmac.new(_key[0], f"{purpose}\n{text}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()
