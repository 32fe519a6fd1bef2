"""Who is told of what by which way: each person's choices, what may not be switched off, and the daily mail.

A message goes to the site and, where somebody has an address, by mail: at once, or gathered into one mail a day, which
is the usual way for organisations. What starts a clock against its reader or decides about it is always told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from matchhub.core import clock, mail
from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.domain.models import DigestLine, MailHabit, MessageChoice, Role, User

ORG = frozenset({Role.ORG_ADMIN, Role.ORG_MEMBER})
STAFF, APPROVER = frozenset({Role.STREET_STAFF}), frozenset({Role.STREET_APPROVER})
STREET, CENTRE = STAFF | APPROVER, frozenset({Role.CENTRE_STAFF})
REVIEWER, SUPERVISOR = frozenset({Role.REVIEWER}), frozenset({Role.SUPERVISOR})
FOUNDATION, NEIGHBOURHOOD = frozenset({Role.FOUNDATION}), frozenset({Role.NEIGHBOURHOOD})
JUDGES = REVIEWER | SUPERVISOR | STREET

# Told always, on the site and by mail at once: a clock runs against the reader, or a right of theirs is decided.
FIXED = frozenset({
    "application.ask_correction", "application.correction_due", "application.disqualify", "application.keep_exclusion",
    "application.award", "application.reject", "application.unpropose", "application.reconsider", "application.reseal",
    "organisation.return", "organisation.refuse", "organisation.suspend", "notice.publish", "objection.receive",
    "hearing.ask", "hearing.due", "project.terminate", "project.pause", "rectification.issue", "rectification.reissue",
    "visit.submit", "visit.confirm_due", "assessment.announce", "assessment.finalise",
})  # fmt: skip
# Too late in tomorrow's mail: mailed at once, also to those who get one mail a day.
AT_ONCE = FIXED | {
    "application.closes_in_48h", "application.closes_in_6h", "review_round.due_in_1d", "report.overdue",
    "rectification.overdue", "event.moved", "event.cancel", "event.promoted",
}  # fmt: skip
MORNING = time(8)  # when the daily mail leaves, wall clock in Shanghai
ONE_DAY, KEPT_FOR = timedelta(days=1), timedelta(days=30)
MOST_LINES = 200

# For whom events are that no table of moves names; by their own name, or by the kind of record before the dot.
AUDIENCE: dict[str, frozenset[Role]] = {
    "organisation": ORG, "organisation.submit": STREET | CENTRE, "organisation.leave": STREET,
    "need": ORG, "need.raise": STREET, "need.submit": APPROVER, "need.question": STAFF, "need.answers_due": STREET,
    "need.lose_share": STREET, "need.renew_key": STREET | CENTRE, "need.give_share": STREET | CENTRE,
    "need.open_applications": STREET, "need.opening_due": STREET | CENTRE, "need.rehearsal_due": STREET | CENTRE,
    "need.answer_invitation": STREET, "need.decline": NEIGHBOURHOOD, "need.half_way": NEIGHBOURHOOD,
    "need.closed_out": NEIGHBOURHOOD, "need.match": ORG | STREET | NEIGHBOURHOOD, "application": ORG,
    "application.object": STREET, "review_round": REVIEWER, "review_round.declare_tie": STREET,
    "review_round.ask_untie": APPROVER, "review_round.untie": STREET | REVIEWER,
    "review_round.refuse_untie": STREET | REVIEWER, "notice": ORG | STREET, "objection": STREET, "hearing": ORG,
    "hearing.reply": STREET, "project": ORG, "project.assign_supervisor": SUPERVISOR | STAFF, "report": ORG,
    "visit": ORG, "visit.answer_suggestion": SUPERVISOR | STAFF, "rectification": ORG,
    "rectification.overdue_issuer": SUPERVISOR | STREET, "closing_report": ORG | STREET, "assessment": JUDGES | ORG,
    "support_line": STREET, "pledge": ORG | STREET, "event": ORG | JUDGES | CENTRE, "event.judge": JUDGES,
    "event.present": ORG, "event.drawn": ORG,
}  # fmt: skip

TOPICS: dict[str, str] = {
    "need": _l("需求和答疑"), "application": _l("申报"), "review_round": _l("评审"), "event": _l("活动和路演"),
    "notice": _l("公示"), "objection": _l("异议"), "hearing": _l("异议"), "organisation": _l("机构入驻和资料"),
    "project": _l("项目"), "report": _l("月报"), "visit": _l("督导"), "rectification": _l("整改"),
    "closing_report": _l("结项和测评"), "assessment": _l("结项和测评"), "support_line": _l("基金会支持"),
    "pledge": _l("基金会支持"), "help_request": _l("绿色通道"), "coaching_note": _l("辅导记录"),
}  # fmt: skip
OTHER = _l("其他")


def audience(event: str) -> frozenset[Role]:
    """The roles that an event is for: as its move says whom it tells, else as AUDIENCE says; everybody when unknown."""
    from matchhub.domain import lifecycle  # lifecycle stands on messages, and messages on this module

    kind, _dot, action = event.partition(".")
    told = {
        party
        for life in lifecycle.LIVES.values()
        if life.kind == kind
        for move in life.moves
        if move.action == action
        for party in move.tells
    }
    found = AUDIENCE.get(event, frozenset()) | {role for party in told for role in _roles(party.value)}
    return found or AUDIENCE.get(kind, frozenset(Role))


def _roles(party: str) -> frozenset[Role]:
    by_party = {
        "owner": ORG, "owner_admin": frozenset({Role.ORG_ADMIN}), "office": STAFF, "approver": APPROVER,
        "centre": CENTRE, "reviewer": REVIEWER, "supervisor": SUPERVISOR | STAFF, "inspector": SUPERVISOR | STAFF,
        "judge": JUDGES, "author": JUDGES, "foundation": FOUNDATION, "neighbourhood": NEIGHBOURHOOD,
        "auditor": frozenset({Role.AUDITOR}), "sysadmin": frozenset({Role.SYSADMIN}),
    }  # fmt: skip
    return by_party.get(party, frozenset())


@dataclass(frozen=True, slots=True)
class Way:
    """How one person is told of one event."""

    on_site: bool = True
    by_mail: bool = True


USUAL = Way()


def events_for(user: User, events: Iterable[str]) -> dict[str, list[str]]:
    """topic -> the events that somebody in this person's roles is told of, both in their usual order."""
    found: dict[str, list[str]] = {}
    for event in events:
        if audience(event) & user.roles:
            found.setdefault(TOPICS.get(event.partition(".")[0], OTHER), []).append(event)
    return {topic: found[topic] for topic in dict.fromkeys((*TOPICS.values(), OTHER)) if topic in found}


def choices_of(user: User) -> dict[str, Way]:
    """What this person has chosen otherwise than usual."""
    found = sa.select(MessageChoice).where(MessageChoice.user_id == user.id)
    return {row.event: Way(row.on_site, row.by_mail) for row in db.session.scalars(found)}


def ways(event: str, users: Sequence[User]) -> Mapping[int, Way]:
    """account -> how each of these people is told of an event; one statement, none for what nobody can switch off."""
    if event in FIXED or not users:
        return {user.id: USUAL for user in users}
    found = sa.select(MessageChoice).where(
        MessageChoice.event == event, MessageChoice.user_id.in_([user.id for user in users])
    )
    chosen = {row.user_id: Way(row.on_site, row.by_mail) for row in db.session.scalars(found)}
    return {user.id: chosen.get(user.id, USUAL) for user in users}


def gets_one_a_day(user: User) -> bool:
    """Whether this person's mails are gathered; without a choice of their own, those of organisations are."""
    habit = db.session.get(MailHabit, user.id)
    return habit.daily if habit is not None else bool(user.roles & ORG)


def choose(user: User, chosen: Mapping[str, Way], daily: bool) -> None:
    """Keep a person's choices, inside the present command; what cannot be switched off is left out."""
    db.session.execute(
        sa.delete(MessageChoice).where(MessageChoice.user_id == user.id, MessageChoice.event.in_(chosen))
    )
    for event, way in chosen.items():
        if event not in FIXED and way != USUAL:
            db.session.add(MessageChoice(user_id=user.id, event=event, on_site=way.on_site, by_mail=way.by_mail))
    habit = db.session.get(MailHabit, user.id)
    if habit is None:
        db.session.add(MailHabit(user_id=user.id, daily=daily))
    else:
        habit.daily = daily


def post(user: User, event: str, sentence: str, title: str, note: str, url: str) -> None:
    """Mail one message, at once or with the next daily mail; nothing where no mail is sent."""
    if not user.email or not mail.is_on():
        return
    if event in AT_ONCE or not gets_one_a_day(user):
        mail.post(user.email, f"{sentence}：{title}", f"{sentence}\n{title}\n{note}".strip(), url)
    else:
        db.session.add(DigestLine(user_id=user.id, event=event, title=title[:200], note=note, url=url))


# --- the daily mail --------------------------------------------------------------------------------------------------


def last_morning(now: datetime) -> datetime:
    """The newest moment, not after `now`, at which daily mails leave."""
    today = clock.utc(clock.local(now).date(), MORNING)
    return today if today <= now else today - ONE_DAY


def waiting(now: datetime) -> bool:
    """Whether any message is old enough for a daily mail."""
    found = sa.select(DigestLine.id).where(DigestLine.sent_at.is_(None), DigestLine.at <= last_morning(now)).limit(1)
    return db.session.scalar(found) is not None


def send_daily(events: Mapping[str, str]) -> int:
    """Inside a command: one mail to each person for whom lines wait since before this morning; how many mails.

    Lines are grouped by what they are about, the newest first. A missed morning is made up for at the next run, and a
    line is sent once: it is marked in the same transaction.
    """
    now = clock.now()
    db.session.execute(sa.delete(DigestLine).where(DigestLine.sent_at < now - KEPT_FOR))
    due = sa.select(DigestLine).where(DigestLine.sent_at.is_(None), DigestLine.at <= last_morning(now))
    lines: dict[int, list[DigestLine]] = {}
    for line in db.session.scalars(due.order_by(DigestLine.id)):
        lines.setdefault(line.user_id, []).append(line)
        line.sent_at = now
    people = {user.id: user for user in db.session.scalars(sa.select(User).where(User.id.in_(lines)))}
    sent = 0
    for user_id, mine in lines.items():
        user = people[user_id]
        if user.active and user.email:
            mail.post(user.email, _SUBJECT % {"n": len(mine)}, _text(mine, events), "/my/messages")
            sent += 1
    return sent


_SUBJECT = _l("您有 %(n)s 条新消息")  # mails are in the source language


def _text(lines: Sequence[DigestLine], events: Mapping[str, str]) -> str:
    """The lines by their record: the record with the newest line first, within it the newest line first."""
    groups: dict[str, list[DigestLine]] = {}
    for line in reversed(lines):
        groups.setdefault(line.title, []).append(line)
    blocks = []
    for title, mine in list(groups.items())[:MOST_LINES]:
        rows = [
            f"- {clock.local(line.at):%m-%d %H:%M} {events.get(line.event, line.event)}"
            + (f"（{line.note}）" if line.note else "")
            for line in mine
        ]
        blocks.append("\n".join([title, *rows]))
    return "\n\n".join(blocks)
