"""QR codes: `svg(address)` for pages and PDF, `png(address)` for Word and for pictures that WeChat reads by a long press.

The drawing uses attributes only, no inline style, so that it passes the site's content security policy. On a page:
`<img src="{{ url_for(…) }}" width="160" height="160" alt="…">`, or the SVG inline, marked as safe in Python (`markup`).
Keep addresses short (`/p/17`): each level of length makes the squares smaller. Error correction M, quiet zone 4.
"""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from markupsafe import Markup

QUIET = 4


@lru_cache(maxsize=256)
def svg(address: str, dark: str = "#000") -> str:
    """The QR code of an address as an SVG document without XML declaration; it scales to the room it is given."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out,
        kind="svg",
        border=QUIET,
        dark=dark,
        light="#fff",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
    )
    return out.getvalue().decode()


def markup(address: str, label: str) -> Markup:
    """The QR code for a page, with its name for those who do not see it."""
    inner = svg(address).strip().removeprefix("<svg ")
    return Markup('<svg role="img" aria-label="{}" class="qr" ').format(label) + Markup(inner)  # noqa: S704 - our own


def png(address: str, scale: int = 8) -> bytes:
    """The QR code as PNG; `scale` pixels for each square. 8 gives 264 pixels and more."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", border=QUIET, scale=scale)
    return out.getvalue()
