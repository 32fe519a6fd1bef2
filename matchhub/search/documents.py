"""What of each record can be found: only what its public page shows, with the labels of those who may find it.

`public` is everybody, `inside` the street, the centre and the auditor, `org:ID` the people of one organisation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchhub.core import clock, markdown
from matchhub.core.db import db
from matchhub.domain import budgets, coding, paths, policy, reference
from matchhub.domain.models import (
    Event,
    EventPhase,
    EventState,
    LibraryEntry,
    Need,
    NeedPhase,
    Notice,
    NoticePhase,
    Organisation,
    Presentation,
    Project,
)
from matchhub.search import file_texts, project_results
from matchhub.search.engine import SearchDoc

BATCH = 200


def key_of(kind: str, row_id: int) -> str:
    return f"{kind}:{row_id}"


def _names(codes: dict[str, list[str]]) -> str:
    """The Chinese words of a record's codes, so that they are found like its text."""
    return " ".join(
        reference.codes(kind)[code].zh
        for kind, wanted in codes.items()
        for code in wanted
        if code in reference.codes(kind)
    )


def _lists(rows: Iterable[Any]) -> str:
    return " ".join(
        " ".join(str(value) for value in row.values()) if isinstance(row, dict) else str(row) for row in rows
    )


def _facets(
    status: str,
    codes: dict[str, list[str]],
    year: int | None,
    organisations: Iterable[Organisation | None] = (),
    budget_fen: int | None = None,
) -> dict[str, Any]:
    return {
        "status": status,
        "field": tuple(codes.get("field", ())),
        "community": tuple(codes.get("community", ())),
        "year": str(year) if year else "",
        "organisation": tuple(dict.fromkeys(one.ref for one in organisations if one is not None)),
        "budget": budgets.band(budget_fen),
    }


def _doc(kind: str, row: Any, **more: Any) -> SearchDoc:
    """What every document has: its key, its reference, its page, and the labels of those who may find it."""
    everybody = ("public",) if policy.can_see(None, row) else ()
    its_people = (f"org:{row.id}",) if isinstance(row, Organisation) else ()
    return SearchDoc(
        key=key_of(kind, row.id),
        kind=kind,
        ref=row.ref,
        url=paths.path(row),
        visibility=(*everybody, "inside", *its_people),
        **more,
    )


def _need(need: Need, codes: dict[str, list[str]]) -> SearchDoc:
    told = need.questions if need.state in policy.NEED_PUBLIC else []
    questions = " ".join(f"{q.text} {q.answer}" for q in told if q.answer)
    body = [need.background, need.requirements, _lists(need.outcomes), _lists(need.essential), _lists(need.preferred),
            need.target_note, _names(codes), reference.codes("section")[need.section_code].zh, questions, need.public_reason]  # fmt: skip
    return _doc(
        "need",
        need,
        title=need.title,
        summary=need.summary,
        body=" ".join(body),
        facets=_facets(
            f"need.{need.phase.value}",
            codes,
            clock.local(need.published_at or need.created_at).year,
            budget_fen=need.budget_fen if need.budget_public else None,
        ),
        date=need.published_at or need.created_at,
        deadline=need.closes_at,
        open=need.phase is NeedPhase.OPEN,
    )


def _project(project: Project, codes: dict[str, list[str]]) -> SearchDoc:
    plan = " ".join(row.name for row in project.plan)
    partners = " ".join(partner.name for partner in project.partners)
    body = [_lists(project.goals), plan, _names(codes), project.need.background, project.organisation.name, partners]
    return _doc(
        "project",
        project,
        title=project.title,
        summary=project.summary,
        body=" ".join(body),
        facets=_facets(
            f"project.{project.state.value}",
            codes,
            clock.local(project.created_at).year,
            project.organisations,
            project.amount_fen,
        ),
        date=project.started_at or project.created_at,
    )


def _organisation(organisation: Organisation, codes: dict[str, list[str]]) -> SearchDoc:
    return _doc(
        "organisation",
        organisation,
        title=organisation.name,
        summary=organisation.intro,
        body=" ".join([organisation.brand_project, _names(codes), organisation.uscc]),
        facets=_facets(f"organisation.{organisation.state.value}", codes, None, [organisation]),
        date=organisation.admitted_at or organisation.created_at,
    )


def _phase(notice: Notice) -> NoticePhase:
    """As the index keeps it: what begins tomorrow runs, for no deed indexes it again at midnight."""
    return NoticePhase.PUBLISHED if notice.phase is NoticePhase.ANNOUNCED else notice.phase


def _notice(notice: Notice, _codes: dict[str, list[str]]) -> SearchDoc:
    return _doc(
        "notice",
        notice,
        title=notice.title,
        summary=notice.body[:120],
        body=" ".join([notice.body, notice.basis, _lists(notice.rows), notice.outcome]),
        facets=_facets(
            f"notice.{_phase(notice).value}", {}, clock.local(notice.published_at or notice.created_at).year
        ),
        date=notice.published_at or notice.created_at,
        deadline=notice.ends_at,
        open=_phase(notice) is NoticePhase.PUBLISHED,
    )


def _event(event: Event, _codes: dict[str, list[str]]) -> SearchDoc:
    """Applications at a roadshow are left out: who applied is told by the notice of the result."""
    shown = [item for item in event.presentations if item.application_id is None and item.withdrawn_at is None]
    names = " ".join(f"{item.title} {item.organisation.name if item.organisation else ''}" for item in shown)
    kind = reference.codes("event_kind")[event.kind.value].zh
    minutes = event.minutes if event.state is EventState.PUBLISHED else ""
    return _doc(
        "event",
        event,
        title=event.title,
        summary=event.summary,
        body=" ".join([kind, event.place, names, minutes]),
        facets=_facets(
            f"event.{event.phase.value}", {}, clock.local(event.starts_at).year, [item.organisation for item in shown]
        ),
        date=event.starts_at,
        deadline=event.signup_ends_at if event.phase is EventState.OPEN else None,
        open=event.state is EventState.OPEN and event.phase is not EventPhase.CLOSED,
    )


def _library(entry: LibraryEntry, _codes: dict[str, list[str]]) -> SearchDoc:
    """Its newest version; what is being written for the next one is found by nobody."""
    at = entry.published_at or entry.created_at
    return _doc(
        "library",
        entry,
        title=entry.title,
        summary=entry.summary,
        body=f"{_names({'library_kind': [entry.kind]})} {entry.number} {markdown.plain(entry.text)}",
        facets=_facets(f"library.{entry.state.value}", {}, clock.local(at).year),
        date=at,
    )


Maker = Callable[[Any, dict[str, list[str]]], SearchDoc]
KINDS: dict[str, tuple[type, Maker, Sequence[Any]]] = {
    "need": (Need, _need, (selectinload(Need.questions),)),
    "project": (
        Project,
        _project,
        (
            selectinload(Project.plan),
            selectinload(Project.need),
            selectinload(Project.organisation),
            selectinload(Project.partners),
        ),
    ),
    "organisation": (Organisation, _organisation, ()),
    "notice": (Notice, _notice, ()),
    "event": (Event, _event, (selectinload(Event.presentations).joinedload(Presentation.organisation),)),
    "library": (LibraryEntry, _library, ()),
}


def made(kind: str, ids: Sequence[int]) -> list[SearchDoc]:
    """The documents of these records; those that no longer exist are left out."""
    model, maker, loads = KINDS[kind]
    rows: list[Any] = list(db.session.scalars(sa.select(model).where(model.id.in_(ids)).options(*loads)))  # type: ignore[attr-defined]
    codes, attached = _codes(kind, rows), file_texts.texts(kind, [row.id for row in rows])
    told = project_results.told(row.id for row in rows) if kind == "project" else {}
    docs = []
    for row in rows:
        doc = maker(row, codes.get(row.id, {}))
        body = f"{doc.body} {told[row.id]}" if row.id in told else doc.body
        docs.append(replace(doc, body=body, attached=attached.get(row.id, "")))
    return docs


def _codes(kind: str, rows: Sequence[Any]) -> dict[int, dict[str, list[str]]]:
    if kind == "project":
        by_need = coding.codes_for(Need, {row.need_id for row in rows})
        return {row.id: by_need[row.need_id] for row in rows}
    return coding.codes_for(KINDS[kind][0], [row.id for row in rows]) if kind in ("need", "organisation") else {}


def everything() -> Iterator[SearchDoc]:
    """Every document of the site, in batches, for a rebuild and the nightly comparison."""
    for kind, (model, _maker, _loads) in KINDS.items():
        last = 0
        while True:
            batch = sa.select(model.id).where(model.id > last).order_by(model.id).limit(BATCH)  # type: ignore[attr-defined]
            ids = list(db.session.scalars(batch))
            if not ids:
                break
            yield from made(kind, ids)
            last = ids[-1]
            db.session.rollback()
