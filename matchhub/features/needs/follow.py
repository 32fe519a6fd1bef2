"""Following a need: with an account, with a code and nothing else, or by e-mail. None of it is on record.

Whether an address follows anything is never told to whoever types it in: the answer is the same in every case. An
address is kept only while it follows; unconfirmed ones are deleted after three days, and all of a need with its end.
"""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import clock, ids, mail, outbox
from matchhub.core.db import command, db
from matchhub.core.errors import Missing, NotNow
from matchhub.core.i18n import _, _l
from matchhub.domain import following, paths, policy, subscribing, throttle
from matchhub.domain.following import News
from matchhub.domain.models import Need, NeedFollow, User

CODE_LENGTH = 10
CODES_PER_ADDRESS = 20
MAILING_SECONDS = 300.0
BY_MAIL = subscribing.kind("need-follow", NeedFollow, "/follow")

CONFIRM_SUBJECT = _l("请确认关注：%(title)s")
CONFIRM_TEXT = _l(
    "有人（希望是您）在本站用这个邮箱关注下面的需求。点开下面的链接并确认后，有新的进展才会发邮件给您。\n\n%(title)s\n\n"
    "如果不是您，不用理会，三天后这个邮箱会从本站删除，也不会再收到邮件。"
)
NEWS_SUBJECT = _l("%(word)s：%(title)s")
LAST_LINE = _l("这条需求到此结束，这是最后一封邮件，您的邮箱已从本站删除。")


def _new(need: Need, **whose: object) -> NeedFollow:
    known = [one.key for one in following.news_of([need]).get(need.id, [])]
    follow = NeedFollow(need_id=need.id, nonce=subscribing.new_nonce(), known=known, **whose)
    db.session.add(follow)
    return follow


def _find(need: Need, *which: sa.ColumnElement[bool]) -> NeedFollow | None:
    return db.session.scalar(sa.select(NeedFollow).where(NeedFollow.need_id == need.id, *which))


def _require_public(need: Need) -> None:
    if need.state not in policy.NEED_PUBLIC:
        raise Missing(need.ref)


# --- with an account --------------------------------------------------------------------------------------------------


@command
def with_account(actor: User, need: Need) -> None:
    """From now on the account is told of the need's news. Doing it twice changes nothing."""
    _require_public(need)
    if _find(need, NeedFollow.user_id == actor.id) is None:
        _new(need, user_id=actor.id)


@command
def leave_account(actor: User, need: Need) -> None:
    db.session.execute(sa.delete(NeedFollow).where(NeedFollow.need_id == need.id, NeedFollow.user_id == actor.id))


# --- with a code ------------------------------------------------------------------------------------------------------


@command
def with_code(need: Need, address: str, code: str = "") -> str:
    """Follow with a code that its holder has, or with a new one; the code.

    Raises throttle.TooMany, NotNow for a code that does not exist.
    """
    _require_public(need)
    throttle.reserve({throttle.address_key(address, "follow"): CODES_PER_ADDRESS})
    if code and not following.by_code(code):
        raise NotNow(_("没有找到这个关注码，请核对；不填就会给您一个新的。"))
    code = code or ids.public_code(CODE_LENGTH)
    digest = following.code_sha256(code)
    if _find(need, NeedFollow.code_sha256 == digest) is None:
        _new(need, code_sha256=digest)
    return code


@command
def leave_code(code: str, need: Need) -> None:
    """The holder of the code follows this need no longer."""
    mine = NeedFollow.code_sha256 == following.code_sha256(code)
    db.session.execute(sa.delete(NeedFollow).where(NeedFollow.need_id == need.id, mine))


@command
def have_seen(code: str) -> None:
    """Everything that is news now is not new any more to the holder of the code."""
    follows = following.by_code(code)
    news = following.news_of([follow.need for follow in follows])
    for follow in follows:
        follow.known = [one.key for one in news.get(follow.need_id, [])]


# --- by e-mail --------------------------------------------------------------------------------------------------------


@command
def ask_by_mail(need: Need, email: str, address: str) -> None:
    """Send a link to confirm to an address that does not follow yet.

    Raises throttle.TooMany, NotNow where this site sends no mail.
    """
    _require_public(need)
    if not mail.is_on():
        raise NotNow(_("本站还没有开通邮件，请用关注码。"))
    words = {"title": need.title}
    known = _find(need, NeedFollow.email == email)
    text = CONFIRM_TEXT % words
    subscribing.ask(BY_MAIL, email, address, known, lambda: _new(need, email=email), CONFIRM_SUBJECT % words, text)


@command
def confirm(token: str) -> NeedFollow:
    """The owner of the address has confirmed. Raises NotNow when the link is too old or was left unused too long."""
    follow: NeedFollow
    follow, first = subscribing.confirmed(BY_MAIL, token, _("这个链接已经失效，请回到需求页重新填写邮箱。"))
    if first:
        follow.known = [one.key for one in following.news_of([follow.need]).get(follow.need_id, [])]
    return follow


@command
def leave(token: str) -> None:
    """Delete the address of this follow and every mail to it that still waits. Doing it twice changes nothing."""
    subscribing.left(BY_MAIL, token)


@outbox.every(MAILING_SECONDS)
def mail_news() -> int:
    """Send each confirmed address one mail with what is new since the last; how many were sent.

    Takes no turn among the writers when there is nothing to do. What was missed is made up for, nothing is sent twice.
    """
    return _mail_news() if _is_due() else 0


def _is_due() -> bool:
    if db.session.scalar(sa.select(NeedFollow.id).where(*BY_MAIL.forgotten()).limit(1)) is not None:
        return True
    if not mail.is_on():
        return False
    follows = following.mailing()
    news = following.news_of([follow.need for follow in follows])
    return any(_fresh(follow, news.get(follow.need_id, [])) for follow in follows)


def _fresh(follow: NeedFollow, news: list[News]) -> list[News]:
    return [one for one in news if one.key not in follow.known]


@command
def _mail_news() -> int:
    subscribing.forget_unconfirmed(BY_MAIL)
    follows, sent = list(following.mailing()) if mail.is_on() else [], 0
    news = following.news_of([follow.need for follow in follows])
    for follow in follows:
        if fresh := _fresh(follow, news.get(follow.need_id, [])):
            _send(follow, fresh)
            sent += 1
    return sent


def _send(follow: NeedFollow, fresh: list[News]) -> None:
    """One mail for all that is new, newest first; with a need's last news the address is deleted."""
    over = any(one.kind in following.LAST for one in fresh)
    leave_path = BY_MAIL.leave_path(follow)
    lines = [
        "\n".join(part for part in (f"{clock.local(one.at):%Y-%m-%d %H:%M} {one.word}", one.text) if part)
        for one in fresh
    ]
    closing = LAST_LINE if over else subscribing.LEAVE_LINE % {"url": mail.address(leave_path)}
    subject = NEWS_SUBJECT % {"word": fresh[0].word, "title": follow.need.title}
    text = "\n\n".join((follow.need.title, *lines, closing))
    email, dedupe = follow.email or "", BY_MAIL.dedupe(follow, fresh[0].key)
    mail.post(email, subject, text, paths.path(follow.need), dedupe, leave="" if over else leave_path)
    if over:
        db.session.delete(follow)
    else:
        follow.known = [*follow.known, *(one.key for one in fresh)]
