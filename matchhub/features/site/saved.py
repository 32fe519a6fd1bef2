"""A search that goes on by itself: whoever left an address hears once a day what it finds anew, as a visitor would find it.

The rules of the address are domain/subscribing.py's. None of it is on record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from matchhub.core import clock, mail, outbox
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, Refused
from matchhub.core.i18n import _, _l
from matchhub.domain import messages, subscribing, telling
from matchhub.domain.models import FollowedSearch
from matchhub.features.site import finding
from matchhub.search import IndexUnusable, site

BY_MAIL = subscribing.kind("search-follow", FollowedSearch, "/search/follow")
MAILING_SECONDS = 300.0
# In one mail at most so many; the others come with the next one.
MOST = 50

CONFIRM_SUBJECT = _l("请确认订阅搜索：%(what)s")
CONFIRM_TEXT = _l(
    "有人（希望是您）在本站用这个邮箱订阅下面的搜索。点开下面的链接并确认后，有新的结果才会发邮件给您，每天最多一封。\n\n%(what)s\n\n"
    "如果不是您，不用理会，三天后这个邮箱会从本站删除，也不会再收到邮件。"
)
NEWS_SUBJECT = _l("%(n)s 条新结果：%(what)s")
NEWS_TEXT = _l("您订阅的搜索（%(what)s）有 %(n)s 条新结果。")
ALL_LINE = _l("全部结果：%(url)s")

Found = Mapping[str, "list[str] | None"]


@command
def ask_by_mail(asked: str, email: str, address: str) -> None:
    """Send a link to confirm to an address that does not follow this search yet.

    Raises throttle.TooMany, NotNow where this site sends no mail, Refused for a search for nothing.
    """
    if not mail.is_on():
        raise NotNow(_("本站还没有开通邮件，请用订阅源。"))
    if not asked:
        raise Refused(_("请先输入要找的词，或选一个条件，再订阅。"))
    digest = hashlib.sha256(asked.encode()).hexdigest()
    known = db.session.scalar(
        sa.select(FollowedSearch).where(FollowedSearch.email == email, FollowedSearch.asked_sha256 == digest)
    )
    words = {"what": finding.in_words(finding.of_state(asked))}

    def new() -> FollowedSearch:
        made = FollowedSearch(asked=asked, asked_sha256=digest, email=email, nonce=subscribing.new_nonce())
        db.session.add(made)
        return made

    subscribing.ask(BY_MAIL, email, address, known, new, CONFIRM_SUBJECT % words, CONFIRM_TEXT % words)


@command
def confirm(token: str) -> FollowedSearch:
    """The owner of the address has confirmed: what is found from now on is news.

    Raises NotNow when the link is too old or was left unused too long.
    """
    follow: FollowedSearch
    follow, first = subscribing.confirmed(BY_MAIL, token, _("这个链接已经失效，请回到搜索页重新填写邮箱。"))
    if first:
        follow.known, follow.looked_at = _keys(follow.asked), clock.now()
    return follow


@command
def leave(token: str) -> None:
    """Delete the address with this search and every mail to it that still waits. Doing it twice changes nothing."""
    subscribing.left(BY_MAIL, token)


def _keys(asked: str) -> list[str] | None:
    """Everything that a visitor finds; None while the index cannot be asked."""
    wanted = finding.of_state(asked)
    try:
        return site.keys(wanted.query, wanted["kind"], finding.chosen_in(wanted))
    except IndexUnusable:
        return None


@outbox.every(MAILING_SECONDS)
def mail_hits() -> int:
    """Once a day, in the morning, one mail for each search that finds something new; how many were sent.

    Takes no turn among the writers when there is nothing to do, and looks before it takes one. A missed morning is made up
    for, nothing is sent twice, and while the index cannot be asked it is tried again.
    """
    due = {follow.asked for follow in _due()}
    if not due and db.session.scalar(sa.select(FollowedSearch.id).where(*BY_MAIL.forgotten()).limit(1)) is None:
        return 0
    return _mail_hits({asked: _keys(asked) for asked in sorted(due)})


def _due() -> Sequence[FollowedSearch]:
    """The confirmed addresses that were last looked for before this morning; none where no mail is sent."""
    if not mail.is_on():
        return []
    old = sa.or_(FollowedSearch.looked_at.is_(None), FollowedSearch.looked_at <= telling.last_morning(clock.now()))
    found = sa.select(FollowedSearch).where(FollowedSearch.confirmed_at.is_not(None), old)
    return db.session.scalars(found.order_by(FollowedSearch.id)).all()


@command
def _mail_hits(found: Found) -> int:
    subscribing.forget_unconfirmed(BY_MAIL)
    sent = 0
    for follow in _due():
        keys = found.get(follow.asked)
        if keys is None:
            continue
        if follow.known is None:  # the first look that the index allowed
            follow.known = keys
        sent += _tell(follow, _fresh(keys, follow.known))
        follow.looked_at = clock.now()
    return sent


def _fresh(keys: Sequence[str], known: Collection[str]) -> list[site.Result]:
    """What was not there and not told yet, as far as a visitor may see it now, the newest first."""
    old = set(known)
    return site.records([key for key in keys if key not in old][:MOST])


def _tell(follow: FollowedSearch, hits: Sequence[site.Result]) -> int:
    if not hits:
        return 0
    words = {"n": len(hits), "what": finding.in_words(finding.of_state(follow.asked))}
    lines = [
        f"- {_(finding.KIND_WORDS[hit.kind])}：{messages.title_of(hit.row)}\n  {mail.address(hit.url)}" for hit in hits
    ]
    leave_path = BY_MAIL.leave_path(follow)
    closing = (
        ALL_LINE % {"url": mail.address(f"{finding.PATH}?{follow.asked}&sort=date")},
        subscribing.LEAVE_LINE % {"url": mail.address(leave_path)},
    )
    text = "\n\n".join((NEWS_TEXT % words, *lines, *closing))
    dedupe = BY_MAIL.dedupe(follow, f"{clock.now():%Y%m%d%H%M}")
    mail.post(follow.email, NEWS_SUBJECT % words, text, "", dedupe, leave=leave_path)
    follow.known = [*(follow.known or ()), *(site.key_of(hit.kind, hit.row.id) for hit in hits)]
    return 1
