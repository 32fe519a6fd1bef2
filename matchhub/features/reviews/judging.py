"""What a reviewer does: declare ties, fill in sheets, submit them."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import intake, lifecycle, messages, needing, panels, paths, reference, sheets
from matchhub.domain.models import (
    Application,
    Panelist,
    Recusal,
    ReviewRound,
    Role,
    RoundState,
    Rubric,
    ScoreSheet,
    SubjectKind,
    User,
)
from matchhub.domain.parties import Party, people
from matchhub.domain.scoring.words import CONFIDENCE
from matchhub.domain.sheets import Entry

# A page left open for longer than this says nothing about the time that was spent.
LONGEST_SITTING = 3600
DECLARING = (RoundState.SCORING, RoundState.DECIDING, RoundState.PROPOSED)


def _seat(reviewer: User, round_: ReviewRound) -> Panelist:
    seat = panels.seat(round_, reviewer)
    if seat is None or not reviewer.active or Role.REVIEWER not in reviewer.roles:
        raise NotYours(_("您不是这次评审的评审人。"))
    return seat


@command
def declare(reviewer: User, round_: ReviewRound, found: Mapping[int, tuple[str, str]]) -> None:
    """Declare ties by organisation id: (kind, note); an organisation that is not named has none.

    May be called again when a tie comes to mind later: it is added, and the reviewer's sheet no longer counts.
    """
    seat = _seat(reviewer, round_)
    if round_.state not in DECLARING or (seat.declared_at is None and round_.state is not RoundState.SCORING):
        raise NotNow(_("现在不能声明利益关系。"))
    entries = {entry.organisation_id: entry for entry in panels.applications(round_)}
    if set(found) - set(entries):
        raise NotNow(_("声明里有不在这次评审中的机构，请刷新页面。"))
    if any(kind not in reference.codes("tie_kind") for kind, _note in found.values()):
        raise NotNow(_("请从列出的关系里选择。"))
    for organisation_id, (kind, note) in found.items():
        _keep_tie(reviewer.id, organisation_id, kind, note.strip())
    later, seat.declared_at = seat.declared_at is not None, seat.declared_at or clock.now()
    refs = sorted(entries[organisation_id].organisation.ref for organisation_id in found)
    lifecycle.record(reviewer, round_, "declare", {"tied_to": refs, "later": later})
    if found:
        office = people(round_, Party.OFFICE)
        url = paths.path(round_, paths.STAFF)
        messages.send("review_round.declare_tie", office, messages.title_of(round_), url)


def _keep_tie(user_id: int, organisation_id: int, kind: str, note: str) -> None:
    known = db.session.scalar(
        sa.select(Recusal).where(
            Recusal.user_id == user_id, Recusal.organisation_id == organisation_id, Recusal.kind == kind
        )
    )
    if known is None:
        db.session.add(Recusal(user_id=user_id, organisation_id=organisation_id, kind=kind, note=note))
    elif known.ended_at is not None:
        known.ended_at, known.detected, known.note, known.at = None, False, note, clock.now()
    elif known.detected:
        known.detected = False  # from here on it stands by the judge's own word and does not end with a window
    db.session.flush()


def may_score(reviewer: User, application: Application, kind: SubjectKind) -> ReviewRound:
    """The round in which this person may score this application now. Raises Refused with the reason otherwise."""
    round_ = panels.of_need(application.need)
    if round_ is None or application not in panels.applications(round_):
        raise NotNow(_("这份申报不在评审中。"))
    seat = _seat(reviewer, round_)
    if panels.barred(reviewer, application):
        raise NotYours(_("您与这家机构有利益关系，按规定回避，不能评分。"))
    if seat.declared_at is None:
        raise NotNow(_("请先声明利益关系。"))
    if round_.state is not RoundState.SCORING:
        raise NotNow(_("打分已经结束，不能再评分。"))
    if kind not in panels.stages(round_.need):
        raise NotNow(_("这次评审没有这一张评分表。"))
    return round_


def check_confidence(confidence: str) -> None:
    """How sure somebody is has three answers, or none. Raises NotNow for another."""
    if confidence and confidence not in CONFIDENCE:
        raise NotNow(_("把握度请从高、中、低里选。"))


def rubric_of(round_: ReviewRound, kind: SubjectKind) -> Rubric:
    """The rubric of a kind of sheet in this round, in the version that was published with the need."""
    return needing.roadshow_rubric(round_.need) if kind is SubjectKind.ROADSHOW else round_.rubric


@command
def save_sheet(
    reviewer: User,
    application: Application,
    entries: Mapping[str, Entry],
    comment: str = "",
    kind: SubjectKind = SubjectKind.APPLICATION,
    seen: int | None = None,
    *,
    private_note: str | None = None,
    confidence: str | None = None,
    spent_seconds: int = 0,
) -> ScoreSheet:
    """Keep what was entered so far in this reviewer's draft; entries that are no allowed number are left out.

    `comment` may reach the applicant, `private_note` is for the street alone; a page without them leaves them as they
    are (None). `spent_seconds` is added to what is known.
    """
    round_ = may_score(reviewer, application, kind)
    check_confidence(confidence or "")
    sheet = sheets.open_sheet(kind, application.id, reviewer, rubric_of(round_, kind))
    lifecycle.same_version(sheet, seen)
    sheets.fill(sheet, dict(entries) | _computed(round_, application, sheet))
    sheet.comment = comment
    if private_note is not None:
        sheet.private_note = private_note
    if confidence is not None:
        sheet.confidence = confidence or None
    if spent_seconds > 0:
        sheet.spent_seconds = (sheet.spent_seconds or 0) + min(spent_seconds, LONGEST_SITTING)
    flag_modified(sheet, "comment")  # so that another tab with an older version notices, also when only lines changed
    db.session.flush()
    return sheet


def _computed(round_: ReviewRound, application: Application, sheet: ScoreSheet) -> dict[str, Entry]:
    """Items that nobody types: at the roadshow, the residents' ballots."""
    made = {}
    for item in sheet.rubric.items:
        if (sheet.rubric.code, item.code) == intake.BALLOT_ITEM:
            counted = intake.prefill_ballots(round_, application, item)
            made[item.code] = Entry(counted.points, explanation=counted.facts) if counted else Entry()
    return made


@command
def submit_sheet(
    reviewer: User, application: Application, kind: SubjectKind = SubjectKind.APPLICATION, seen: int | None = None
) -> ScoreSheet:
    """Submit this reviewer's draft for good. Raises NotNow when something is missing or it is submitted already."""
    round_ = may_score(reviewer, application, kind)
    sheet = sheets.find(kind, application.id, reviewer.id)
    if sheet is None:
        raise NotNow(_("还没有打分，不能提交。"))
    lifecycle.same_version(sheet, seen)
    if made := _computed(round_, application, sheet):
        if any(entry.points is None for entry in made.values()):
            raise NotNow(_("主办科室还没有登记居民票，登记后才能提交路演评分。"))
        sheets.fill(sheet, made)
    if groups := intake.unscored_floor_groups(sheet):
        raise NotNow(_("“%(group)s”整组都选了不适用，无法核对底线，请至少给其中一项打分。", group="、".join(groups)))
    sheets.submit(sheet, reviewer)
    return sheet
