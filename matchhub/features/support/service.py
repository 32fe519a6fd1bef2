"""Deeds around support: a project asks, the street confirms, a foundation pledges, and what it brought is accounted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, money
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, lifecycle, messages, numbering, supporting
from matchhub.domain.models import (
    EntryKind,
    Pledge,
    PledgeEntry,
    PledgeState,
    Project,
    SupportKind,
    SupportLine,
    User,
)
from matchhub.domain.models.support import STANDING
from matchhub.domain.parties import Party, parties

FIELDS = ("kind", "title", "quantity", "details", "budget_row", "why", "until")
Problem = tuple[str, str]


def problems(project: Project, values: Mapping[str, Any], line: SupportLine | None = None) -> list[Problem]:
    """(field, sentence) of what is wrong with a line: its day, its details, and more than its budget row holds."""
    found = []
    if values["until"] <= clock.today():
        found.append(("until", _("截止日期要晚于今天。")))
    if project.ends_on is not None and values["until"] > project.ends_on:
        found.append(("until", _("截止日期不能晚于项目结束日期 %(day)s。", day=project.ends_on)))
    if values["kind"] != SupportKind.MONEY and not values["details"]:
        found.append(("details", _("请写明要什么、多少，例如“折叠轮椅 2 台”。")))
    number = values["budget_row"]
    if number is not None and not 1 <= number <= len(project.budget):
        found.append(("budget_row", _("请从本项目的预算里选择。")))
    elif number is not None and values["kind"] == SupportKind.MONEY:
        rest = supporting.budget_left(project, number, line)
        if values["quantity"] > rest:
            amount = money.yuan(max(0, rest))
            found.append(("quantity", _("这一行预算还可以寻求 %(amount)s 元，请减少金额或换一行。", amount=amount)))
    return found


@command
def propose(actor: User, project: Project, values: Mapping[str, Any]) -> SupportLine:
    """Ask for support of a project that goes on; the street confirms before anybody sees it. Raises Refused."""
    if Party.OWNER not in parties(actor, project):
        raise NotYours(_("只有承接机构可以为项目寻求支持。"))
    if project.state not in supporting.ASKING:
        raise NotNow(_("项目已经进入结项或已经结束，不能再寻求支持。"))
    _refuse(problems(project, values))
    line = SupportLine(
        ref=numbering.next_ref(numbering.SUPPORT), project=project, proposed_by_id=actor.id, **_fields(values)
    )
    db.session.add(line)
    db.session.flush()
    lifecycle.record(actor, line, "propose", {"project": project.ref, "kind": line.kind.value})
    messages.tell(line, "propose", (Party.OFFICE,), actor)
    return line


@command
def resubmit(actor: User, line: SupportLine, seen: int | None, values: Mapping[str, Any]) -> None:
    """Change a line that was sent back, and hand it in again."""
    lifecycle.same_version(line, seen)
    _refuse(problems(line.project, values, line))
    for name, value in _fields(values).items():
        setattr(line, name, value)
    line.proposed_at = clock.now()
    lifecycle.advance(line, "resubmit", actor)


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in FIELDS} | {"kind": SupportKind(values["kind"])}


def _refuse(found: Sequence[Problem]) -> None:
    if found:
        raise NotNow("".join(sentence for _field, sentence in found))


@command
def confirm(actor: User, line: SupportLine, seen: int | None = None) -> None:
    """The street lets everybody see a line, and foundations pledge for it."""
    lifecycle.same_version(line, seen)
    line.opened_at, line.reason = clock.now(), ""
    lifecycle.advance(line, "confirm", actor)


@command
def end_line(actor: User, line: SupportLine, action: str, reason: str, seen: int | None = None) -> None:
    """`send_back` or `close` a line, with its reason."""
    lifecycle.same_version(line, seen)
    line.reason = reason
    if action == "close":
        line.closed_at = clock.now()
    lifecycle.advance(line, action, actor, reason=reason)


@command
def pledge(
    actor: User, line: SupportLine, quantity: int, details: str = "", conditions: str = "", seen: int | None = None
) -> Pledge:
    """A foundation's pledge for a line: at most what is left, and one that stands for each foundation. Raises Refused."""
    foundation = supporting.foundation_of(actor)
    if Party.FOUNDATION not in parties(actor, line) or foundation is None:
        raise NotYours(_("只有基金会可以提出支持。您是基金会的人，请系统管理员把您的“单位”填成平台上基金会的全名。"))
    lifecycle.same_version(line, seen)
    if foundation.id == line.project.organisation_id:
        raise NotNow(_("不能支持本机构自己的项目。"))
    if not supporting.is_asking(line):
        raise NotNow(_("这一项现在不接受支持，可能已经到期或结束。"))
    standing = sa.select(Pledge.ref).where(
        Pledge.line_id == line.id, Pledge.foundation_id == foundation.id, Pledge.state.in_(STANDING)
    )
    if (known := db.session.scalar(standing)) is not None:
        raise NotNow(_("贵基金会已经对这一项提出过支持（%(ref)s），不能重复。", ref=known))
    rest = supporting.left(line)
    if quantity > rest:
        raise NotNow(_("这一项还需要 %(amount)s，请不要超过。", amount=supporting.amount_words(line.kind, rest)))
    made = Pledge(
        ref=numbering.next_ref(numbering.PLEDGE), line=line, foundation=foundation, quantity=quantity, details=details,
        conditions=conditions, pledged_by_id=actor.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    lifecycle.record(actor, made, "pledge", {"line": line.ref, "quantity": quantity})
    messages.tell(made, "pledge", (Party.OWNER, Party.OFFICE), actor)
    return made


@command
def accept(actor: User, one: Pledge, seen: int | None = None) -> None:
    """The organisation or the street accepts a pledge."""
    lifecycle.same_version(one, seen)
    one.decided_at, one.decided_by_id = clock.now(), actor.id
    lifecycle.advance(one, "accept", actor)


@command
def end_pledge(actor: User, one: Pledge, action: str, reason: str, seen: int | None = None) -> None:
    """`decline` (organisation or street) or `withdraw` (foundation) a pledge, with its reason."""
    lifecycle.same_version(one, seen)
    one.reason, one.decided_at, one.decided_by_id = reason, clock.now(), actor.id
    lifecycle.advance(one, action, actor, reason=reason)


@command
def receive(
    actor: User, one: Pledge, on_day: date, quantity: int, words: str, stored: Sequence[Stored] = (),
    seen: int | None = None,
) -> None:  # fmt: skip
    """Record what arrived, in one go or in parts; together never more than was pledged. Raises Refused."""
    _may_enter(actor, one, seen, Party.OWNER, Party.OFFICE)
    if one.state not in (PledgeState.ACCEPTED, PledgeState.RECEIVED, PledgeState.USED):
        raise NotNow(_("接受以后、反馈之前才能登记到账。"))
    rest = one.quantity - one.received
    _within(one, quantity, rest, _("这份支持还差 %(amount)s没有到账，登记不能超过。", amount=_amount(one, rest)))
    _not_later(on_day)
    _enter(actor, one, EntryKind.RECEIPT, on_day, quantity, words, stored)
    if one.state is PledgeState.ACCEPTED:
        lifecycle.advance(one, "receive", actor, quantity=quantity)
    else:
        lifecycle.record(actor, one, "receive_more", {"quantity": quantity})


@command
def use(
    actor: User, one: Pledge, on_day: date, quantity: int, words: str, stored: Sequence[Stored] = (),
    seen: int | None = None,
) -> None:  # fmt: skip
    """Record what was used for what, with evidence; together never more than has arrived. Raises Refused."""
    _may_enter(actor, one, seen, Party.OWNER)
    if one.state not in (PledgeState.RECEIVED, PledgeState.USED):
        raise NotNow(_("到账以后、反馈之前才能登记使用。"))
    rest = one.received - one.used
    _within(one, quantity, rest, _("到账还没有使用的是 %(amount)s，登记不能超过。", amount=_amount(one, rest)))
    _not_later(on_day)
    if not stored and one.line.kind is not SupportKind.EXPERTISE:
        raise NotNow(_("请上传凭证，例如发票、签收单或照片。"))
    _enter(actor, one, EntryKind.USE, on_day, quantity, words, stored)
    if one.state is PledgeState.RECEIVED:
        lifecycle.advance(one, "use", actor, quantity=quantity)
    else:
        lifecycle.record(actor, one, "use_more", {"quantity": quantity})


@command
def report(actor: User, one: Pledge, outcome: str, remainder: str = "", seen: int | None = None) -> None:
    """Tell the foundation what came of its support; what was not used is explained. Raises Refused."""
    lifecycle.same_version(one, seen)
    rest = one.received - one.used
    if rest > 0 and not remainder:
        raise NotNow(_("还有 %(amount)s没有登记使用，请先登记，或说明结余怎样处理。", amount=_amount(one, rest)))
    missing = one.quantity - one.received
    if missing > 0 and not remainder:
        raise NotNow(_("还有 %(amount)s没有到账，请先登记，或说明为什么不再到账。", amount=_amount(one, missing)))
    one.outcome, one.remainder, one.reported_at = outcome, remainder, clock.now()
    lifecycle.advance(one, "report", actor, used=one.used, received=one.received)


def _amount(one: Pledge, quantity: int) -> str:
    return supporting.amount_words(one.line.kind, max(0, quantity))


def _may_enter(actor: User, one: Pledge, seen: int | None, *wanted: Party) -> None:
    lifecycle.same_version(one, seen)
    if not parties(actor, one) & set(wanted):
        raise NotYours(_("您没有进行这一步的权限。"))


def _within(one: Pledge, quantity: int, rest: int, sentence: str) -> None:
    if quantity > rest or quantity < 1:
        raise NotNow(sentence)


def _not_later(on_day: date) -> None:
    if on_day > clock.today():
        raise NotNow(_("日期不能晚于今天。"))


def _enter(
    actor: User, one: Pledge, kind: EntryKind, on_day: date, quantity: int, words: str, stored: Sequence[Stored]
) -> None:
    entry = PledgeEntry(kind=kind, on_day=on_day, quantity=quantity, words=words, recorded_by_id=actor.id)
    one.entries.append(entry)
    one.entry_count += 1
    db.session.flush()
    for file in stored:
        attachments.attach(entry, "evidence", file, actor)
