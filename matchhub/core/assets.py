"""Front-end files: served with their content's hash in the address, so that a browser asks for each of them once."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import brotli
from flask import Blueprint, Flask, Response, abort, current_app, redirect, request, url_for
from markupsafe import Markup, escape

from matchhub.core.access import PUBLIC, access

OWN = Path(__file__).parents[2] / "static"
VENDOR = {
    "bootstrap.css": ("flask_bootstrap", "static/bootstrap5/css/bootstrap.min.css"),
    "htmx.js": ("js_lib_htmx", "static/htmx/htmx.min.js"),
}
OWN_NAMES = (
    "app.css", "app.js", "countdown.js", "events.css", "offline.js", "autosave.js", "upload.js", "favicon.svg",
    "recompute.py", "share.png",
)  # fmt: skip
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "py": "text/x-python; charset=utf-8",
}
SPRITE = ("flask_bootstrap", "static/bootstrap5/icons/bootstrap-icons.svg")
SYMBOL = re.compile(r'<symbol [^>]*viewBox="([^"]+)" id="([^"]+)">(.*?)</symbol>', re.DOTALL)

bp = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file in memory: plain, gzip and brotli."""

    name: str
    mimetype: str
    digest: str
    plain: bytes
    gzip: bytes
    brotli: bytes


@lru_cache(maxsize=32)
def _pack(name: str, body: bytes, folder: Path | None = None) -> Asset:
    """One file with its compressed forms; the cache spares tests that build many applications the 0.5 seconds."""
    digest = hashlib.sha256(body).hexdigest()
    return Asset(
        name=name,
        mimetype=TYPES[name.rsplit(".", 1)[1]],
        digest=digest[:12],
        plain=body,
        gzip=gzip.compress(body, 6, mtime=0),
        brotli=_smallest(body, folder and folder / f"{digest}.br"),
    )


def _smallest(body: bytes, kept: Path | None) -> bytes:
    """Compressed at leisure, once in an installation: the highest quality would cost each start half a second."""
    if kept is not None and kept.exists():
        return kept.read_bytes()
    found = brotli.compress(body, quality=11)
    if kept is not None:
        kept.parent.mkdir(exist_ok=True)
        unfinished = kept.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(found)
        unfinished.replace(kept)
    return found


def load(folder: Path | None = None) -> dict[str, Asset]:
    """All front-end files by name; compressed forms are kept in `folder`. Raises FileNotFoundError when a package
    moved its file.
    """
    bodies = {name: (files(package) / path).read_bytes() for name, (package, path) in VENDOR.items()}
    bodies |= {name: (OWN / name).read_bytes() for name in OWN_NAMES}
    return {name: _pack(name, body, folder) for name, body in bodies.items()}


@lru_cache(maxsize=1)
def _symbols() -> dict[str, tuple[str, str]]:
    package, path = SPRITE
    found = SYMBOL.findall((files(package) / path).read_text(encoding="utf-8"))
    return {name: (box, inner) for box, name, inner in found}


@lru_cache(maxsize=512)
def icon(name: str, label: str | None = None) -> Markup:
    """One Bootstrap icon as inline SVG: silent beside a word, named by `label` when it stands alone.

    Raises LookupError for an unknown name.
    """
    try:
        box, inner = _symbols()[name]
    except KeyError:
        raise LookupError(f"no icon {name!r} in Bootstrap Icons") from None
    spoken = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    head = (
        f'<svg class="mh-icon" viewBox="{box}" width="16" height="16" fill="currentColor" {spoken} focusable="false">'
    )
    return Markup(f"{head}{inner}</svg>")  # noqa: S704 - the installed package's drawing; the label is escaped


def _choose(asset: Asset) -> tuple[bytes, str | None]:
    """The smallest body that the browser accepts, with its Content-Encoding."""
    accepted = request.accept_encodings
    if accepted["br"] > 0:
        return asset.brotli, "br"
    if accepted["gzip"] > 0:
        return asset.gzip, "gzip"
    return asset.plain, None


@bp.get("/assets/<digest>/<name>")
@access(PUBLIC)
def file(digest: str, name: str) -> Any:
    """One front-end file for ever; an address from before the last update leads to the present file."""
    asset = _loaded().get(name)
    if asset is None:
        abort(404)
    if asset.digest != digest:
        return redirect(url_for("assets.file", digest=asset.digest, name=name))
    body, encoding = _choose(asset)
    response = Response(body, content_type=asset.mimetype)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{asset.digest}-{encoding or 'plain'}")
    return response.make_conditional(request)


def _loaded() -> dict[str, Asset]:
    found: dict[str, Asset] = current_app.extensions["assets"]
    return found


def init_app(app: Flask) -> None:
    """Load the files, register the route and give templates `asset_url(name)` and `icon(name, label=None)`."""
    folder = app.config.get("INSTANCE")
    loaded = load(folder and folder / "assets")
    app.extensions["assets"] = loaded
    urls = {name: f"/assets/{asset.digest}/{name}" for name, asset in loaded.items()}
    app.register_blueprint(bp)
    # The address is fixed for the life of the process; a look-up is much cheaper than url_for on every page.
    app.jinja_env.globals.update(asset_url=urls.__getitem__, icon=icon)
