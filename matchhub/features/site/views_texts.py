"""Pages of text: help, accessibility, privacy, terms, and the map of the site for people."""

from __future__ import annotations

from flask import render_template

from matchhub.core.access import PUBLIC, access
from matchhub.core.kept import kept
from matchhub.core.web import upload_limit_bytes
from matchhub.domain import reference
from matchhub.features.site.views import bp, steps


def _contact() -> dict[str, str]:
    names = ("contact", "phone", "email", "address", "hours", "owner")
    return {name: str(reference.setting(f"site_{name}")) for name in names}


@bp.get("/help")
@access(PUBLIC)
@kept
def help_page() -> str:
    terms = reference.terms()
    limit_mb = upload_limit_bytes() // (1024 * 1024)
    return render_template("site/help.html", contact=_contact(), terms=terms, steps=steps(), limit_mb=limit_mb)


@bp.get("/accessibility")
@access(PUBLIC)
@kept
def accessibility() -> str:
    return render_template("site/accessibility.html", contact=_contact())


@bp.get("/privacy")
@access(PUBLIC)
@kept
def privacy() -> str:
    return render_template("site/privacy.html", contact=_contact())


@bp.get("/terms")
@access(PUBLIC)
@kept
def terms() -> str:
    return render_template("site/terms.html", contact=_contact(), terms=reference.terms())


@bp.get("/sitemap")
@access(PUBLIC)
@kept
def sitemap() -> str:
    return render_template("site/sitemap.html")
