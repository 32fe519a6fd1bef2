"""Where the panel disagrees beyond the limit, a recorded discussion comes first; changed sheets are new ones with a reason."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import panels, sheets, todo
from matchhub.domain.models import Message, ScoreSheet, SheetState, SubjectKind
from matchhub.features.reviews import judging, service, settling
from tests import factories as make
from tests.reviews import story

SAID = "一方认为参与不实，会上核对了签到表。"


def split():
    """The first application divides the panel: 60, 80 and 100 points."""
    made = story.scoring()
    for judge, share in zip(made.judges, (0.6, 0.8, 1.0), strict=True):
        story.score(judge, made.entries[0], share)
        story.score(judge, made.entries[1], 0.75)
    service.finish(made.staff, made.round)
    return made


def discussed(made, *anew):
    voices = {judge.id: judge in anew for judge in made.judges}
    return settling.record_discussion(made.staff, made.round, made.entries[0], clock.today(), SAID, voices)


def propose(made):
    service.propose(made.staff, made.round, made.entries[0], story.reasons(made), 76_000_00, "一致同意。")


def test_nothing_is_proposed_before_the_discussion_is_on_record(app):
    made = split()
    with pytest.raises(NotNow, match=r"请先合议并登记.*"):
        propose(made)
    discussed(made)
    propose(made)


def test_minutes_in_the_memo_alone_are_no_discussion(app):
    made = split()
    with pytest.raises(NotNow, match="合议"):
        service.propose(made.staff, made.round, made.entries[0], story.reasons(made), 76_000_00, "已合议。")
    service.keep_opinion(made.staff, made.round, service.Opinion(None, {}, None, "先记一笔。"))
    assert made.round.memo == "先记一笔。", "an opinion may be begun before"


def test_who_wants_to_score_anew_is_told_and_waited_for(app):
    made = split()
    discussed(made, made.judges[0])
    told = db.session.scalars(sa.select(Message.user_id).where(Message.event == "review_round.discuss")).all()
    assert told == [made.judges[0].id]
    assert any(one.kind == "合议后重新评分" for one in todo.gather(made.judges[0]))
    assert not any(one.kind == "合议后重新评分" for one in todo.gather(made.judges[1]))
    with pytest.raises(NotNow, match="还有 1 位评审人没有重新评分"):
        propose(made)
    settling.keep_score(made.judges[0], made.entries[0])
    propose(made)


def test_a_new_score_is_a_new_sheet_and_the_old_one_is_kept(app):
    made = split()
    discussed(made, made.judges[0])
    old = sheets.find(SubjectKind.APPLICATION, made.entries[0].id, made.judges[0].id)
    old_id, total = old.id, old.total
    with pytest.raises(NotNow, match="理由"):
        settling.revise_sheet(made.judges[0], made.entries[0], story.entries_of(0.75), "改了。", " ")
    made_sheet = settling.revise_sheet(
        made.judges[0], made.entries[0], story.entries_of(0.75), "改了。", "核对了签到表。"
    )
    db.session.expire_all()
    old = db.session.get(ScoreSheet, old_id)
    assert (old.state, old.total) == (SheetState.SUPERSEDED, total)
    assert (made_sheet.replaces_id, made_sheet.replaced_reason) == (old_id, "核对了签到表。")
    with pytest.raises(NotNow, match="重新汇总"):
        propose(made)
    before = D(made.round.result["applications"][0]["total"])
    service.recompute(made.staff, made.round)
    assert D(made.round.result["applications"][0]["total"]) != before
    propose(made)


def test_nobody_scores_anew_without_having_said_so_in_a_discussion(app):
    made = split()
    for judge in made.judges:
        with pytest.raises(NotNow, match="没有等您重新评分的合议"):
            settling.revise_sheet(judge, made.entries[0], story.entries_of(0.8), "改", "想改")
    discussed(made, made.judges[0])
    with pytest.raises(NotNow):
        settling.revise_sheet(made.judges[1], made.entries[0], story.entries_of(0.8), "改", "想改")
    settling.revise_sheet(made.judges[0], made.entries[0], story.entries_of(0.8), "改", "核对了。")
    with pytest.raises(NotNow):
        settling.revise_sheet(made.judges[0], made.entries[0], story.entries_of(0.9), "再改", "又想改")


def test_a_tie_declared_meanwhile_keeps_from_the_discussion_and_from_scoring_anew(app):
    made = split()
    discussed(made, made.judges[0])
    judging.declare(made.judges[0], made.round, {made.organisations[0].id: ("family", "")})
    with pytest.raises(NotYours):
        settling.revise_sheet(made.judges[0], made.entries[0], story.entries_of(0.8), "改", "核对了。")
    assert made.judges[0] not in settling.speakers(made.round, made.entries[0])


@pytest.mark.parametrize(("change", "sentence"), [
    ({"voices": 1}, "至少要有 2 位"),
    ({"minutes": "  "}, "请写明合议中说了什么"),
    ({"later": 1}, "不能晚于今天"),
])  # fmt: skip
def test_what_a_record_needs(app, change, sentence):
    from datetime import timedelta

    made = split()
    voices = {judge.id: False for judge in made.judges[: change.get("voices", 3)]}
    day = clock.today() + timedelta(days=change.get("later", 0))
    with pytest.raises(NotNow, match=sentence):
        settling.record_discussion(made.staff, made.round, made.entries[0], day, change.get("minutes", SAID), voices)


def test_only_the_section_records_and_only_people_of_the_panel_took_part(app):
    made = split()
    voices = {judge.id: False for judge in made.judges}
    with pytest.raises(NotYours):
        settling.record_discussion(make.approver(), made.round, made.entries[0], clock.today(), SAID, voices)
    with pytest.raises(NotNow, match="没有回避情形"):
        stranger = {make.user().id: False}
        settling.record_discussion(made.staff, made.round, made.entries[0], clock.today(), SAID, voices | stranger)


def test_the_whole_way_by_page(app, client_as):
    made = split()
    staff, judge = client_as(made.staff), client_as(made.judges[0])
    address = f"/staff/rounds/{made.round.ref}/discuss/{made.entries[0].ref}"
    assert "还没有合议" in staff.get(f"/staff/rounds/{made.round.ref}").text
    assert staff.post(address, data={"held_on": clock.today().isoformat(), "minutes": SAID}).status_code == 422
    voices = {f"voice_{one.id}": "changes" if one is made.judges[0] else "keeps" for one in made.judges}
    data = {"held_on": clock.today().isoformat(), "minutes": SAID} | voices
    assert staff.post(address, data=data).status_code == 303
    assert SAID in staff.get(address).text
    anew = f"/review/applications/{made.entries[0].ref}/revise"
    assert "合议后重新评分" in judge.get(f"/review/{made.round.ref}").text
    assert SAID in judge.get(anew).text
    assert client_as(made.judges[1]).get(anew).status_code == 404
    typed = {f"line-{code}-value": str(entry.points) for code, entry in story.entries_of(0.75).items()}
    typed |= {f"line-{code}-remark": "核对过" for code in story.entries_of(0.75)}
    refused = judge.post(anew, data=typed | {"comment": "改写后的意见"})
    assert (
        refused.status_code == 422 and "请写明合议后修改评分的理由" in refused.text and "改写后的意见" in refused.text
    )
    unsure = judge.post(anew, data=typed | {"reason": "核对了签到表。"})
    assert unsure.status_code == 422 and "请先核对" in unsure.text
    assert judge.post(anew, data=typed | {"reason": "核对了签到表。", "sure": "y"}).status_code == 303
    assert "核对了签到表。" in staff.get(address).text
    new = sheets.find(SubjectKind.APPLICATION, made.entries[0].id, made.judges[0].id)
    page = staff.get(f"/staff/rounds/{made.round.ref}/sheets/{new.id}").text
    assert "合议后重新评分" in page and "看原评分表" in page
    old = staff.get(f"/staff/rounds/{made.round.ref}/sheets/{new.replaces_id}")
    assert old.status_code == 200 and "已由合议后的新评分代替" in old.text


def test_counting_takes_the_new_sheet_only(app):
    made = split()
    discussed(made, made.judges[0])
    settling.revise_sheet(made.judges[0], made.entries[0], story.entries_of(0.75), "改了。", "核对了。")
    db.session.expire_all()
    kept = panels.counting(made.round, panels.applications(made.round))
    assert len(kept[SubjectKind.APPLICATION, made.entries[0].id]) == 3
