"""Pages of projects; the routes stand in the files named at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint

from matchhub.core.errors import NotYours, Refused
from matchhub.core.forms import Form

bp = Blueprint("projects", __name__)


def attempt(form: Form, deed: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Whether the deed was done; a rule's refusal is put on the form, so that nothing typed is lost."""
    try:
        deed(*args, **kwargs)
    except NotYours:
        raise
    except Refused as no:
        form.form_errors = [*form.form_errors, str(no)]
        return False
    return True


def put_beside(form: Form, problems: Iterable[tuple[str, str]]) -> bool:
    """Put each sentence beside its field; whether there was any."""
    found = list(problems)
    for field, sentence in found:
        form.refuse(field, sentence)
    return bool(found)


from matchhub.features.projects import (  # noqa: E402
    views_activities,
    views_agreement,
    views_fund,
    views_my,
    views_public,
    views_reports,
    views_staff,
)

__all__ = [
    "bp",
    "views_activities",
    "views_agreement",
    "views_fund",
    "views_my",
    "views_public",
    "views_reports",
    "views_staff",
]
