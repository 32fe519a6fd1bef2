"""What a reviewer sees and does: first the declaration, then the files, never another's score before the own."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import application_form as form
from matchhub.domain import panels, reference, sheets
from matchhub.domain.models import Panelist, Recusal, Role, ScoreLine, ScoreSheet, SheetState, SubjectKind
from matchhub.domain.sheets import Entry
from matchhub.features.reviews import judging, service
from tests import factories as make
from tests.reviews import story
from tests.reviews.test_set_up import tie


def opened(**over):
    """Scoring has begun, nobody has declared yet."""
    made = story.prepared(**over)
    service.open_round(made.staff, made.round)
    return made


def declaration(made, tied=(), kind="family"):
    return {f"tie_{o.id}": kind if o in tied else "none" for o in made.organisations}


def addresses(made):
    first = made.entries[0].ref
    return [
        "/review",
        f"/review/{made.round.ref}",
        f"/review/{made.round.ref}/declare",
        f"/review/applications/{first}",
    ]


def test_before_the_declaration_only_names_of_organisations_are_shown(app, client_as):
    made = opened()
    client = client_as(made.judges[0])
    assert client.get(f"/review/{made.round.ref}").headers["Location"].endswith("/declare")
    page = client.get(f"/review/{made.round.ref}/declare").text
    assert all(organisation.name in page for organisation in made.organisations)
    for address in addresses(made):
        answer = client.get(address, follow_redirects=True)
        assert story.SECRET not in answer.text
        assert "80,000" not in answer.text
    assert client.get(f"/review/applications/{made.entries[0].ref}").status_code == 404
    with pytest.raises(NotNow, match="先声明"):
        judging.save_sheet(made.judges[0], made.entries[0], {})


def test_every_organisation_needs_an_answer(app, client_as):
    made = opened()
    answers = declaration(made)
    answers.pop(f"tie_{made.organisations[1].id}")
    answer = client_as(made.judges[0]).post(f"/review/{made.round.ref}/declare", data=answers)
    assert answer.status_code == 422 and "没有就选“没有利益关系”" in answer.text
    assert panels.seat(made.round, made.judges[0]).declared_at is None


def test_after_the_declaration_the_applications_are_listed(app, client_as):
    made = opened()
    client = client_as(made.judges[0])
    client.post(f"/review/{made.round.ref}/declare", data=declaration(made))
    page = client.get(f"/review/{made.round.ref}").text
    assert page.count("未评") == 2 and story.SECRET in page
    assert "已提交 0 张评分表，共 2 张" in client.get("/review").text
    sheet = client.get(f"/review/applications/{made.entries[0].ref}").text
    assert story.SECRET in sheet and "契合街道中心工作" in sheet and "写明对应的街道重点工作" in sheet


def test_a_text_replaced_before_the_deadline_keeps_nobody_from_reading_the_last_one(app, client_as):
    made = story.scoring()
    entry = made.entries[0]
    first, last = form.latest(entry), make.version(entry, story.document(title="后来改过的题目"), number=3)
    assert first.number == 2 and form.latest(entry) is last
    client = client_as(made.judges[0])
    assert "后来改过的题目" in client.get(f"/review/{made.round.ref}").text
    assert "后来改过的题目" in client.get(f"/review/applications/{entry.ref}").text


@pytest.mark.parametrize("kind", ["employment", "board", "family", "co_project", "same_team", "supervision"])
def test_nobody_scores_an_organisation_they_declared_a_tie_to(app, client_as, kind):
    made = opened()
    judge, tied = made.judges[0], made.entries[0]
    client = client_as(judge)
    client.post(f"/review/{made.round.ref}/declare", data=declaration(made, [tied.organisation], kind))
    assert not db.session.scalars(sa.select(Recusal)).one().detected
    page = client.get(f"/review/{made.round.ref}").text
    assert "按规定回避" in page
    assert client.get(f"/review/applications/{tied.ref}").status_code == 404
    assert client.post(f"/review/applications/{tied.ref}", data={"deed": "save"}).status_code == 404
    with pytest.raises(NotYours, match="回避"):
        judging.save_sheet(judge, tied, story.entries_of(0.8))
    assert db.session.scalars(sa.select(ScoreSheet)).first() is None
    story.score(judge, made.entries[1])


@pytest.mark.parametrize("kind", ["employment", "board", "co_project", "supervision"])
def test_nobody_scores_an_organisation_the_records_tie_them_to(app, client_as, kind):
    """Also when the record is made after the panel was chosen and the judge declared to have none."""
    made = story.scoring()
    judge, tied = made.judges[0], made.entries[0]
    tie(kind, judge, tied.organisation)
    with pytest.raises(NotYours, match="回避"):
        judging.save_sheet(judge, tied, story.entries_of(0.8))
    assert client_as(judge).get(f"/review/applications/{tied.ref}").status_code == 404
    assert db.session.scalars(sa.select(ScoreSheet)).first() is None


def test_who_has_no_seat_or_no_role_sees_and_scores_nothing(app, client_as):
    made = story.scoring()
    stranger, member = make.user(Role.REVIEWER), make.org_admin(made.organisations[0])
    for address in addresses(made)[1:]:
        assert client_as(stranger).get(address).status_code == 404
        assert client_as(member).get(address).status_code == 403
    with pytest.raises(NotYours, match="不是这次评审的评审人"):
        judging.save_sheet(stranger, made.entries[0], story.entries_of(0.8))
    with pytest.raises(NotYours):
        judging.declare(stranger, made.round, {})


def typed(share, rubric="A", **over):
    """A form as a browser sends it."""
    data = {}
    for code, entry in story.entries_of(share, rubric).items():
        data[f"line-{code}-value"] = f"{entry.points}"
        data[f"line-{code}-remark"] = entry.remark
    return data | {"comment": "总体可行。"} | over


def sheet_of(made, n=0, entry=0):
    return sheets.find(SubjectKind.APPLICATION, made.entries[entry].id, made.judges[n].id)


def test_a_draft_is_kept_and_then_submitted_by_page(app, client_as):
    made = story.scoring()
    client, address = client_as(made.judges[0]), f"/review/applications/{made.entries[0].ref}"
    client.post(address, data={"line-A1-value": "6.5", "deed": "save"})
    assert sheet_of(made).state is SheetState.DRAFT
    page = client.get(address).text
    assert 'value="6.5"' in page
    assert "草稿" in client.get(f"/review/{made.round.ref}").text
    hasty = client.post(address, data=typed(0.8, deed="submit"))
    assert hasty.status_code == 422 and "请先核对" in hasty.text
    assert sheet_of(made).state is SheetState.DRAFT, "without the tick nothing becomes final, and nothing is lost"
    answer = client.post(address, data=typed(0.8, deed="submit", sure="y"))
    assert answer.status_code == 303
    assert sheet_of(made).state is SheetState.SUBMITTED and len(sheet_of(made).digest) == 64
    assert "已提交" in client.get(address).text
    assert "已提交 1 张评分表" in client.get("/review").text


def test_a_wrong_number_is_shown_again_with_its_repair_and_the_rest_is_kept(app, client_as):
    made = story.scoring()
    client, address = client_as(made.judges[0]), f"/review/applications/{made.entries[0].ref}"
    answer = client.post(address, data=typed(0.8, **{"line-A1-value": "9", "line-A2-value": "3.3", "deed": "submit"}))
    assert answer.status_code == 422
    assert "请填 0 到 8 之间的分数，每 0.5 分一档" in answer.text and 'value="3.3"' in answer.text
    kept = {line.item.code: line.points for line in sheet_of(made).lines}
    assert "A1" not in kept and kept["A5"] == D("6.5")
    assert sheet_of(made).state is SheetState.DRAFT


def test_extreme_scores_need_a_reason_and_missing_items_are_named(app, client_as):
    made = story.scoring()
    client, address = client_as(made.judges[0]), f"/review/applications/{made.entries[0].ref}"
    data = typed(0.8, deed="submit")
    data |= {"line-A1-value": "8", "line-A1-remark": "", "line-A3-value": "2", "line-A3-remark": ""}
    data |= {"line-A5-value": ""}
    answer = client.post(address, data=data)
    assert answer.status_code == 422
    assert answer.text.count("低于满分的 60% 或高于 95% 时，请写明理由") == 4  # beside the items and in the summary
    assert "请给这一项打分，或选“不适用”" in answer.text
    assert sheet_of(made).state is SheetState.DRAFT


def test_not_applicable_leaves_the_denominator(app):
    # A rubric of 100 at 80 %; without A15 (3 points) 97 remain. 80 % of each, to half points.
    made = story.scoring()
    whole = story.score(made.judges[0], made.entries[0], 0.8)
    without = story.score(made.judges[1], made.entries[0], 0.8, A15=Entry(None, True, "没有要求配套"))
    points = sum(entry.points for code, entry in story.entries_of(0.8).items() if code != "A15")
    assert without.total == (points * 100 / 97).quantize(D("0.01"))
    assert whole.total == points + story.entries_of(0.8)["A15"].points


def test_a_whole_floor_group_cannot_be_left_out(app):
    made = story.scoring()
    none = {code: Entry(None, True) for code in ("A13", "A14", "A15")}
    judging.save_sheet(made.judges[0], made.entries[0], story.entries_of(0.8) | none)
    with pytest.raises(NotNow, match=r"预算合理.*整组"):
        judging.submit_sheet(made.judges[0], made.entries[0])


def test_a_newcomer_gets_the_neutral_share_for_its_record_with_the_reason(app, client_as):
    made = story.scoring()
    page = client_as(made.judges[0]).get(f"/review/applications/{made.entries[0].ref}").text
    assert "系统建议 3 分的依据" in page and "按新机构的中性比例给分" in page
    assert 'name="line-A12-value" min="0" max="5" step="0.5" value="3"' in page


def test_a_submitted_sheet_cannot_be_changed(app, client_as):
    made = story.scoring()
    story.score(made.judges[0], made.entries[0])
    with pytest.raises(NotNow, match="不能再改"):
        judging.save_sheet(made.judges[0], made.entries[0], {"A1": Entry(D(1))})
    with pytest.raises(NotNow):
        judging.submit_sheet(made.judges[0], made.entries[0])
    answer = client_as(made.judges[0]).post(f"/review/applications/{made.entries[0].ref}", data=typed(0.2, deed="save"))
    assert answer.status_code == 409
    sheet_id = sheet_of(made).id
    for statement in (
        sa.update(ScoreSheet).where(ScoreSheet.id == sheet_id).values(total=99),
        sa.update(ScoreSheet).where(ScoreSheet.id == sheet_id).values(state="draft"),
        sa.delete(ScoreSheet).where(ScoreSheet.id == sheet_id),
        sa.update(ScoreLine).where(ScoreLine.sheet_id == sheet_id).values(points=1),
        sa.delete(ScoreLine).where(ScoreLine.sheet_id == sheet_id),
    ):
        with pytest.raises(DBAPIError, match=r"submitted|never"):
            db.session.execute(statement)
        db.session.rollback()
    assert sheet_of(made).total == sum(entry.points for entry in story.entries_of(0.8).values())
    assert sheet_of(made).state is SheetState.SUBMITTED


def test_another_tab_with_an_older_draft_does_not_overwrite(app):
    made = story.scoring()
    sheet = judging.save_sheet(made.judges[0], made.entries[0], {"A1": Entry(D(6))})
    seen = sheet.version
    judging.save_sheet(made.judges[0], made.entries[0], {"A1": Entry(D(7))}, seen=seen)
    with pytest.raises(Stale):
        judging.save_sheet(made.judges[0], made.entries[0], {"A1": Entry(D(5))}, seen=seen)
    assert sheet_of(made).lines[0].points == 7


def test_a_tie_that_comes_to_mind_later_is_added_and_hides_the_file(app, client_as):
    made = story.scoring()
    judge, tied = made.judges[0], made.entries[0]
    story.score(judge, tied)
    answer = client_as(judge).post(
        f"/review/{made.round.ref}/declare",
        data=declaration(made, [tied.organisation]) | {f"note_{tied.organisation_id}": "表弟在该机构任职"},
    )
    assert answer.status_code == 303
    assert client_as(judge).get(f"/review/applications/{tied.ref}").status_code == 404
    page = client_as(made.staff).get(f"/staff/rounds/{made.round.ref}").text
    assert "本人声明" in page and "近亲属关系" in page
    # Only two sheets of three count now.
    story.score(made.judges[1], tied)
    story.score(made.judges[2], tied)
    for other in made.judges:
        story.score(other, made.entries[1])
    with pytest.raises(NotNow, match="还有 1 份申报不足 3 份有效评分"):
        service.finish(made.staff, made.round)


def test_a_declaration_names_only_applicants_and_known_relations(app):
    made = opened()
    with pytest.raises(NotNow, match="不在这次评审中"):
        judging.declare(made.judges[0], made.round, {make.organisation().id: ("family", "")})
    with pytest.raises(NotNow, match="列出的关系"):
        judging.declare(made.judges[0], made.round, {made.organisations[0].id: ("friend", "")})
    assert "friend" not in reference.codes("tie_kind")
    assert db.session.scalars(sa.select(Recusal)).first() is None
    assert all(row.declared_at is None for row in db.session.scalars(sa.select(Panelist)))


def test_a_tie_the_records_show_is_not_asked_again(app, client_as):
    made = story.case(judges=4)
    tie("board", made.judges[0], made.organisations[0])
    made.round = service.set_up(made.staff, made.need, story.clock.now() + story.timedelta(days=7))
    for judge in made.judges:
        service.add_panelist(made.staff, made.round, judge)
    service.open_round(made.staff, made.round)
    page = client_as(made.judges[0]).get(f"/review/{made.round.ref}/declare").text
    assert f"tie_{made.organisations[0].id}" not in page and "理事、监事关系" in page
    answer = client_as(made.judges[0]).post(
        f"/review/{made.round.ref}/declare", data={f"tie_{made.organisations[1].id}": "none"}
    )
    assert answer.status_code == 303


def test_nothing_is_scored_before_scoring_begins_or_after_it_ended(app, client_as):
    made = story.prepared()
    with pytest.raises(NotNow):
        judging.declare(made.judges[0], made.round, {})
    assert "评审还没有开始" in client_as(made.judges[0]).get(f"/review/{made.round.ref}").text
    over = story.finished()
    with pytest.raises(NotNow, match="打分已经结束"):
        judging.save_sheet(over.judges[0], over.entries[0], story.entries_of(0.9))
