"""A review round as it stands: what is reviewed, by whom, who is barred from what, and which sheets count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

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
    found = (
        sa.select(Application)
        .where(Application.need_id == round_.need_id, Application.state.in_(REVIEWED))
        .options(joinedload(Application.organisation))
        .order_by(Application.ref)
    )
    return list(once(("reviewed", round_.need_id), lambda: list(db.session.scalars(found))))


def seat(round_: ReviewRound, user: User) -> Panelist | None:
    """The seat of this person on the panel."""
    return next((panelist for panelist in round_.panel if panelist.user_id == user.id), None)


@dataclass(frozen=True, slots=True)
class Bars:
    """Which judges are barred from which organisations, and by what kind of tie."""

    kinds: dict[ties.Pair, list[str]]

    def of(self, user_id: int, organisation_id: int) -> list[str]:
        """The kinds of tie between the two; an empty list when there is none."""
        return self.kinds.get((user_id, organisation_id), [])


def bars(judges: Collection[User], entries: Collection[Application]) -> Bars:
    """The register, the records and the texts together, for a whole panel and all applicants: a few statements."""
    people, applied = frozenset(judge.id for judge in judges), frozenset(entry.id for entry in entries)
    return once(("bars", people, applied), lambda: _bars(judges, entries))


def _bars(judges: Collection[User], entries: Collection[Application]) -> Bars:
    organisations = [entry.organisation for entry in entries]
    kinds: dict[ties.Pair, list[str]] = {}
    for row in ties.standing(judges, organisations):
        kinds.setdefault((row.user_id, row.organisation_id), []).append(row.kind)
    facts = (ties.for_review(judges, organisations), in_texts(judges, entries))
    for pair, found in (one for fact in facts for one in fact.items()):
        known = kinds.setdefault(pair, [])
        known += [kind for kind in dict.fromkeys(tie.kind for tie in found) if kind not in known]
    return Bars(kinds)


def register_ties(judges: Collection[User], entries: Collection[Application]) -> int:
    """Put every tie that records and texts show between these people and applicants into the register; how many are new."""
    return ties.register(judges, [entry.organisation for entry in entries], in_texts(judges, entries))


def in_texts(judges: Collection[User], entries: Collection[Application]) -> dict[ties.Pair, list[ties.Tie]]:
    """Ties beyond the applicant's own records: a common team in its texts, and what ties to a partner (联合申报).

    A tie to a partner bars from the application, so it is put down against the organisation that applied.
    """
    found = _teams(judges, entries, _texts(entries))
    joint = partners(entries)
    known = {one.id: one for group in joint.values() for one in group}
    tied = ties.for_review(judges, list(known.values())) if known else {}
    for row in ties.standing(judges, list(known.values())) if known else []:
        tied.setdefault((row.user_id, row.organisation_id), []).append(ties.Tie(row.kind, row.note))
    for entry in entries:
        for partner in joint.get(entry.id, []):
            for judge in judges:
                for tie in tied.get((judge.id, partner.id), []):
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


def _teams(
    judges: Collection[User], entries: Collection[Application], texts: dict[int, list[ApplicationVersion]]
) -> dict[ties.Pair, list[ties.Tie]]:
    by_name: dict[str, list[User]] = {}
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


def free(user: User) -> sa.ColumnElement[bool]:
    """`not barred` as a WHERE clause over Application."""
    pairs = application_form.partner_pairs().subquery()
    tied = sa.select(pairs.c.application_id).where(sa.not_(ties.free(user, pairs.c.organisation_id)))
    return sa.and_(ties.free(user, Application.organisation_id), Application.id.not_in(tied))


def judges(round_: ReviewRound) -> list[User]:
    """The people on the panel."""
    return [panelist.user for panelist in round_.panel]


SheetKey = tuple[SubjectKind, int, int]


def sheets(round_: ReviewRound, entries: Collection[Application]) -> dict[SheetKey, ScoreSheet]:
    """The panel's sheets by (kind, application id, judge id), drafts and submitted ones."""
    found = sa.select(ScoreSheet).where(
        ScoreSheet.subject_kind.in_(stages(round_.need)),
        ScoreSheet.subject_id.in_([entry.id for entry in entries]),
        ScoreSheet.judge_id.in_([panelist.user_id for panelist in round_.panel]),
        ScoreSheet.state != SheetState.SUPERSEDED,
    )
    key = ("sheets", round_.id, frozenset(entry.id for entry in entries))
    return once(
        key, lambda: {(row.subject_kind, row.subject_id, row.judge_id): row for row in db.session.scalars(found)}
    )


def counting(round_: ReviewRound, entries: Collection[Application]) -> dict[tuple[SubjectKind, int], list[ScoreSheet]]:
    """By (kind, application id) the sheets that count: submitted, by people of the panel without a tie."""
    barred = bars(judges(round_), entries)
    owner = {entry.id: entry.organisation_id for entry in entries}
    kept: dict[tuple[SubjectKind, int], list[ScoreSheet]] = {
        (kind, entry.id): [] for entry in entries for kind in stages(round_.need)
    }
    for (kind, entry_id, judge_id), sheet in sheets(round_, entries).items():
        if sheet.state is SheetState.SUBMITTED and not barred.of(judge_id, owner[entry_id]):
            kept[kind, entry_id].append(sheet)
    for rows in kept.values():
        rows.sort(key=lambda sheet: (sheet.submitted_at, sheet.id))
    return kept


def digests(round_: ReviewRound) -> list[str]:
    """The digests of the sheets that count now, sorted: what a frozen result is compared with."""
    return sorted(sheet.digest for rows in counting(round_, applications(round_)).values() for sheet in rows)
