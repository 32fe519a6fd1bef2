"""Deeds around public notices: drafting, publishing, correcting, revoking and concluding them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, lifecycle, noticing
from matchhub.domain.models import Need, Notice, NoticeKind, NoticeState, Organisation, Project, User
from matchhub.domain.parties import Party, parties
from matchhub.features.notices.objections import accept, answer, object_to

__all__ = ["accept", "amend", "answer", "conclude", "draft", "object_to", "publish", "revoke", "save"]

TEXTS = ("title", "basis", "body", "working_days")
# Notices of these kinds are written by hand; the others come from a review or an assessment with their table.
BY_HAND = (NoticeKind.ADMISSION, NoticeKind.CHANGE, NoticeKind.TERMINATION)


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
    if notice.kind in BY_HAND:
        _set_table(notice, values)
    gone = set(removed)
    for row in attachments.of(notice, "notice"):
        if row.code in gone:
            attachments.remove(row)
    _attach(notice, stored, actor)
    lifecycle.record(actor, notice, "save")


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
) -> Notice:
    """Publish a correction with a period of its own; the notice that it corrects stays readable and points to it.

    `values` are the corrected title, basis, body, rows. Files of the first notice are carried over.
    """
    lifecycle.same_version(notice, seen)
    rows = values["rows"] if notice.kind in BY_HAND and "rows" in values else notice.rows
    made = noticing.draft(
        notice.kind, values["title"], values["body"], rows, actor, basis=values.get("basis", notice.basis),
        need=_linked(Need, notice.need_id), organisation=_linked(Organisation, notice.organisation_id),
        project=_linked(Project, notice.project_id), working_days=notice.working_days,
    )  # fmt: skip
    made.corrects = notice
    _carry_files(notice, made, actor)
    _attach(made, stored, actor)
    notice.outcome = reason
    lifecycle.advance(notice, "amend", actor, reason=reason, by=made.ref)
    noticing.put_up(made, actor)
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
    notice.outcome = reason
    lifecycle.advance(notice, "revoke", actor, reason=reason)
    if (effect := noticing.effect_of(notice)) is not None:
        effect.on_conclude(notice, actor, True)


@command
def conclude(actor: User, notice: Notice, seen: int | None, outcome: str, upheld: bool = False) -> None:
    """End a notice after its period: without upheld objections its result takes effect.

    `upheld` sends the result back to be decided anew; raises NotNow when no objection was upheld.
    """
    lifecycle.same_version(notice, seen)
    if upheld and not noticing.outcome_of(notice).upheld:
        raise NotNow(_("没有成立的异议，不能退回重新研究。"))
    noticing.conclude(notice, actor, outcome, upheld)
