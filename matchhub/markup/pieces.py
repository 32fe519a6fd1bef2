"""What all parts share: joining pieces to markup, and attributes."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from matchhub.core.templating import html

__all__ = ["attribute", "html", "made", "of", "texts"]


def made(*pieces: str) -> Markup:
    """Pieces that are markup already, as one. Whatever came from people or records has passed `html` before."""
    return Markup("".join(pieces))  # noqa: S704 - see above


def attribute(name: str, value: Any) -> str:
    """` name="value"`; nothing for an empty value."""
    return f' {name}="{html(value)}"' if value else ""


def of(item: Any, name: str) -> Any:
    """A part of a mapping or of an object, as templates say `item.name`; None where there is none."""
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)


def texts(errors: Any) -> list[str]:
    """The sentences among a field's errors; rows of a list hold their own errors as mappings."""
    return [error for error in errors if isinstance(error, str)]
