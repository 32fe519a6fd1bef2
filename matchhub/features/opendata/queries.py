"""Reads what is public of each published need, a batch at a time: the same number of statements for any batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.ledger import LedgerEntry
from matchhub.documents.opendata.facts import Mark, Process, Publisher
from matchhub.documents.opendata.status import STAGES
from matchhub.domain import coding, policy, reference
from matchhub.domain.models import (
    Activity,
    Assessment,
    Need,
    NeedCorrection,
    Notice,
    NoticeKind,
    Organisation,
    PlanRow,
    Project,
)

BATCH = 100
# One release file holds at most so many releases; its `links.next` leads on.
MOST_RELEASES = 200


def publisher(base: str) -> Publisher:
    """Who publishes, as the settings say; `base` is the site's address without a final slash."""
    read = reference.setting
    return Publisher(
        name=read("site_owner") or read("site_name"),
        uscc=read("open_publisher_uscc"),
        base=base,
        ocid_prefix=read("open_ocid_prefix"),
        grant_prefix=read("open_360g_prefix"),
        licence_url=read("open_licence_url"),
    )


def changed_at() -> datetime:
    """When a deed last made something public; the present moment on a site without any."""
    last = sa.select(sa.func.max(LedgerEntry.at)).where(LedgerEntry.deed.in_(STAGES))
    return db.session.scalar(last) or clock.now()


def processes() -> Iterator[Process]:
    """Every published need in the order of its number."""
    last = 0
    while batch := _needs(Need.id > last):
        yield from _loaded(batch)
        last = batch[-1].id


def _needs(which: sa.ColumnElement[bool]) -> Sequence[Need]:
    found = sa.select(Need).where(policy.visible(None, Need), Need.published_at.is_not(None), which)
    return db.session.scalars(found.order_by(Need.id).limit(BATCH)).all()


@dataclass(frozen=True, slots=True)
class Published:
    """A page of the ledger's public deeds; `last` is the number to go on after, None at the end."""

    deeds: list[tuple[Process, Mark]]
    last: int | None


def published(after: int) -> Published:
    """The deeds that made something public after this number of the ledger, in its order."""
    asked = sa.select(LedgerEntry.seq, LedgerEntry.subject).where(LedgerEntry.deed.in_(STAGES), LedgerEntry.seq > after)
    rows = db.session.execute(asked.order_by(LedgerEntry.seq).limit(MOST_RELEASES + 1)).all()
    page = rows[:MOST_RELEASES]
    wanted = {row.seq for row in page}
    found = [(process, mark) for process in _of({row.subject for row in page}) for mark in process.marks]
    deeds = sorted(((p, m) for p, m in found if m.seq in wanted), key=lambda pair: pair[1].seq)
    return Published(deeds, page[-1].seq if len(rows) > MOST_RELEASES else None)


def _of(subjects: Iterable[str]) -> Iterator[Process]:
    refs: dict[str, list[str]] = {"need": [], "notice": [], "project": []}
    for subject in subjects:
        kind, _colon, ref = subject.partition(":")
        refs[kind].append(ref)
    ids: sa.CompoundSelect[Any] = sa.union(
        sa.select(Need.id).where(Need.ref.in_(refs["need"])),
        sa.select(Notice.need_id).where(Notice.ref.in_(refs["notice"]), Notice.need_id.is_not(None)),
        sa.select(Project.need_id).where(Project.ref.in_(refs["project"])),
    )
    last = 0
    while batch := _needs(sa.and_(Need.id > last, Need.id.in_(ids))):
        yield from _loaded(batch)
        last = batch[-1].id


def _loaded(needs: Sequence[Need]) -> list[Process]:
    """Ten statements for as many needs as there are."""
    ids = [need.id for need in needs]
    codes = coding.codes_for(Need, ids)
    corrections = _by(NeedCorrection, NeedCorrection.need_id, ids)
    kinds = sa.and_(policy.visible(None, Notice), Notice.kind == NoticeKind.AWARD, Notice.published_at.is_not(None))
    notices = _by(Notice, Notice.need_id, ids, kinds)
    projects = {project.need_id: project for project in _projects(ids)}
    assessments = _by(Assessment, Assessment.project_id, [project.id for project in projects.values()],
                      policy.visible(None, Assessment))  # fmt: skip
    held = _held([project.id for project in projects.values()])
    named = _named(notice for group in notices.values() for notice in group)
    marks = _marks(needs, notices, projects)
    return [
        Process(
            need=need,
            marks=marks[need.id],
            codes=codes[need.id],
            corrections=tuple(corrections.get(need.id, ())),
            notices=tuple(notices.get(need.id, ())),
            project=projects.get(need.id),
            assessment=_last(assessments, projects.get(need.id)),
            held=held,
            organisations=named,
        )
        for need in needs
    ]


def _by(model: Any, column: Any, ids: Sequence[int], *which: sa.ColumnElement[bool]) -> dict[int, list[Any]]:
    """The rows of a model by the record that they belong to, each group in its order."""
    rows = db.session.scalars(sa.select(model).where(column.in_(ids), *which).order_by(column, model.id))
    return {key: list(group) for key, group in groupby(rows, key=lambda row: getattr(row, column.key))}


def _projects(need_ids: Sequence[int]) -> Sequence[Project]:
    found = sa.select(Project).where(policy.visible(None, Project), Project.need_id.in_(need_ids))
    loaded = found.options(joinedload(Project.organisation), selectinload(Project.plan))
    return db.session.scalars(loaded.order_by(Project.id)).all()


def _last(assessments: dict[int, list[Assessment]], project: Project | None) -> Assessment | None:
    found = assessments.get(project.id) if project is not None else None
    return found[-1] if found else None


def _held(project_ids: Sequence[int]) -> dict[int, list[date]]:
    """The days of the activities that took place, by row of the plan; what was struck out does not count."""
    found: dict[int, list[date]] = {}
    asked = sa.select(PlanRow.id, Activity.held_on).join(Activity, Activity.plan_row_id == PlanRow.id)
    of_these = asked.where(PlanRow.project_id.in_(project_ids), Activity.struck_at.is_(None))
    for row in db.session.execute(of_these.order_by(Activity.held_on)):
        found.setdefault(row.id, []).append(row.held_on)
    return found


def _named(notices: Iterable[Notice]) -> dict[str, Organisation]:
    """The organisations that the notices name, as far as the site lists them."""
    names = {row.get("organisation", "") for notice in notices for row in notice.rows}
    found = sa.select(Organisation).where(policy.visible(None, Organisation), Organisation.name.in_(names))
    return {organisation.name: organisation for organisation in db.session.scalars(found)}


def _marks(
    needs: Sequence[Need], notices: dict[int, list[Notice]], projects: dict[int, Project]
) -> dict[int, tuple[Mark, ...]]:
    """For each need the deeds on record that made something public; its publication stands even where none is."""
    owner = {f"need:{need.ref}": need.id for need in needs}
    owner |= {f"notice:{notice.ref}": need_id for need_id, group in notices.items() for notice in group}
    owner |= {f"project:{project.ref}": need_id for need_id, project in projects.items()}
    asked = sa.select(LedgerEntry.seq, LedgerEntry.at, LedgerEntry.deed, LedgerEntry.subject)
    rows = db.session.execute(
        asked.where(LedgerEntry.subject.in_(owner), LedgerEntry.deed.in_(STAGES)).order_by(LedgerEntry.seq)
    )
    found: dict[int, list[Mark]] = {}
    for row in rows:
        mark = Mark(row.seq, row.at, row.deed, row.subject.partition(":")[2])
        found.setdefault(owner[row.subject], []).append(mark)
    return {
        need.id: tuple(found.get(need.id) or [Mark(0, need.published_at or clock.now(), "need.publish", need.ref)])
        for need in needs
    }
