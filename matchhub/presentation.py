"""What every template can say: amounts, days, moments, words of codes, and the tag of a record's state."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, request, session
from markupsafe import Markup, escape

from matchhub.core import clock, i18n, kept, money, templating
from matchhub.core.i18n import _, day_in_words
from matchhub.core.web import here, viewer
from matchhub.domain import attachments, lifecycle, messages, parties, paths, reference
from matchhub.markup import boxes, forms, rows, ui


def day(value: date | datetime | None) -> str:
    """2026-11-24, in Shanghai."""
    if value is None:
        return ""
    return (clock.local(value).date() if isinstance(value, datetime) else value).isoformat()


def moment(value: datetime | None) -> str:
    """2026-11-24 17:00, in Shanghai."""
    return clock.local(value).strftime("%Y-%m-%d %H:%M") if value else ""


def last_day(value: datetime | None) -> str:
    """The last day of a period that ends at 24:00."""
    return day(value - timedelta(seconds=1)) if value else ""


def long_day(value: date | datetime | None) -> str:
    """2026 年 11 月 24 日, for notices."""
    if value is None:
        return ""
    here_day = clock.local(value).date() if isinstance(value, datetime) else value
    return day_in_words(here_day)


def month(value: date | None) -> str:
    return value.strftime("%Y-%m") if value else ""


def yuan(fen: int | None) -> str:
    """86,000 元; a dash for none."""
    return _("%(amount)s 元", amount=money.yuan(fen)) if fen is not None else "–"


def points(value: Decimal | float | None) -> str:
    """A score without needless zeros; a dash for none."""
    if value is None:
        return "–"
    text = f"{Decimal(str(value)):.2f}"
    return text.rstrip("0").rstrip(".")


def size(value: int) -> str:
    return f"{value / 1024 / 1024:.1f} MB" if value >= 1024 * 1024 else f"{max(1, round(value / 1024))} KB"


def paragraphs(text: str | None) -> Markup:
    """Plain text as paragraphs: blank lines part them, single line breaks stay."""
    blocks = [block for block in (text or "").split("\n\n") if block.strip()]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.strip().split("\n")))
        for block in blocks
    )


def days_left(value: datetime | date | None) -> int | None:
    """Whole days from today in Shanghai; negative when past."""
    if value is None:
        return None
    end = clock.local(value).date() if isinstance(value, datetime) else value
    return (end - clock.today()).days


def working_days_left(value: datetime | None) -> int:
    """Working days from tomorrow to the last day of a period that ends at 24:00, today counted when it works."""
    if value is None:
        return 0
    last = clock.local(value - timedelta(seconds=1)).date()
    yesterday = clock.today() - timedelta(days=1)
    return max(0, reference.calendar().between(yesterday, last)) if last >= clock.today() else 0


def tag(subject: Any) -> tuple[str, str]:
    """(word, tone) of where a record stands, for `U.tag` and `U.page_head`."""
    word, tone = lifecycle.look(subject)
    return _(word), tone


def tag_of(kind: str, state: Any) -> tuple[str, str]:
    """`tag` where a page has read only the state of a record; `kind` is the name of its table."""
    life = next(life for model, life in lifecycle.LIVES.items() if getattr(model, "__tablename__", "") == kind)
    return _(life.words[state]), life.tones.get(state, "muted")


def message_sentence(event: str) -> str:
    return _(messages.EVENTS[event])


def files(rows: list[Any]) -> list[dict[str, Any]]:
    """Attachments as `U.file_list` wants them."""
    return [
        {
            "name": row.caption or row.name,
            "url": attachments.url(row),
            "size": size(row.size_bytes),
            "date": day(row.uploaded_at),
            "sha": row.sha256,
            "kind": row.name.rpartition(".")[2].upper(),
        }
        for row in rows
    ]


FILTERS = {
    "day": day, "moment": moment, "last_day": last_day, "long_day": long_day, "month": month, "yuan": yuan,
    "points": points, "size": size, "paragraphs": paragraphs, "days_left": days_left,
    "working_days_left": working_days_left, "files": files,
}  # fmt: skip


# What components/*.html give to pages under short names.
FORM_PARTS = {name: getattr(forms, name) for name in forms.__all__} | {
    "rows": rows.rows,
    "grouped": boxes.grouped,
    "grid": boxes.grid,
}
UI_PARTS = {name: getattr(ui, name) for name in ui.__all__}


def _site() -> dict[str, str]:
    names = {"owner": "site_owner", "contact_name": "site_contact", "contact_phone": "site_phone",
             "contact_hours": "site_hours", "icp": "site_icp", "police_record": "site_police", "site_code": "site_code"}  # fmt: skip
    return {key: str(reference.setting(name)) for key, name in names.items()}


def _shared_url() -> str:
    """The lasting address of a page that depends on nothing but its address; empty for all others.

    A list with filters and its second page are views of the same list.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    return f"{current_app.config['PUBLIC_URL']}{request.path}" if getattr(view, "is_kept", False) else ""


def _context() -> dict[str, Any]:
    """What _layout.html needs; a visitor's page touches no session."""
    account = viewer() if request.cookies.get(current_app.config["SESSION_COOKIE_NAME"]) else None
    return {
        "viewer": account,
        "lang": "en" if i18n.language() == "en" else "zh-CN",
        "mode": g.get("mode", "normal"),
        "site": _site(),
        "flashes": get_flashed_messages(with_categories=True) if "_flashes" in session else [],
        "here": here(),
        "base_url": current_app.config["PUBLIC_URL"],
        "shared_url": _shared_url(),
        "demo": current_app.config["DEMO"],
        "today": clock.today(),
    }


def _part(name: str, caller: Any) -> Any:
    """`kept.part` as Jinja calls it: with the block as `caller`."""
    return kept.part(name, caller)


def init_app(app: Flask) -> None:
    env: templating.Templates = app.jinja_env  # type: ignore[assignment]
    env.keep_compiled(app.config["INSTANCE"] / "templates")
    env.filters.update(FILTERS)
    env.globals.update(
        _=i18n._, word=reference.word, words=reference.words, tag=tag, tag_of=tag_of, path=paths.path, sentence=message_sentence,
        party_words=parties.WORDS, pick=i18n.pick, kept_part=_part, form_parts=FORM_PARTS,
        ui_parts=UI_PARTS,
    )  # fmt: skip
    app.context_processor(_context)
