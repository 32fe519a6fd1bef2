"""A review round as it stands: what is reviewed, by whom, who is barred from what, and which sheets count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from matchhub.core import clock
from matchhub.core.db import db, once
from matchhub.core.i18n import _l
from matchhub.domain import application_form, ties
from matchhub.domain.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    Need,
    Organisation,
    Panelist,
    ReviewRound,
    ScoreSheet,
    SheetState,
    SubjectKind,
    User,
)

# An application stays part of its round whatever the decision.
REVIEWED = (ApplicationState.QUALIFIED, ApplicationState.PROPOSED, ApplicationState.AWARDED,
            ApplicationState.NOT_SELECTED)  # fmt: skip

# The kinds of sheet that a need's `review_mode` asks of each reviewer.
STAGES: dict[str, tuple[SubjectKind, ...]] = {
    "written": (SubjectKind.APPLICATION,),
    "roadshow": (SubjectKind.ROADSHOW,),
    "both": (SubjectKind.APPLICATION, SubjectKind.ROADSHOW),
}


def stages(need: Need) -> tuple[SubjectKind, ...]:
    """The kinds of sheet that this need asks for, in their order."""
    return STAGES.get(need.review_mode, STAGES["written"])


def of_need(need: Need) -> ReviewRound | None:
    """The round of a need, when there is one."""
    return db.session.scalar(sa.select(ReviewRound).where(ReviewRound.need_id == need.id))


def applications(round_: ReviewRound) -> list[Application]:
    """What is reviewed: the need's applications that passed eligibility, in the order of their references."""
    found = _reviewed([round_.need_id])
    return list(once(("reviewed", round_.need_id), lambda: list(db.session.scalars(found))))


def _reviewed(need_ids: Collection[int]) -> sa.Select[Any]:
    return (
        sa.select(Application)
        .where(Application.need_id.in_(need_ids), Application.state.in_(REVIEWED))
        .options(joinedload(Application.organisation))
        .order_by(Application.ref)
    )


def seat(round_: ReviewRound, user: User) -> Panelist | None:
    """The seat of this person on the panel."""
    return next((panelist for panelist in round_.panel if panelist.user_id == user.id), None)


@dataclass(frozen=True, slots=True)
class Bars:
    """Which judges are barred from which applications, and by what kind of tie."""

    kinds: dict[tuple[int, int], list[str]]

    def of(self, user_id: int, entry: Application) -> list[str]:
        """The kinds of tie between the two; an empty list when there is none."""
        return self.kinds.get((user_id, entry.id), [])


def bars(judges: Collection[User], entries: Collection[Application]) -> Bars:
    """The register, the records and the texts together, for any number of judges and applications: a few statements."""
    people, applied = frozenset(judge.id for judge in judges), frozenset(entry.id for entry in entries)
    return once(("bars", people, applied), lambda: _bars(judges, entries))


def _bars(judges: Collection[User], entries: Collection[Application]) -> Bars:
    joint = partners(entries)
    known = ties.known(judges, _everybody(entries, joint))
    teams = _teams(judges, entries)
    kinds: dict[tuple[int, int], list[str]] = {}
    for entry in entries:
        owners = [entry.organisation_id, *(one.id for one in joint.get(entry.id, []))]
        for judge in judges:
            found = [tie for owner in owners for tie in known.get((judge.id, owner), [])]
            if found := found + teams.get((judge.id, entry.organisation_id), []):
                kinds[judge.id, entry.id] = list(dict.fromkeys(tie.kind for tie in found))
    return Bars(kinds)


def _everybody(entries: Collection[Application], joint: dict[int, list[Organisation]]) -> list[Organisation]:
    taking_part = [*(entry.organisation for entry in entries), *(one for group in joint.values() for one in group)]
    return list({one.id: one for one in taking_part}.values())


def register_ties(judges: Collection[User], entries: Collection[Application]) -> int:
    """Put every tie that records and texts show between these people and applicants into the register; how many are new."""
    return ties.register(judges, [entry.organisation for entry in entries], in_texts(judges, entries))


def in_texts(judges: Collection[User], entries: Collection[Application]) -> dict[ties.Pair, list[ties.Tie]]:
    """Ties beyond the applicant's own records: a common team in its texts, and what ties to a partner (联合申报).

    A tie to a partner bars from the application, so it is put down against the organisation that applied.
    """
    found, joint = _teams(judges, entries), partners(entries)
    known = ties.known(judges, _everybody([], joint)) if joint else {}
    for entry in entries:
        for partner in joint.get(entry.id, []):
            for judge in judges:
                for tie in known.get((judge.id, partner.id), []):
                    evidence = ties.Tie(tie.kind, PARTNER % {"name": partner.name})
                    found.setdefault((judge.id, entry.organisation_id), []).append(evidence)
    return found


# Evidence is kept in the source language, like every record.
PARTNER, TEAM = _l("联合申报机构：%(name)s"), _l("申报书的团队名单（%(ref)s）")


def _texts(entries: Collection[Application]) -> dict[int, list[ApplicationVersion]]:
    """By organisation the texts it submitted within the window, to needs whose deadline is over, these entries' first."""
    owners = [entry.organisation_id for entry in entries]
    found = (
        sa.select(ApplicationVersion, Application)
        .join(Application, ApplicationVersion.application_id == Application.id)
        .join(Need, Application.need_id == Need.id)
        .where(
            Application.organisation_id.in_(owners),
            Application.state.not_in((ApplicationState.DRAFT, ApplicationState.WITHDRAWN)),
            ApplicationVersion.submitted_at >= clock.utc(ties.window_start()),
            Need.closes_at <= clock.now(),
            ApplicationVersion.opened_text.is_not(None),
        )
        .order_by(ApplicationVersion.id.desc())
    )
    grouped: dict[int, list[ApplicationVersion]] = {}
    for version, application in db.session.execute(found):
        grouped.setdefault(application.organisation_id, []).append(version)
    return grouped


def _teams(judges: Collection[User], entries: Collection[Application]) -> dict[ties.Pair, list[ties.Tie]]:
    by_name: dict[str, list[User]] = {}
    texts = _texts(entries)
    for judge in judges:
        by_name.setdefault(judge.name, []).append(judge)
    found: dict[ties.Pair, list[ties.Tie]] = {}
    for owner in {entry.organisation_id for entry in entries}:
        for version in texts.get(owner, []):
            rows = application_form.part_of(version.document, "team")["rows"]
            for judge in (judge for row in rows for judge in by_name.get(row.get("name") or "", [])):
                tie = ties.Tie("same_team", TEAM % {"ref": version.submitted_at.date().isoformat()})
                found.setdefault((judge.id, owner), []).append(tie)
    return found


def partners(entries: Collection[Application]) -> dict[int, list[Organisation]]:
    """By application the organisations that take part besides the applicant (联合申报): one statement."""
    pairs = application_form.partner_pairs().subquery()
    found = (
        sa.select(pairs.c.application_id, Organisation)
        .join(Organisation, Organisation.id == pairs.c.organisation_id)
        .where(pairs.c.application_id.in_([entry.id for entry in entries]))
        .order_by(Organisation.id)
    )
    grouped: dict[int, list[Organisation]] = {}
    for application_id, organisation in db.session.execute(found):
        grouped.setdefault(application_id, []).append(organisation)
    return grouped


def barred(user: User, application: Application) -> bool:
    """Whether this person may neither read nor score this application: for a tie to whoever takes part in it."""
    return any(ties.bars(user, one) for one in (application.organisation, *application_form.partners(application)))


def free(user: User | ties.Judge) -> sa.ColumnElement[bool]:
    """`not barred` as a WHERE clause over Application."""
    pairs = application_form.partner_pairs().subquery()
    tied = sa.select(pairs.c.application_id).where(sa.not_(ties.free(user, pairs.c.organisation_id)))
    return sa.and_(ties.free(user, Application.organisation_id), Application.id.not_in(tied))


def judges(round_: ReviewRound) -> list[User]:
    """The people on the panel."""
    return [panelist.user for panelist in round_.panel]


SheetKey = tuple[SubjectKind, int, int]
Counted = dict[tuple[SubjectKind, int], list[ScoreSheet]]


def sheets(round_: ReviewRound, entries: Collection[Application]) -> dict[SheetKey, ScoreSheet]:
    """The panel's sheets by (kind, application id, judge id), drafts and submitted ones."""
    found = _sheets(entries, judges(round_)).where(ScoreSheet.subject_kind.in_(stages(round_.need)))
    key = ("sheets", round_.id, frozenset(entry.id for entry in entries))
    return once(key, lambda: _by_key(found))


def _sheets(entries: Collection[Application], people: Collection[User]) -> sa.Select[Any]:
    return sa.select(ScoreSheet).where(
        ScoreSheet.subject_kind.in_((SubjectKind.APPLICATION, SubjectKind.ROADSHOW)),
        ScoreSheet.subject_id.in_([entry.id for entry in entries]),
        ScoreSheet.judge_id.in_([judge.id for judge in people]),
        ScoreSheet.state != SheetState.SUPERSEDED,
    )


def _by_key(found: sa.Select[Any]) -> dict[SheetKey, ScoreSheet]:
    return {(row.subject_kind, row.subject_id, row.judge_id): row for row in db.session.scalars(found)}


def counting(round_: ReviewRound, entries: Collection[Application]) -> Counted:
    """By (kind, application id) the sheets that count: submitted, by people of the panel without a tie."""
    return _counting(round_, entries, sheets(round_, entries), bars(judges(round_), entries))


def counting_in(rounds: Collection[ReviewRound]) -> dict[int, Counted]:
    """By the round's id what counts in it, of any number of rounds: a constant number of statements.

    The sheets come without their lines: whoever needs these reads them for the sheets in question.
    """
    by_need: dict[int, list[Application]] = {round_.need_id: [] for round_ in rounds}
    for entry in db.session.scalars(_reviewed(by_need)):
        by_need[entry.need_id].append(entry)
    entries = [entry for group in by_need.values() for entry in group]
    people = list({judge.id: judge for round_ in rounds for judge in judges(round_)}.values())
    found = _by_key(_sheets(entries, people).options(lazyload(ScoreSheet.lines)))
    barred = bars(people, entries)
    return {round_.id: _counting(round_, by_need[round_.need_id], found, barred) for round_ in rounds}


def _counting(
    round_: ReviewRound, entries: Collection[Application], found: dict[SheetKey, ScoreSheet], barred: Bars
) -> Counted:
    kept: Counted = {}
    for entry in entries:
        free = [judge.id for judge in judges(round_) if not barred.of(judge.id, entry)]
        for kind in stages(round_.need):
            rows = [found[kind, entry.id, judge_id] for judge_id in free if (kind, entry.id, judge_id) in found]
            kept[kind, entry.id] = sorted(
                (row for row in rows if row.state is SheetState.SUBMITTED), key=lambda row: (row.submitted_at, row.id)
            )
    return kept


def digests(round_: ReviewRound) -> list[str]:
    """The digests of the sheets that count now, sorted: what a frozen result is compared with."""
    return sorted(sheet.digest for rows in counting(round_, applications(round_)).values() for sheet in rows)
