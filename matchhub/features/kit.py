"""What the rooms share in showing a record: its moves as buttons, uploads of a form, and a page's frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from matchhub.core import files
from matchhub.core.forms import Form
from matchhub.core.web import upload_limit_bytes
from matchhub.domain import lifecycle
from matchhub.domain.models import User


@dataclass(frozen=True, slots=True)
class Button:
    """A move as components/moves.html prints it."""

    action: str
    label: str
    page_url: str
    danger: bool
    consequence: str


def offers(subject: Any, user: User | None, **more: Any) -> list[tuple[Button, str | None]]:
    """The viewer's moves on `subject`, each with the reason why it is not possible yet.

    A move with a page links to `url_for(move.page, ref=subject.ref, action=move.action, **more)`.
    """
    return [(_button(subject, offer.move, more), offer.why) for offer in lifecycle.moves_for(subject, user)]


def _button(subject: Any, move: lifecycle.Move, more: dict[str, Any]) -> Button:
    page_url = url_for(move.page, ref=subject.ref, action=move.action, **more) if move.page else ""
    return Button(move.action, move.label, page_url, move.danger, move.consequence)


def seen_version() -> int | None:
    """The record's version in the page that is being answered (hidden field `version`)."""
    typed = request.form.get("version", "")
    return int(typed) if typed.isdigit() else None


def shown(template: str, form: Form | None = None, **context: Any) -> tuple[str, int]:
    """A page with its form: 422 when the form was refused, so that its reader sees what to repair."""
    refused = form is not None and bool(form.errors)
    return render_template(template, form=form, **context), 422 if refused else 200


def keep_uploads(form: Form, field: str, kinds: frozenset[str] = files.ANY) -> list[files.Stored] | None:
    """Store what was uploaded in a file field, before the command. None when one was refused: its sentence is on the form."""
    kept = []
    for upload in uploads(form[field].data):
        try:
            kept.append(
                files.save(
                    current_app.config["INSTANCE"], upload.stream, upload.filename or "", upload_limit_bytes(), kinds
                )
            )
        except files.BadFile as error:
            form.refuse(field, str(error))
    return None if form[field].errors else kept


def uploads(data: Any) -> Iterable[FileStorage]:
    """The files really chosen in a (multiple) file field."""
    chosen = data if isinstance(data, list | tuple) else [data]
    return [upload for upload in chosen if isinstance(upload, FileStorage) and upload.filename]
