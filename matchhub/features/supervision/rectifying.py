"""Rectification orders (整改单): issued, acknowledged, answered item by item, verified, issued again or escalated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _, _l
from matchhub.domain import attachments, deadlines, lifecycle, messages, numbering, reference
from matchhub.domain.models import Project, Rectification, RectificationItem, User, Visit
from matchhub.domain.parties import Party, parties
from matchhub.features.supervision.planning import RUNNING

RESULTS: dict[str, str] = {"fixed": _l("已到位"), "partly": _l("部分到位"), "not_fixed": _l("未到位")}
RESULT_TONES = {"fixed": "ok", "partly": "warn", "not_fixed": "danger"}
EVIDENCE = "rectification_reply"
SEVERE = "severe"


@command
def issue(
    actor: User, project: Project, items: Sequence[Mapping[str, str]], severe: bool | None = None
) -> Rectification:
    """Order an organisation to put something right, apart from any visit.

    `severe` None: the gravest item decides which period applies. Raises NotYours and NotNow.
    """
    if not parties(actor, project) & {Party.OFFICE, Party.APPROVER, Party.SUPERVISOR}:
        raise NotYours(_("只有主办科室和本项目的督导可以开整改单。"))
    if project.state not in RUNNING:
        raise NotNow(_("项目不在实施期，不能开整改单。"))
    return make_order(actor, project, items, severe=severe)


def make_order(
    actor: User,
    project: Project,
    items: Sequence[Mapping[str, str]],
    *,
    severe: bool | None = None,
    visit: Visit | None = None,
) -> Rectification:
    """Write the order inside the present command; its day counts from today in working days."""
    if not items or any(not item.get("issue") or not item.get("requirement") for item in items):
        raise NotNow(_("请写明每个整改问题和整改要求。"))
    is_severe = any(item.get("severity") == SEVERE for item in items) if severe is None else severe
    order = Rectification(
        ref=numbering.next_ref(numbering.RECTIFICATION), project=project, visit=visit, issued_by_id=actor.id,
        issued_at=clock.now(), due_on=_due_on(is_severe),
    )  # fmt: skip
    order.items = [
        RectificationItem(
            issue=item["issue"], basis=item.get("basis", ""), requirement=item["requirement"],
            severity=item.get("severity") or "medium",
        )
        for item in items
    ]  # fmt: skip
    db.session.add(order)
    db.session.flush()
    lifecycle.record(
        actor, order, "issue", {"project": project.ref, "items": len(items), "due_on": order.due_on.isoformat()}
    )
    messages.tell(order, "issue", (Party.OWNER,), actor, note=order.due_on.isoformat())
    return order


def _due_on(severe: bool) -> date:
    return deadlines.rectification_due_on(clock.today(), reference.terms(), reference.calendar(), severe=severe)


def _must_be_open(order: Rectification, seen: int | None) -> None:
    lifecycle.same_version(order, seen)
    if not order.is_open:
        raise NotNow(_("整改单已经完成，不能再改。"))


@command
def acknowledge(actor: User, order: Rectification, seen: int | None = None) -> None:
    """The organisation has received the order."""
    _must_be_open(order, seen)
    order.acknowledged_at = clock.now()
    lifecycle.advance(order, "acknowledge", actor)


@command
def escalate(actor: User, order: Rectification, seen: int | None = None) -> None:
    """Hand an order that is overdue to the street."""
    _must_be_open(order, seen)
    lifecycle.advance(order, "escalate", actor)


@command
def reply(
    actor: User,
    order: Rectification,
    replies: Sequence[str],
    stored: Iterable[Stored] = (),
    seen: int | None = None,
) -> None:
    """What the organisation did about each item, in the order of the items, with evidence.

    The text for an item that was already found fixed is left aside. Raises NotYours, NotNow and Stale.
    """
    _must_be_open(order, seen)
    now = clock.now()
    for item, text in zip(order.items, replies, strict=True):
        if item.result != "fixed":
            item.reply, item.result, item.result_note = text.strip(), "", ""
    order.acknowledged_at = order.acknowledged_at or now
    order.reported_at = now
    order.first_reported_at = order.first_reported_at or now
    lifecycle.advance(order, "report", actor)
    for file in stored:
        attachments.attach(order, EVIDENCE, file, actor)


@command
def verify(
    actor: User,
    order: Rectification,
    results: Sequence[tuple[str, str]],
    action: str,
    note: str = "",
    seen: int | None = None,
) -> None:
    """Judge each item ((result, note), in the order of the items), then `close` the order or `reissue` it.

    Reissuing sets a new day and keeps this round of each item that is not fixed. Raises NotYours, NotNow and Stale.
    """
    _must_be_open(order, seen)
    if action not in ("close", "reissue"):
        raise ValueError(action)
    for item, (result, remark) in zip(order.items, results, strict=True):
        if result not in RESULTS:
            raise NotNow(_("请逐项选择核验结果。"))
        item.result, item.result_note = result, remark.strip()
    order.verified_at, order.verify_note = clock.now(), note.strip()
    lifecycle.advance(order, action, actor, results=[item.result for item in order.items])
    if action == "reissue":
        _next_round(order)


def _next_round(order: Rectification) -> None:
    left = [item for item in order.items if item.result != "fixed"]
    for item in left:
        round_ = {"at": clock.now().isoformat(), "reply": item.reply, "result": item.result, "note": item.result_note}
        item.history, item.reply = [*item.history, round_], ""
    order.due_on = _due_on(any(item.severity == SEVERE for item in left))
