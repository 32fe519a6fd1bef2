"""Discussions (合议): the section records who took part and what was said; whoever wants to may then score anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm.attributes import flag_modified

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import discussing, intake, lifecycle, messages, panels, paths, sheets
from matchhub.domain.models import (
    Application,
    Discussion,
    DiscussionVoice,
    ReviewRound,
    RoundState,
    ScoreLine,
    ScoreSheet,
    SheetState,
    SubjectKind,
    User,
)
from matchhub.domain.parties import Party, parties
from matchhub.domain.sheets import Entry
from matchhub.features.reviews.judging import check_confidence

LEAST_VOICES = 2


def speakers(round_: ReviewRound, application: Application) -> list[User]:
    """Who may take part: the panel without those who are tied to the application."""
    barred = panels.bars(panels.judges(round_), [application])
    return [judge for judge in panels.judges(round_) if not barred.of(judge.id, application)]


@command
def record_discussion(
    actor: User, round_: ReviewRound, application: Application, held_on: date, minutes: str,
    voices: Mapping[int, bool], seen: int | None = None,
) -> Discussion:  # fmt: skip
    """Put a discussion on record. `voices`: by the id of each who took part, whether they want to score anew."""
    lifecycle.same_version(round_, seen)
    if Party.OFFICE not in parties(actor, round_):
        raise NotYours(_("只有主办科室可以登记合议。"))
    if round_.state is not RoundState.DECIDING:
        raise NotNow(_("打分结束后、提出意见前才能登记合议。"))
    if application not in panels.applications(round_):
        raise NotNow(_("这份申报不在这次评审里。"))
    if sentence := problem(round_, application, held_on, minutes, voices):
        raise NotNow(sentence)
    row = Discussion(
        round_id=round_.id, application=application, held_on=held_on, minutes=minutes.strip(), recorded_by_id=actor.id
    )
    row.voices = [DiscussionVoice(user_id=user_id, changes=changes) for user_id, changes in sorted(voices.items())]
    db.session.add(row)
    db.session.flush()
    lifecycle.record(
        actor, round_, "discuss",
        {"application": application.ref, "held_on": held_on.isoformat(), "took_part": len(voices),
         "score_anew": sum(voices.values())},
    )  # fmt: skip
    asked = [voice.user for voice in row.voices if voice.changes]
    if asked:
        messages.send("review_round.discuss", asked, messages.title_of(round_), paths.path(round_, paths.JUDGE))
    return row


def problem(
    round_: ReviewRound, application: Application, held_on: date, minutes: str, voices: Mapping[int, bool]
) -> str | None:
    """Why a discussion cannot be put on record like this."""
    allowed = {judge.id for judge in speakers(round_, application)}
    if set(voices) - allowed:
        return _("参加合议的只能是没有回避情形的评审人。")
    if len(voices) < LEAST_VOICES:
        return _("合议至少要有 %(n)s 位评审人参加。", n=LEAST_VOICES)
    if held_on > clock.today():
        return _("合议日期不能晚于今天。")
    return None if minutes.strip() else _("请写明合议中说了什么、结论是什么。")


# --- scoring anew ----------------------------------------------------------------------------------------------------


def may_revise(reviewer: User, application: Application) -> DiscussionVoice:
    """The word given in the discussion that lets this person score anew. Raises Refused otherwise."""
    round_ = panels.of_need(application.need)
    voice = discussing.unsettled(reviewer, application)
    if round_ is None or round_.state is not RoundState.DECIDING or voice is None:
        raise NotNow(_("没有等您重新评分的合议。"))
    if panels.barred(reviewer, application):
        raise NotYours(_("您与这家机构有利益关系，按规定回避，不能评分。"))
    return voice


@command
def revise_sheet(
    reviewer: User, application: Application, entries: Mapping[str, Entry], comment: str, reason: str,
    kind: SubjectKind = SubjectKind.APPLICATION, seen: int | None = None, private_note: str = "", confidence: str = "",
) -> ScoreSheet:  # fmt: skip
    """Hand in a new sheet instead of the submitted one, which is kept; the reason stands on the new one."""
    voice = may_revise(reviewer, application)
    old = sheets.find(kind, application.id, reviewer.id)
    if old is None or old.state is not SheetState.SUBMITTED:
        raise NotNow(_("您没有提交过这份申报的评分，不能修改。"))
    lifecycle.same_version(old, seen)
    if not reason.strip():
        raise NotNow(_("请写明合议后修改评分的理由。"))
    check_confidence(confidence)
    lifecycle.advance(old, "supersede", reviewer)
    made = sheets.open_sheet(kind, application.id, reviewer, old.rubric)
    made.replaces_id, made.replaced_reason = old.id, reason.strip()
    made.comment, made.private_note, made.confidence = comment, private_note, confidence or None
    sheets.fill(made, _computed(old) | dict(entries))
    if groups := intake.unscored_floor_groups(made):
        raise NotNow(_("“%(group)s”整组都选了不适用，无法核对底线，请至少给其中一项打分。", group="、".join(groups)))
    sheets.submit(made, reviewer, "revise", replaces=old.id)
    if len(panels.stages(application.need)) == 1:
        _settle(voice)  # with two sheets the reviewer says when both are as they should be
    return made


def _computed(old: ScoreSheet) -> dict[str, Entry]:
    """Lines that nobody types stay as they were."""
    return {line.item.code: _same(line) for line in old.lines if line.item.how == "computed"}


def _same(line: ScoreLine) -> Entry:
    return Entry(line.points, line.not_applicable, line.remark, line.explanation)


@command
def keep_score(reviewer: User, application: Application) -> None:
    """After all this reviewer leaves the score as it is."""
    voice = may_revise(reviewer, application)
    _settle(voice)
    round_ = panels.of_need(application.need)
    lifecycle.record(reviewer, round_, "keep_score", {"application": application.ref})


def _settle(voice: DiscussionVoice) -> None:
    voice.settled_at = clock.now()
    flag_modified(voice, "settled_at")
    db.session.flush()


def history(round_: ReviewRound, entries: Sequence[Application]) -> dict[int, list[tuple[ScoreSheet, ScoreSheet]]]:
    """By application (old sheet, new sheet) of every score that was changed after a discussion."""
    current = [row for row in panels.sheets(round_, entries).values() if row.replaces_id]
    return {
        entry.id: [
            (db.session.get_one(ScoreSheet, row.replaces_id), row) for row in current if row.subject_id == entry.id
        ]
        for entry in entries
    }
