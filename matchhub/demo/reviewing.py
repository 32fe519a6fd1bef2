"""The finer deeds of the intake review: a rubric with extras, draws, ties taken back, discussions, scales, feedback."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from matchhub.core import clock
from matchhub.core.errors import NotNow
from matchhub.demo.judging import _round, written
from matchhub.demo.stage import Line, NotYet, Stage, deed, dice
from matchhub.domain import blind, discussing, panels, sheets
from matchhub.domain.models import Application, Recusal, ReviewRound, User
from matchhub.domain.sheets import Entry
from matchhub.features.admin import rubrics
from matchhub.features.reviews import feedback, judging, lots, scales, service, settling, tying

BONUS = rubrics.Beside("bonus", "与居民区共同申请并自带配套资源", "Own resources, found with the community", Decimal(3))
DEDUCTION = rubrics.Beside("deduction", "上一个项目月报多次逾期", "Reports of the last project often late", Decimal(5))
WITHOUT_NAMES = list(blind.HIDDEN)


@deed("rubric_with_extras")
def rubric_with_extras(stage: Stage, line: Line) -> None:
    """A new version of the intake rubric: the same 100 points, bonus and deduction beside them, names hidden."""
    old = sheets.newest_rubric("A")
    edits = {
        item.code: rubrics.Edit(item.maximum, item.anchor_zh.split("|"), item.anchor_en.split("|"))
        for item in rubrics.scored(old)
    }
    extras = rubrics.Extras([BONUS, DEDUCTION], Decimal(100), WITHOUT_NAMES)
    rubrics.new_version(stage.user(line.actor), old, edits, "增加加分项和扣分项；书面评审时不显示机构名称。", extras)


@deed("set_up_draw")
def set_up_draw(stage: Stage, line: Line) -> None:
    """Set the round up and draw its whole panel by lot."""
    actor = stage.user(line.actor)
    round_ = service.set_up(actor, stage.need(line.subject), clock.now() + timedelta(days=7))
    lots.draw_panel(actor, round_, int(line.details["n"]))


@deed("draw_more")
def draw_more(stage: Stage, line: Line) -> None:
    lots.draw_panel(stage.user(line.actor), _round(stage, line.subject), int(line.details["n"]))


def _free(round_: ReviewRound, judge: User) -> list[Application]:
    entries = panels.applications(round_)
    barred = panels.bars([judge], entries)
    return [entry for entry in entries if not barred.of(judge.id, entry)]


@deed("panel_declares")
def panel_declares(stage: Stage, line: Line) -> None:
    """Everybody who was drawn declares to have no tie; one of them errs, when `errs` names an organisation."""
    round_ = _round(stage, line.subject)
    waiting = [judge for judge in panels.judges(round_) if panels.seat(round_, judge).declared_at is None]  # type: ignore[union-attr]
    if not waiting:
        raise NotYet(f"nobody to declare in {line.subject}")
    for judge in waiting:
        found = {}
        if judge is waiting[0] and line.details.get("errs"):
            organisation = stage.organisation(line.details["errs"])
            found = {organisation.id: ("family", "表弟好像在这家机构工作")}
        judging.declare(judge, round_, found)


@deed("ask_untie")
def ask_untie(stage: Stage, line: Line) -> None:
    round_ = _round(stage, line.subject)
    tying.ask(
        stage.user(line.actor),
        round_,
        _declared(round_),
        "本人说明记错了机构名称：亲属在另一家同名机构，已核对花名册。",
    )


@deed("untie")
def untie(stage: Stage, line: Line) -> None:
    round_ = _round(stage, line.subject)
    tying.decide(stage.user(line.actor), round_, _declared(round_), True, "已与两家机构核实，同意撤销。")


def _declared(round_: ReviewRound) -> Recusal:
    found = [row for row in tying.standing(round_) if not row.detected]
    if not found:
        raise NotYet("no declared tie")
    return found[0]


@deed("panel_scores")
def panel_scores(stage: Stage, line: Line) -> None:
    """Everybody on the panel scores everything; on `split` they disagree widely. levels=organisation:0.8|…"""
    round_ = _round(stage, line.subject)
    levels = dict(part.split(":") for part in line.details["levels"].split("|"))
    split = line.details.get("split", "")
    by_id = {stage.organisation(key).id: key for key in levels}
    for place, judge in enumerate(panels.judges(round_)):
        for entry in _free(round_, judge):
            key = by_id[entry.organisation_id]
            level = float(levels[key]) + (WIDE[place % len(WIDE)] if key == split else NEAR[place % len(NEAR)])
            for kind in panels.stages(round_.need):
                written(stage, judge, entry, level, kind, submit=True)


# How far each judge stands from the level of the story: close to it, or far apart.
NEAR = (0.03, -0.02, 0.0, 0.04, -0.04)
WIDE = (0.19, -0.2, 0.02, 0.16, -0.17)


@deed("discuss")
def discuss(stage: Stage, line: Line) -> None:
    """A discussion with everybody who may; the two who stand farthest apart want to score anew."""
    round_ = _round(stage, line.parts[0])
    entry = stage.application(line.subject)
    speakers = settling.speakers(round_, entry)
    totals = {
        judge.id: scales.table(round_, panels.stages(round_.need)[0])[entry.id].get(judge.id) for judge in speakers
    }
    known = sorted((total, judge) for judge, total in totals.items() if total is not None)
    anew = {known[0][1], known[-1][1]} if known else set()
    minutes = (
        "分歧在于居民参与：一方认为方案里的楼组长只是通知人，一方认为过去三次协商都由楼组长主持。"
        "会上补看了申报书附件里的三份会议签到表，一致认为参与是真实的，但收支公开的频次写得不够。"
    )
    settling.record_discussion(
        stage.user(line.actor),
        round_,
        entry,
        clock.today(),
        minutes,
        {judge.id: judge.id in anew for judge in speakers},
    )


@deed("settle")
def settle(stage: Stage, line: Line) -> None:
    """Of those who wanted to score anew the first does, and the others leave their score as it is."""
    round_, entry = _round(stage, line.parts[0]), stage.application(line.subject)
    voices = [v for one in discussing.of_round(round_).get(entry.id, []) for v in one.discussion.voices if v.changes]
    if not voices:
        raise NotYet(f"no discussion of {line.subject}")
    for number, voice in enumerate(voices):
        kind = panels.stages(round_.need)[0]
        old = sheets.find(kind, entry.id, voice.user_id)
        if number or old is None:
            settling.keep_score(voice.user, entry)
            continue
        entries = {row.item.code: Entry(row.points, row.not_applicable, row.remark) for row in old.lines}
        item = old.rubric.items[6]
        entries[item.code] = Entry(Decimal(item.maximum) * Decimal("0.75") // Decimal("0.5") * Decimal("0.5"))
        settling.revise_sheet(
            voice.user, entry, entries, old.comment, "补看了会议签到表，居民参与有据可查，原来打得偏了。", kind
        )
        if len(panels.stages(round_.need)) > 1:
            settling.keep_score(voice.user, entry)  # the other sheet stays


@deed("recompute")
def recompute(stage: Stage, line: Line) -> None:
    round_ = _round(stage, line.subject)
    try:
        service.recompute(stage.user(line.actor), round_)
    except NotNow:
        if sorted(round_.result.get("digests", [])) != panels.digests(round_):
            raise


@deed("read_scales")
def read_scales(stage: Stage, line: Line) -> None:
    """All but the last of the panel look at their scale; the first leaves a word."""
    round_ = _round(stage, line.subject)
    judges = [judge for judge in panels.judges(round_) if panels.seat(round_, judge).declared_at]  # type: ignore[union-attr]
    for number, judge in enumerate(judges[:-1]):
        scales.read(judge, round_, "我对预算明细看得比较严，别的项和大家差不多。" if number == 0 else "")


@deed("edit_feedback")
def edit_feedback(stage: Stage, line: Line) -> None:
    """The section goes through all comments: most stay, some are worded anew."""
    round_ = _round(stage, line.subject)
    texts = {}
    for rows in feedback.comments(round_, panels.applications(round_)).values():
        for one in rows:
            milder = dice("feedback", line.subject, one.sheet.id).random() < 0.25
            texts[one.sheet.id] = (
                f"{one.sheet.comment}具体修改建议可以向主办科室了解。" if milder else one.sheet.comment
            )
    feedback.edit(stage.user(line.actor), round_, texts)
