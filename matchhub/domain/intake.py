"""The numbers of an intake review: the panel's result as it is frozen, and what item A12 is prefilled with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.domain import application_form, needing, panels, past, sheets
from matchhub.domain.models import (
    Application,
    ApplicationVersion,
    Need,
    ReviewRound,
    RoundState,
    RubricItem,
    ScoreSheet,
    SheetState,
    SubjectKind,
)
from matchhub.domain.scoring import aggregate, calibration
from matchhub.domain.scoring.canonical import canonical, digest
from matchhub.domain.scoring.numbers import Step
from matchhub.domain.scoring.track_record import TrackRecord

WRITTEN, ROADSHOW = SubjectKind.APPLICATION, SubjectKind.ROADSHOW
FIT = "fit"
TRACK_ITEM = ("A", "A12")
BALLOT_ITEM = ("A2", "R5")
UNDER_WAY = (RoundState.PREPARING, RoundState.SCORING)


def rules(need: Need | None = None) -> aggregate.Policy:
    """The settings of aggregation: as they were published with this need, else as they are now.

    Whoever applies has read them on the need's page; a change of the settings is for later needs.
    """
    published = (need.scoring_rules or {}) if need is not None else {}
    return aggregate.Policy(
        **{name: type(now)(published.get(name, now)) for name, now in needing.scoring_settings().items()}
    )


def documents(entries: Collection[Application]) -> dict[int, dict[str, Any]]:
    """By the application's id the newest submitted text; {} where nothing was submitted. One statement.

    Texts that were replaced before the deadline stay sealed for ever and are not touched.
    """
    found = (
        sa.select(ApplicationVersion)
        .where(ApplicationVersion.application_id.in_([entry.id for entry in entries]))
        .order_by(ApplicationVersion.number)
    )
    newest = {version.application_id: version for version in db.session.scalars(found)}
    return {entry.id: newest[entry.id].document if entry.id in newest else {} for entry in entries}


def titles(entries: Collection[Application]) -> dict[int, str]:
    """By the application's id its project's title; the need's title where it has none."""
    texts = documents(entries)
    return {
        entry.id: str(application_form.part_of(texts[entry.id], "project")["title"] or entry.need.title)
        for entry in entries
    }


def amount_fen(application: Application) -> int:
    """The amount applied for, in fen; 0 where it is not filled in."""
    return application_form.amount_fen(documents([application])[application.id])


# --- the result --------------------------------------------------------------------------------------------------


def compute(round_: ReviewRound) -> dict[str, Any]:
    """The whole result of a round as JSON, from the sheets that count now; numbers are text, as in the canonical form.

    Raises TooFewScores when an application has fewer valid sheets than the panel minimum.
    """
    policy, entries = rules(round_.need), panels.applications(round_)
    kept = panels.counting(round_, entries)
    barred = panels.bars(panels.judges(round_), entries)
    names, texts = titles(entries), documents(entries)
    rows = [_row(entry, round_, kept, len(entries), policy) for entry in entries]
    for entry, row in zip(entries, rows, strict=True):
        row |= {"title": names[entry.id], "amount_fen": application_form.amount_fen(texts[entry.id])}
        row["recused"] = sorted(j.id for j in panels.judges(round_) if barred.of(j.id, entry))
    _rank(rows)
    result: dict[str, Any] = {
        "rubric": f"{round_.rubric.code}/{round_.rubric.number}",
        "stages": [kind.value for kind in panels.stages(round_.need)],
        "policy": {name: _text(value) for name, value in vars(policy).items()},
        "applications": sorted(rows, key=lambda row: (row["place"], row["ref"])),
        "agreement": _agreement(round_, kept),
        "digests": sorted(sheet.digest for found in kept.values() for sheet in found),
    }
    result["digest"] = digest(canonical(result))
    result["computed_at"] = clock.now().isoformat(timespec="seconds")
    return result


def table(kept: Mapping[tuple[SubjectKind, int], list[ScoreSheet]], kind: SubjectKind) -> dict[int, dict[int, Decimal]]:
    """The totals of one stage: application id -> judge id -> total."""
    return {entry_id: {one.judge_id: _total(one) for one in rows} for (k, entry_id), rows in kept.items() if k is kind}


def _agreement(round_: ReviewRound, kept: Mapping[tuple[SubjectKind, int], list[ScoreSheet]]) -> dict[str, Any]:
    """How far the judges agree on the order, by stage; a stage for which it cannot be said is left out."""
    found = {kind: calibration.agreement(table(kept, kind)) for kind in panels.stages(round_.need)}
    return {
        kind.value: {"w": _text(one.w), "judges": one.judges, "applications": one.subjects}
        for kind, one in found.items()
        if one is not None
    }


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return [_text(one) for one in value] if isinstance(value, tuple) else value


def _row(
    entry: Application,
    round_: ReviewRound,
    kept: dict[tuple[SubjectKind, int], list[ScoreSheet]],
    applicants: int,
    policy: aggregate.Policy,
) -> dict[str, Any]:
    """Everything about one application, but for its place."""
    summaries = {
        kind: aggregate.summarise([_total(sheet) for sheet in kept[kind, entry.id]], policy)
        for kind in panels.stages(round_.need)
    }
    groups = group_percentages(kept.get((WRITTEN, entry.id), []))
    floors = tuple(group for group in policy.floor_groups if group in groups)
    written, roadshow = summaries.get(WRITTEN), summaries.get(ROADSHOW)
    total, combined = aggregate.combine(
        written.final if written else None, roadshow.final if roadshow else None, policy
    )
    judged = aggregate.judge(total, groups, applicants, replace(policy, floor_groups=floors))
    steps = [(kind.value, step) for kind, summary in summaries.items() for step in summary.steps]
    steps += [("total", step) for step in (combined, *judged.steps)]
    return {
        "id": entry.id,
        "ref": entry.ref,
        "organisation": entry.organisation.name,
        "submitted_at": entry.submitted_at.isoformat() if entry.submitted_at else "",
        "stages": {kind.value: _summary(summary) for kind, summary in summaries.items()},
        "groups": {group: _text(value) for group, value in groups.items()},
        "total": _text(total),
        "verdict": judged.verdict.value,
        "line": _text(judged.line),
        "low_groups": list(judged.low_groups),
        "needs_necessity_note": judged.needs_necessity_note,
        "must_discuss": any(summary.must_discuss for summary in summaries.values()),
        "steps": [_step(stage, step) for stage, step in steps],
        "sheets": [
            {"id": sheet.id, "judge": sheet.judge_id, "stage": kind.value, "total": _text(_total(sheet)),
             "digest": sheet.digest}
            for kind in summaries for sheet in kept[kind, entry.id]
        ],
    }  # fmt: skip


def _total(sheet: ScoreSheet) -> Decimal:
    assert sheet.total is not None  # the table keeps a submitted sheet from having none
    return Decimal(sheet.total)


def group_percentages(found: Sequence[ScoreSheet]) -> dict[str, Decimal]:
    """The panel's mean percentage of each group of the rubric."""
    totals = [sheets.total(sheet) for sheet in found]
    return aggregate.group_means([{group.group: group.percentage for group in one.groups} for one in totals])


def _summary(summary: aggregate.Summary) -> dict[str, Any]:
    names = ("count", "mean", "median", "deviation", "lowest", "highest", "trimmed", "final", "must_discuss")
    return {name: _text(getattr(summary, name)) for name in names}


def _step(stage: str, step: Step) -> dict[str, Any]:
    values = [[name, _text(Decimal(value))] for name, value in step.values]
    return {"stage": stage, "rule": step.rule, "values": values, "result": _text(Decimal(step.result))}


def _rank(rows: list[dict[str, Any]]) -> None:
    """Give each row its place and the rule that put it there."""
    by_ref = {row["ref"]: row for row in rows}
    candidates = [
        aggregate.Candidate(
            key=row["ref"],
            total=Decimal(row["total"]),
            fit=Decimal(row["groups"].get(FIT, 0)),
            amount_fen=row["amount_fen"],
            submitted_at=datetime.fromisoformat(row["submitted_at"]),
        )
        for row in rows
    ]
    for ranked in aggregate.rank(candidates):
        row = by_ref[ranked.candidate.key]
        row["place"] = ranked.place
        row["decided_by"] = ranked.decided_by.value if ranked.decided_by else None


def distribution(
    round_: ReviewRound, application: Application, own: Mapping[SubjectKind, ScoreSheet]
) -> dict[str, Any] | None:
    """The panel's scores without names, for a reviewer whose sheets are `own`.

    None while others still score, and to somebody who has not submitted every own sheet on this application.
    """
    if round_.state in UNDER_WAY:
        return None
    done = {kind for kind, sheet in own.items() if sheet.state is SheetState.SUBMITTED}
    if done != set(panels.stages(round_.need)):
        return None
    return next((row["stages"] for row in round_.result.get("applications", []) if row["id"] == application.id), None)


# --- items that are filled in beforehand -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prefill:
    """Points proposed for an item, and the sentences that say from what."""

    points: Decimal
    evidence: tuple[str, ...]
    # The numbers behind it, as a score line keeps them.
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def remark(self) -> str:
        return "".join(self.evidence)


def prefill_a12(application: Application, item: RubricItem, named: bool = True) -> Prefill:
    """What the organisation's track record says for item A12; a newcomer gets the neutral share.

    Without `named` the projects are left out, for whoever must not know which organisation it is.
    """
    organisation = application.organisation
    record, points = past.track_record(organisation), past.a12_points(organisation, Decimal(item.maximum))
    sentences = _track_sentences(record, named)
    if record.score is not None and points == Decimal(item.maximum):
        sentences.append(_("最近一次测评为优秀或表现接近满分，建议给满分。"))
    return Prefill(points, tuple(sentences))


def _track_sentences(record: TrackRecord, named: bool) -> list[str]:
    rules_ = past.rules()
    if record.score is None:
        return [_("近 %(years)s 年在本街道没有结项项目，按新机构的中性比例给分。", years=rules_.years)]
    lines = [
        _("近 %(years)s 年结项 %(n)s 个项目，既往表现 %(score)s 分（满分 100）。", years=rules_.years,
          n=len(record.evidence), score=_text(record.score))
    ]  # fmt: skip
    if record.drawn_to is not None:
        lines.append(
            _("项目不足 %(n)s 个，已向街道平均 %(mean)s 分靠拢。", n=rules_.shrink_below, mean=_text(record.drawn_to))
        )
    lines += [
        _("%(ref)s：结项得分 %(closing)s，月报按时 %(on_time)s/%(due)s，整改按期 %(done)s/%(asked)s。",
          ref=one.project.reference, closing=_text(one.project.closing_score), on_time=one.project.reports_on_time,
          due=one.project.reports_due, done=one.project.rectifications_on_time, asked=one.project.rectifications_due)
        for one in (record.evidence if named else ())
    ]  # fmt: skip
    return lines


def prefill_ballots(round_: ReviewRound, application: Application, item: RubricItem) -> Prefill | None:
    """What the residents' ballots give for item R5: their average of 10 points; None before they were counted."""
    counted = round_.ballots.get(str(application.id))
    if counted is None:
        return None
    points = Decimal(counted["average"]) * Decimal(item.maximum) / 10
    sentence = _(
        "%(n)s 位居民代表投票，平均 %(average)s 分（满分 10）。", n=counted["count"], average=counted["average"]
    )
    return Prefill(points, (sentence,), dict(counted))


def roadshow_scored(round_: ReviewRound, application: Application) -> bool:
    """Whether a roadshow sheet of this application is in: from then on its ballots stay as they are."""
    found = panels.sheets(round_, [application])
    return any(kind is ROADSHOW and row.state is SheetState.SUBMITTED for (kind, _id, _judge), row in found.items())


def unscored_floor_groups(sheet: ScoreSheet) -> list[str]:
    """Names of the floor groups in which everything was marked as not applicable: their floor could not be checked."""
    groups = {item.group_code: item.group_zh for item in sheet.rubric.items}
    floors = set(rules().floor_groups)
    totals = sheets.total(sheet).groups
    return [groups[one.group] for one in totals if one.group in floors and one.percentage is None]
