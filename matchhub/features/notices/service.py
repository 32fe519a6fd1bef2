"""Deeds around public notices: drafting, publishing, correcting, revoking and concluding them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import admitting, attachments, changing, ending, lifecycle, noticing
from matchhub.domain.models import Need, Notice, NoticeKind, NoticeState, Organisation, Project, User
from matchhub.domain.parties import Party, parties
from matchhub.features.notices.objections import accept, answer, object_to

__all__ = ["accept", "amend", "answer", "conclude", "discard", "draft", "object_to", "publish", "revoke", "save"]

TEXTS = ("title", "basis", "body", "working_days")
# Notices of these kinds are written by hand; the others come from a review or an assessment with their table.
BY_HAND = (NoticeKind.ADMISSION, NoticeKind.CHANGE, NoticeKind.TERMINATION)


@command
def draft_admission(actor: User, organisation: Organisation) -> Notice:
    """The draft of an admission notice of an organisation that waits. Raises NotNow."""
    return admitting.draft_notice(organisation, actor)


@command
def draft_termination(actor: User, project: Project, reason: str) -> Notice:
    """The draft of the notice of a project's early end. Raises NotNow."""
    return ending.draft_notice(project, reason, actor)


@command
def draft_change(
    actor: User, project: Project, kind: str, rows: Sequence[Mapping[str, str]], reason: str, ends_on: date | None
) -> Notice:
    """The draft of the notice of a project's change (domain/changing.py). Raises NotNow."""
    return changing.draft_notice(project, kind, rows, reason, ends_on, actor)


def _require_office(actor: User, notice: Notice) -> None:
    if not parties(actor, notice) & {Party.OFFICE, Party.APPROVER}:
        raise NotYours(_("只有街道工作人员可以办理公示。"))


@command
def draft(actor: User, kind: NoticeKind, values: Mapping[str, Any], stored: Sequence[Stored] = ()) -> Notice:
    """A draft written by hand: `values` holds title, body, basis, rows, working_days, organisation, project, need.

    Raises NotNow for a kind that is drafted from a review or an assessment.
    """
    if kind not in BY_HAND:
        raise NotNow(_("拟立项和测评结果的公示由评审、测评结果生成，不能手工起草。"))
    notice = noticing.draft(
        kind, values["title"], values.get("body", ""), values.get("rows", ()), actor, basis=values.get("basis", ""),
        need=values.get("need"), organisation=values.get("organisation"), project=values.get("project"),
        working_days=values.get("working_days"),
    )  # fmt: skip
    _require_office(actor, notice)
    _attach(notice, stored, actor)
    return notice


@command
def save(
    actor: User,
    notice: Notice,
    seen: int | None,
    values: Mapping[str, Any],
    stored: Sequence[Stored] = (),
    removed: Iterable[str] = (),
) -> None:
    """Change a draft. The table of a notice that comes from a review or an assessment stays as it is.

    Raises Stale, NotNow once it is published.
    """
    lifecycle.same_version(notice, seen)
    _require_office(actor, notice)
    if notice.state is not NoticeState.DRAFT:
        raise NotNow(_("公示已经发布，内容不能再改；有误请发布更正公告。"))
    for name in TEXTS:
        if name in values:
            setattr(notice, name, values[name])
    if written_by_hand(notice):
        _set_table(notice, values)
    gone = set(removed)
    for row in attachments.of(notice, "notice"):
        if row.code in gone:
            attachments.remove(row)
    _attach(notice, stored, actor)
    lifecycle.record(actor, notice, "save")


def written_by_hand(notice: Notice) -> bool:
    """Whether its table is typed: not when it comes from a review, an assessment or the record that it changes."""
    return notice.kind in BY_HAND and notice.proposal is None


def _set_table(notice: Notice, values: Mapping[str, Any]) -> None:
    """The table and the links of a notice written by hand."""
    if "rows" in values:
        notice.rows = [dict(row) for row in values["rows"]]
    for name in ("organisation", "project", "need"):
        if name in values:
            setattr(notice, f"{name}_id", values[name].id if values[name] else None)


def _attach(notice: Notice, stored: Iterable[Stored], actor: User) -> None:
    for one in stored:
        attachments.attach(notice, "notice", one, actor)


@command
def discard(actor: User, notice: Notice, seen: int | None = None) -> None:
    """Take away a draft that is not needed; that it was written and taken away stays on record.

    Raises Stale, and NotNow for what is published or follows from a review or an assessment.
    """
    lifecycle.same_version(notice, seen)
    _require_office(actor, notice)
    if not may_be_discarded(notice):
        raise NotNow(_("只有还没有发布的入驻、变更和终止公示可以丢弃草稿。"))
    for row in attachments.of(notice, "notice"):
        attachments.remove(row)
    lifecycle.record(actor, notice, "discard", {"kind": notice.kind.value})
    db.session.delete(notice)


def may_be_discarded(notice: Notice) -> bool:
    return notice.state is NoticeState.DRAFT and notice.kind in BY_HAND


@command
def publish(actor: User, notice: Notice, seen: int | None = None) -> Notice:
    """Publish a draft: it never changes afterwards, its period begins tomorrow, what it is about moves.

    Raises Stale and Refused.
    """
    lifecycle.same_version(notice, seen)
    noticing.publish(notice, actor)
    return notice


@command
def amend(
    actor: User,
    notice: Notice,
    seen: int | None,
    values: Mapping[str, Any],
    reason: str,
    stored: Sequence[Stored] = (),
    substantial: bool = True,
) -> Notice:
    """Publish a correction: a notice of its own that replaces the first, which stays readable and points to it.

    `values` are the corrected title, basis, body, rows. Files of the first notice are carried over. The period begins
    anew when the correction is `substantial` or changes table or basis; a correction of mere words keeps it
    (docs/decisions/0012-corrections-of-notices.md).
    """
    lifecycle.same_version(notice, seen)
    rows = values["rows"] if written_by_hand(notice) and "rows" in values else notice.rows
    made = noticing.draft(
        notice.kind, values["title"], values["body"], rows, actor, basis=values.get("basis", notice.basis),
        need=_linked(Need, notice.need_id), organisation=_linked(Organisation, notice.organisation_id),
        project=_linked(Project, notice.project_id), working_days=notice.working_days,
        proposal=notice.proposal,
    )  # fmt: skip
    made.corrects = notice
    made.substantial = substantial or rows != notice.rows or made.basis != notice.basis
    _carry_files(notice, made, actor)
    _attach(made, stored, actor)
    notice.outcome = reason
    lifecycle.advance(notice, "amend", actor, reason=reason, by=made.ref, substantial=made.substantial)
    noticing.put_up(made, actor, like=None if made.substantial else notice)
    return made


def _linked(model: type, row_id: int | None) -> Any:
    return db.session.get(model, row_id) if row_id else None


def _carry_files(earlier: Notice, made: Notice, actor: User) -> None:
    for row in attachments.of(earlier, "notice"):
        stored = Stored(row.sha256, row.name, row.media_type, row.size_bytes)
        attachments.attach(made, "notice", stored, actor, caption=row.caption)


@command
def revoke(actor: User, notice: Notice, seen: int | None, reason: str) -> None:
    """Revoke a published notice with a public reason; what it announced is decided anew."""
    lifecycle.same_version(notice, seen)
    noticing.revoke(notice, actor, reason)


@command
def conclude(actor: User, notice: Notice, seen: int | None, outcome: str, upheld: bool = False) -> None:
    """End a notice after its period: without upheld objections its result takes effect.

    `upheld` sends the result back to be decided anew; raises NotNow when no objection was upheld.
    """
    lifecycle.same_version(notice, seen)
    if (why := whose_end(notice, actor)) is not None:
        raise NotYours(why)
    if upheld and not noticing.outcome_of(notice).upheld:
        raise NotNow(_("没有成立的异议，不能退回重新研究。"))
    noticing.conclude(notice, actor, outcome, upheld)


def whose_end(notice: Notice, actor: User) -> str | None:
    """Why this person cannot end a notice although its period is over: an end of a project is the approver's."""
    ends = notice.kind is NoticeKind.TERMINATION and notice.proposal is not None
    if ends and Party.APPROVER not in parties(actor, notice):
        return _("项目终止须由街道审批人决定，请审批人来结束这份公示。")
    return None
