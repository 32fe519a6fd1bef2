"""What the rooms share: moves as buttons, uploads, a page's frame, papers, lists, feeds, mails' links."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from matchhub.core import clock, contact, files
from matchhub.core.access import PUBLIC, Who, access
from matchhub.core.errors import Refused
from matchhub.core.forms import Form
from matchhub.core.i18n import _, _l
from matchhub.core.web import EXPORT, from_file, upload_limit_bytes, viewer, with_filters
from matchhub.documents import pdf, table, word
from matchhub.documents.paper import Paper
from matchhub.documents.table import Listed
from matchhub.domain import exporting, lifecycle, reference, throttle
from matchhub.domain.models import User

ListOf = Callable[[], Listed]


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


def is_sure() -> bool:
    """Whether the box of `S.sheet_bar(sure=…)` was ticked: a sheet that can never be changed is not sent by a slip."""
    return "sure" in request.form


def not_sure() -> str:
    """The sentence for a sheet that was sent without the tick; what was typed has been stored."""
    return _("请先核对，勾选“我已核对，提交后不能再改”，再提交。已填的内容都保存了。")


@contextmanager
def refusals(form: Form) -> Iterator[None]:
    """A deed that a form asks for: what a rule says against it goes to the head of the form, for `shown`."""
    try:
        yield
    except Refused as no:
        form.form_errors.append(str(no))
        form.met_a_rule = True


def shown(template: str, form: Form | None = None, **context: Any) -> tuple[str, int]:
    """A page with its form: 422 when the form was refused, so that its reader sees what to repair; 409 by a rule."""
    page = render_template(template, form=form, **context)
    if form is None or not form.errors:
        return page, 200
    return page, 409 if form.met_a_rule else 422


def keep_uploads(
    form: Form, field: str, kinds: frozenset[str] = files.ANY, secret: bool = False
) -> list[files.Stored] | None:
    """Store what was uploaded in a file field, before the command. None when one was refused: its sentence is on the form.

    `secret` keeps them encrypted: files of applications.
    """
    kept = []
    for upload in uploads(form[field].data):
        try:
            kept.append(
                files.save(
                    current_app.config["INSTANCE"],
                    upload.stream,
                    upload.filename or "",
                    upload_limit_bytes(),
                    kinds,
                    secret,
                )
            )
        except files.BadFile as error:
            form.refuse(field, str(error))
    return None if form[field].errors else kept


def uploads(data: Any) -> Iterable[FileStorage]:
    """The files really chosen in a (multiple) file field."""
    chosen = data if isinstance(data, list | tuple) else [data]
    return [upload for upload in chosen if isinstance(upload, FileStorage) and upload.filename]


WRITERS = {"pdf": pdf, "docx": word}


def sent(paper: Paper, kind: str, stem: str) -> Response:
    """`paper` to be saved as "<stem>.pdf" or, for `kind` "docx", "<stem>.docx". On its page: `U.papers` names the link."""
    writer = WRITERS[kind]
    return download(writer.write(paper), f"{stem}.{kind}", writer.MIMETYPE)


def download(content: bytes, name: str, mimetype: str) -> Response:
    """A file made for this request, to be saved as `name`; nobody keeps a copy, because the right to see it may end."""
    return _named(Response(content, mimetype=mimetype), name)


def _named(answer: Response, name: str) -> Response:
    plain = (
        "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign in "-_.")).lstrip("-_.") or "file"
    )
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def absolute(path: str) -> str:
    """The full address of a path of this site, for paper and QR codes."""
    return f"{current_app.config['PUBLIC_URL']}{path}"


class AddressForm(Form):
    """The address of somebody who wants to be written to without an account (domain/subscribing.py)."""

    email = contact.email(_l("邮箱"), _l("请填写邮箱，例如 zhang@example.org"))


def letter(template: str, **context: Any) -> Response:
    """A page behind a link of a mail: nobody keeps a copy of it."""
    answer = make_response(render_template(template, **context))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def let_mail_programs_leave(bp: Blueprint, view: Callable[..., Any]) -> None:
    """Let a view be posted to without a form's token: its signed address is the proof that the token is elsewhere."""
    bp.record_once(lambda state: state.app.extensions["csrf"].exempt(view))


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One record in a feed; `updated` is naive UTC."""

    title: str
    url: str
    updated: datetime
    summary: str


def feed(title: str, shown_at: str, entries: Sequence[FeedEntry], here: str = "") -> Response:
    """An Atom feed with the newest entries first; `shown_at` is the address of the list that it follows, `here` its own."""
    # What XML must not hold as it is gets escaped by the mark-up of every value, not by the template's name.
    body = render_template(
        "components/feed.atom",
        title=Markup.escape(title),
        base=Markup.escape(current_app.config["PUBLIC_URL"]),
        here=Markup.escape(here or request.path),
        list=Markup.escape(shown_at),
        updated=max((entry.updated for entry in entries), default=clock.now()),
        entries=[
            FeedEntry(Markup.escape(one.title), one.url, one.updated, Markup.escape(one.summary)) for one in entries
        ],
    )
    return Response(body, content_type="application/atom+xml; charset=utf-8")


def offer_export(bp: Blueprint, endpoint: str, rule: str, who: Who) -> Callable[[ListOf], ListOf]:
    """Offer the list that the view `endpoint` shows at `rule` as an Excel file: at `<rule>/export`, for the same people.

    GET says what the file will hold; POST makes it, and puts on record that it was taken. The function that is marked
    reads the address as the page does, and the page uses its query: the file holds exactly what the page lists. The
    page's pager (`U.pager`) prints the link.
    """

    def mark(listed: ListOf) -> ListOf:
        bp.add_url_rule(
            f"{rule}/export", endpoint + EXPORT, access(who)(_export_view(rule, who, listed)), methods=["GET", "POST"]
        )
        return listed

    return mark


def _export_view(rule: str, who: Who, listed: ListOf) -> Callable[[], Any]:
    def export() -> Any:
        form = Form()
        if request.method == "GET":
            return _export_page(form, listed(), rule, who)
        try:
            exporting.begin(viewer(), request.remote_addr or "")
            return _exported(listed(), rule)
        except Refused as no:
            form.form_errors.append(str(no))
            page = _export_page(form, listed(), rule, who)[0]
            return page, 429 if isinstance(no, throttle.TooMany) else 409

    return export


def _export_page(form: Form, what: Listed, rule: str, who: Who) -> tuple[str, int]:
    count = what.count(exporting.MOST_ROWS)
    return shown("components/export.html", form, what=what, count=count, most=exporting.MOST_ROWS, back=with_filters(rule),
                 is_public=who == PUBLIC)  # fmt: skip


def _exported(what: Listed, rule: str) -> Response:
    """The file, built outside memory and then sent; nothing of it is left when it was."""
    if what.count(exporting.MOST_ROWS) > exporting.MOST_ROWS:
        raise exporting.too_many()
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response (web.from_file)
    try:
        rows = table.write(file, what.table, what.all(exporting.MOST_ROWS), lambda count: _about(what, rule, count))
        exporting.note(viewer(), what.table.code, what.conditions, rows)
    except BaseException:
        file.close()
        raise
    answer = _named(from_file(file, table.MIMETYPE), f"{_(what.table.title)}-{clock.today():%Y%m%d}.xlsx")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _about(what: Listed, rule: str, count: int) -> list[tuple[str, Any]]:
    """What the second sheet says of the first."""
    user = viewer()
    chosen: list[tuple[str, Any]] = [(_("筛选：%(what)s", what=one.title), one.words) for one in what.conditions]
    return [
        (_("清单"), _(what.table.title)),
        *(chosen or [(_("筛选"), _("没有筛选，全部列出"))]),
        (_("行数"), count),
        (_("导出时间"), clock.now()),
        (_("导出人"), user.name if user is not None else _("访客（没有登录）")),
        (_("网页"), absolute(rule)),
        (_("平台"), _("%(site)s，%(owner)s主办", site=_("曹杨益家"), owner=reference.setting("site_owner"))),
        (_("怎么读"), _("与导出时网页上列出的完全一样，包括每一页。金额单位是元，时间是北京时间。")),
    ]
