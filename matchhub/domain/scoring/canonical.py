"""One text for one value, so that its SHA-256 proves what an assessment or a score was computed from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum


def canonical(inputs: object) -> str:
    """One text for one value: JSON with sorted keys, no spaces, and numbers that compare equal written equally.

    Decimals become plain strings without trailing zeros ("80", "79.5"), days and moments ISO 8601, dataclasses
    mappings. Raises TypeError for floats and for anything else that has no single spelling.
    """
    return json.dumps(_plain(inputs), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: object) -> object:
    """A value as JSON types, in its one spelling."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys are text")
        return {str(key): _plain(one) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"no canonical spelling for {type(value).__name__}")


def _decimal_text(value: Decimal) -> str:
    """A decimal number without exponent, trailing zeros or negative zero."""
    if not value.is_finite():
        raise TypeError("only finite numbers have a canonical spelling")
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def digest(text: str) -> str:
    """SHA-256 of the UTF-8 text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
