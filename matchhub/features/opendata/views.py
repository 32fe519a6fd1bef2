"""The page of open data and its files, for everybody and for machines on other sites."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from typing import IO, Any

from flask import Blueprint, Response, current_app, render_template, request

from matchhub.core.access import PUBLIC, access
from matchhub.core.kept import kept
from matchhub.core.web import from_file
from matchhub.documents.opendata import dictionary
from matchhub.domain import reference
from matchhub.features.opendata import exporting, queries

bp = Blueprint("opendata", __name__)


@bp.get("/open")
@access(PUBLIC)
@kept
def index() -> Any:
    return render_template(
        "opendata/index.html",
        parts=dictionary.PARTS,
        codes=dictionary.CODES,
        licence=(reference.setting("open_licence_zh"), reference.setting("open_licence_en")),
        publisher=queries.publisher(current_app.config["PUBLIC_URL"]),
    )


@bp.get("/open/ocds.json", defaults={"name": "ocds.json"})
@bp.get("/open/ocds.csv", defaults={"name": "ocds.csv"})
@bp.get("/open/360giving.json", defaults={"name": "360giving.json"})
@bp.get("/open/360giving.csv", defaults={"name": "360giving.csv"})
@access(PUBLIC)
def download(name: str) -> Response:
    by = queries.publisher(current_app.config["PUBLIC_URL"])
    return _sent(exporting.FILES[name](by), name)


@bp.get("/open/ocds-releases.json")
@access(PUBLIC)
def releases() -> Response:
    """`?after=` a number of the ledger; what is no such number counts as none."""
    typed = request.args.get("after", "0")
    after = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    by = queries.publisher(current_app.config["PUBLIC_URL"])
    return _sent(exporting.releases_json(by, after), "ocds-releases.json")


def _sent(pieces: Iterator[str], name: str) -> Response:
    """The file, written outside memory while the database is read, and only then sent: no piece of it waits for a reader
    with a transaction open, and none needs the request any more.
    """
    kind = "text/csv" if name.endswith(".csv") else "application/json"
    file, zipped = tempfile.TemporaryFile(), bool(request.accept_encodings["gzip"])  # noqa: SIM115 - closed by the response
    try:
        content_hash = _write(pieces, file, zipped)
    except BaseException:
        file.close()
        raise
    response = from_file(file, f"{kind}; charset=utf-8")
    # Whatever site wants to show it may read it: it is public, and a session changes nothing in it.
    response.headers["Access-Control-Allow-Origin"] = "*"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    if name.endswith(".csv"):
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(f"{content_hash}{'-gzip' if zipped else ''}")
    if response.make_conditional(request).status_code == 304:
        file.close()
    return response


def _write(pieces: Iterator[str], file: IO[bytes], zipped: bool) -> str:
    """Write the pieces and tell the hash of what they say."""
    found = hashlib.sha256()
    with gzip.GzipFile("", "wb", 5, file, mtime=0) if zipped else nullcontext(file) as out:
        for piece in pieces:
            encoded = piece.encode()
            found.update(encoded)
            out.write(encoded)
    return found.hexdigest()[:32]
