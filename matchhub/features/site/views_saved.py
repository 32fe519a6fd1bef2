"""Following a search: its feed, the page to begin on, and the links of the mails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, redirect, request

from matchhub.core import contact, mail
from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.listing import Filters
from matchhub.core.web import done
from matchhub.domain import messages
from matchhub.domain.models import FollowedSearch
from matchhub.domain.throttle import TooMany
from matchhub.features import kit
from matchhub.features.site import finding, saved
from matchhub.features.site.views import bp
from matchhub.features.site.views_feeds import LONGEST
from matchhub.search import site

# What became public when, by the first of these that a record has.
MOMENTS = ("published_at", "announced_at", "started_at", "admitted_at", "created_at")


@bp.get("/feeds/search.atom")
@access(PUBLIC)
def search_feed() -> Any:
    """What a visitor finds, whoever asks: a reader of feeds signs in nowhere."""
    wanted = finding.filters(request.args)
    found = site.search(None, wanted.query, wanted["kind"], finding.chosen_in(wanted), "date", size=LONGEST)
    if found.degraded:  # a reader of feeds keeps what it was given once: nothing but the search itself
        abort(503)
    state = finding.state(wanted)
    title = _("曹杨益家：搜索 %(what)s", what=finding.in_words(wanted))
    entries = sorted((_entry(hit) for hit in found.results), key=lambda entry: entry.updated, reverse=True)
    return kit.feed(title, _with(finding.PATH, state), entries, _with("/feeds/search.atom", state))


def _with(path: str, state: str) -> str:
    return f"{path}?{state}" if state else path


def _entry(hit: site.Result) -> kit.FeedEntry:
    at: datetime = next(found for name in MOMENTS if (found := getattr(hit.row, name, None)))
    text = _("%(state)s：%(text)s", state=_(finding.KIND_WORDS[hit.kind]), text=hit.text.striptags())
    return kit.FeedEntry(messages.title_of(hit.row), hit.url, at, text)


@bp.route("/search/follow", methods=["GET", "POST"])
@access(PUBLIC)
def follow_search() -> Any:
    """The search stands in the address, as on the page of its results."""
    wanted = finding.filters(request.args)
    if not wanted.count:
        return redirect(finding.PATH, 303)
    form = kit.AddressForm()
    status = 0
    if form.validate_on_submit():
        try:
            return _asked(wanted, form)
        except Refused as no:
            form.form_errors.append(str(no))
            status = 429 if isinstance(no, TooMany) else 409
    page, shown = kit.shown(
        "site/follow.html", form, state=finding.state(wanted), what=finding.in_words(wanted), has_mail=mail.is_on(),
        feed_address=kit.absolute(_with("/feeds/search.atom", finding.state(wanted))),
    )  # fmt: skip
    return page, status or shown


def _asked(wanted: Filters, form: kit.AddressForm) -> Any:
    """The same answer whatever became of it: nobody learns here who follows what."""
    state = finding.state(wanted)
    saved.ask_by_mail(state, contact.plain_email(form.email.data) or "", request.remote_addr or "")
    told = _("如果邮箱没有填错，几分钟内会收到一封确认邮件。打开里面的链接确认以后才开始订阅。")
    return done(told, _with(finding.PATH, state))


@bp.route("/search/follow/confirm/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def confirm_search(token: str) -> Any:
    """Looking changes nothing (programs that check mails look at every link): a button confirms."""
    if request.method == "POST":
        follow = saved.confirm(token)
        told = _("已确认。有新的结果会发邮件给您，每天最多一封，每封邮件里都可以一键退订。")
        return done(told, _with(finding.PATH, follow.asked))
    found: FollowedSearch | None = saved.BY_MAIL.of_token(saved.BY_MAIL.confirm, token)
    return kit.letter(
        "follow/confirm.html", what=_what(found), room=_room(),
        promise=_("确认以后，这个搜索有新的结果就发邮件给您，每天最多一封；每封邮件都能一键退订。"),
        look=(_("先看结果"), _with(finding.PATH, found.asked if found else "")),
        too_late=_("确认要在三天内完成。请回到搜索页重新填写邮箱。"),
    )  # fmt: skip


@bp.route("/search/follow/leave/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def leave_search(token: str) -> Any:
    """One POST leaves, from this page or straight from a mail program (RFC 8058), which knows no form's token."""
    if request.method == "POST":
        saved.leave(token)
    found: FollowedSearch | None = saved.BY_MAIL.of_token(saved.BY_MAIL.leave, token)
    if found is None:
        text = _("不会再收到这个搜索的邮件，您的邮箱已从本站删除。")
        return kit.letter("follow/left.html", text=text, room=_room(), look=(_("再搜一搜"), finding.PATH))
    text = _("退订后不再收到这个搜索的邮件，您的邮箱从本站删除。")
    return kit.letter("follow/leave.html", what=_what(found), text=text, room=_room())


def _what(follow: FollowedSearch | None) -> str:
    return finding.in_words(finding.of_state(follow.asked)) if follow else ""


def _room() -> tuple[str, str]:
    return _("搜索"), finding.PATH


kit.let_mail_programs_leave(bp, leave_search)
