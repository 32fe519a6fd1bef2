"""Files of records: every one is fetched here, and only by whoever may see what it belongs to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, request

from matchhub.core import files
from matchhub.core.access import PUBLIC, access
from matchhub.core.db import db
from matchhub.core.web import viewer
from matchhub.domain import attachments
from matchhub.domain.models import Attachment

bp = Blueprint("attachments", __name__)
log = logging.getLogger(__name__)

CHUNK_BYTES = 64 * 1024

# A file never runs anything and loads nothing, whatever it contains.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


@bp.get("/files/<code>")
@access(PUBLIC)
def fetch(code: str) -> Any:
    row = db.session.scalar(sa.select(Attachment).where(Attachment.code == code))
    if row is None or not attachments.can_fetch(viewer(), row):
        abort(404)
    place = files.path_of(current_app.config["INSTANCE"], row.place)
    if not place.is_file():
        log.error("the store lacks %s", row.place)
        abort(404)
    # What was encrypted is checked as a whole before its first byte is sent, so it cannot come in pieces.
    content = files.read(current_app.config["INSTANCE"], row.place, row.key) if row.key else _chunks(place)
    answer = Response(content, mimetype=_media_type(row))
    answer.content_length = row.size_bytes
    answer.set_etag(row.sha256)
    _describe(answer, row, attachments.name_for(viewer(), row))
    return answer.make_conditional(request, accept_ranges=True, complete_length=row.size_bytes)


def _chunks(place: Path) -> Iterator[bytes]:
    """The content piece by piece; the file is opened when the first piece is asked for, so never for a 304."""
    with place.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _is_shown(row: Attachment) -> bool:
    """Pictures and PDF open in the browser, all else is saved."""
    return row.is_picture or row.media_type == files.PDF


def _media_type(row: Attachment) -> str:
    return row.media_type if _is_shown(row) else "application/octet-stream"


def _describe(answer: Response, row: Attachment, name: str) -> None:
    """Headers of a file: its name in both spellings, and that it is nobody else's to keep or to run."""
    ending = name.rpartition(".")[2].lower()
    ending = {"jpeg": "jpg", "png": "jpg", "webp": "jpg"}.get(ending, ending) if row.is_picture else ending
    stem = name.rpartition(".")[0] or name
    plain, full = f"file-{row.code[:8]}.{ending}", f"{stem}.{ending}"
    how = "inline" if _is_shown(row) else "attachment"
    answer.headers["Content-Disposition"] = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(full, safe='')}"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # Asked for anew each time, because the right to see it may end; unchanged content is not sent again.
    answer.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
