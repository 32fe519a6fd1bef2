"""Inspecting the ledger and hearing the presentation, by their pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import evidence, sheets
from matchhub.domain.models import LedgerEntry, Message, Recusal, Role, SheetState, SubjectKind
from matchhub.features.closing import service
from tests import factories as make
from tests.closing import story


def page(answer):
    return answer.get_data(as_text=True)


def typed(rubric, share="0.9", **over):
    """A sheet as the page sends it."""
    data = {"no_tie": "y", "sure": "y", "comment": "总的不错。"}
    for code, entry in story.points(rubric, share).items():
        data |= {f"{code}-value": str(entry.points), f"{code}-remark": entry.remark}
    return data | over


def counts(case, people="19", complete="yes"):
    data = {}
    for row in case.assessment.sample:
        data |= {f"people-{row.id}": people, f"complete-{row.id}": complete}
    return data


def to_inspect():
    return story.sampled(story.reported(story.closing()))


def address(case, more=""):
    return f"/assess/{case.assessment.ref}{more}"


def test_the_inspector_counts_then_scores(app, client_as):
    case = to_inspect()
    client = client_as(case.inspector)
    assert "台账督察" in page(client.get("/assess"))
    assert client.post(address(case, "/count"), data=counts(case)).status_code == 303
    shown = page(client.get(address(case)))
    assert "上报 40 人次，复点 38 人次，误差率 5%" in shown
    assert client.post(address(case), data=typed("C1")).status_code == 303
    assert evidence.inspection(case.assessment).total == Decimal("90")
    told = db.session.query(LedgerEntry).filter_by(deed="assessment.inspect").one().details
    assert [row[1:] for row in told["sample"]] == [[20, 19], [20, 19]]
    assert "评分已提交" in page(client.get(address(case)))


def test_a_count_that_is_no_number_keeps_what_was_typed(app, client_as):
    case = to_inspect()
    first = case.assessment.sample[0]
    data = counts(case) | {f"people-{first.id}": "二十", f"note-{first.id}": "有两页重签"}
    answer = client_as(case.inspector).post(address(case, "/count"), data=data)
    assert answer.status_code == 422
    assert "复点人次请只填整数" in page(answer) and "二十" in page(answer) and "有两页重签" in page(answer)
    assert case.assessment.sample[0].counted_people is None


def test_nothing_is_submitted_before_every_activity_was_counted(app, client_as):
    case = to_inspect()
    answer = client_as(case.inspector).post(address(case), data=typed("C1"))
    assert answer.status_code == 422
    assert "还有 2 场抽查活动没有复点完" in page(answer)
    assert sheets.find(SubjectKind.LEDGER_INSPECTION, case.assessment.id, case.inspector.id).state is SheetState.DRAFT


def test_a_draft_is_kept_and_gaps_stand_beside_their_items(app, client_as):
    case = to_inspect()
    client = client_as(case.inspector)
    client.post(address(case, "/count"), data=counts(case))
    assert client.post(address(case), data={"L1-value": "27", "save": "1"}).status_code == 303
    assert 'value="27"' in page(client.get(address(case)))
    answer = client.post(address(case), data=typed("C1") | {"L2-value": "", "L3-value": "5", "L3-remark": ""})
    assert answer.status_code == 422
    assert "请给这一项打分" in page(answer) and "请写明理由" in page(answer)
    answer = client.post(address(case), data=typed("C1") | {"L1-value": "31"})
    assert answer.status_code == 422 and "请填 0 到 30 之间的分数" in page(answer) and 'value="31"' in page(answer)


def test_whoever_is_tied_does_not_score(app, client_as):
    case = to_inspect()
    client = client_as(case.inspector)
    client.post(address(case, "/count"), data=counts(case))
    answer = client.post(address(case), data=typed("C1", no_tie=""))
    assert answer.status_code == 422 and "请先声明" in page(answer)
    make.add(Recusal(user_id=case.inspector.id, organisation_id=case.project.organisation_id, kind="family"))
    assert client.get(address(case)).status_code == 404
    assert client.post(address(case), data=typed("C1")).status_code == 404
    assert evidence.inspection(case.assessment) is None


def test_a_veto_needs_its_reason_and_waits_for_the_street(app, client_as):
    case = to_inspect()
    client = client_as(case.inspector)
    client.post(address(case, "/count"), data=counts(case))
    answer = client.post(address(case), data=typed("C1", vetoes=["forgery"], comment=""))
    assert answer.status_code == 422 and "请在总体意见里写明事实和依据" in page(answer)
    client.post(address(case), data=typed("C1", vetoes=["forgery"], comment="三场签到同一笔迹。"))
    assert evidence.inspection(case.assessment).vetoes == ["forgery"]
    assert case.assessment.vetoes == []
    staff = page(client_as(case.staff).get(f"/staff/assessments/{case.assessment.ref}"))
    assert "台账督察提出：伪造台账或签到" in staff and "三场签到同一笔迹。" in staff


def test_only_the_named_inspector_inspects(app, client_as):
    case = to_inspect()
    for person in (make.user(Role.SUPERVISOR), case.staff, case.judges[0]):
        assert client_as(person).get(address(case)).status_code == 404
        with pytest.raises(NotYours):
            service.inspect(person, case.assessment, story.points("C1"))


def presenting(day=0):
    case = story.reported(story.closing())
    service.self_score(case.admin, case.assessment, story.points("C2", "0.9"))
    on = clock.today() + timedelta(days=day)
    service.set_presentation(case.staff, case.assessment, on, "中心二楼 14:00", case.judges)
    return case


def test_a_judge_sees_the_organisations_own_score_beside_each_item(app, client_as):
    case = presenting()
    shown = page(client_as(case.judges[0]).get(address(case, "/presentation")))
    assert shown.count("机构自评：") == 5
    assert "机构自评：22.5（现场核对过。）" in shown


def test_the_others_sheets_are_hidden_until_ones_own_is_in(app, client_as):
    case = presenting()
    first, second, _third = case.judges
    service.present(second, case.assessment, story.points("C2", "0.4"))
    client = client_as(first)
    before = page(client.get(address(case, "/presentation")))
    assert second.name not in before
    staff = page(client_as(case.staff).get(f"/staff/assessments/{case.assessment.ref}"))
    assert "1 / 3 人已打分" in staff
    total = str(sheets.find(SubjectKind.PRESENTATION, case.assessment.id, second.id).total)
    assert total.rstrip("0").rstrip(".") == "40" and ">40<" not in staff  # the street waits until all are in
    assert client.post(address(case, "/presentation"), data=typed("C2")).status_code == 303
    after = page(client.get(address(case, "/presentation")))
    assert second.name in after and ">40<" in after


def test_a_judge_who_is_staff_sees_no_score_on_the_streets_page_before_scoring(app, client_as):
    case = story.reported(story.closing())
    judge = make.staff()
    service.set_presentation(case.staff, case.assessment, clock.today(), "中心", [judge, *case.judges])
    for other in case.judges:
        service.present(other, case.assessment, story.points("C2", "0.4"))
    assert ">40<" not in page(client_as(judge).get(f"/staff/assessments/{case.assessment.ref}"))


def test_nobody_scores_before_the_day_of_the_presentation(app, client_as, later):
    case = presenting(day=3)
    answer = client_as(case.judges[0]).post(address(case, "/presentation"), data=typed("C2"))
    assert answer.status_code == 422 and "现场汇报当天才能提交打分" in page(answer)
    assert evidence.panel_sheets(case.assessment) == []
    later(days=3)
    client = client_as(case.judges[0])
    assert client.post(address(case, "/presentation"), data=typed("C2")).status_code == 303


def test_somebody_who_only_judges_is_led_to_the_presentation(app, client_as):
    case = presenting()
    answer = client_as(case.judges[0]).get(address(case))
    assert answer.headers["Location"].endswith("/presentation")
    assert client_as(case.inspector).get(address(case, "/presentation")).status_code == 404


def test_judges_are_told(app):
    case = presenting()
    urls = {m.url for m in db.session.query(Message).filter_by(event="assessment.assign")}
    assert urls == {address(case, "/presentation")}
    told = db.session.query(Message).filter_by(event="assessment.set_presentation").one()
    assert (told.user_id, "中心二楼" in told.note) == (case.admin.id, True)
    service.set_presentation(case.staff, case.assessment, clock.today(), "中心二楼 14:00", case.judges)
    assert db.session.query(Message).filter_by(event="assessment.assign").count() == 3  # nothing moved, nobody is told


def test_the_self_score_is_given_once_by_the_head_of_the_organisation(app, client_as):
    case = story.reported(story.closing())
    own = f"/my/closings/{case.report.ref}/self-score"
    client = client_as(case.admin)
    assert client.post(own, data={"P1-value": "20", "save": "1"}).status_code == 303
    answer = client.post(own, data={"P1-value": "20"})
    assert answer.status_code == 422 and "请给这一项打分" in page(answer)
    hasty = client.post(own, data={k: v for k, v in typed("C2").items() if k != "sure"})
    assert hasty.status_code == 422 and "请先核对" in page(hasty), "nothing becomes final by a slip"
    assert client.post(own, data=typed("C2")).status_code == 303
    assert "自评分已提交" in page(client.get(own))
    second = make.org_admin(case.project.organisation)
    with pytest.raises(NotNow, match="已经提交过自评分"):
        service.self_score(second, case.assessment, story.points("C2"))
    member = make.user(Role.ORG_MEMBER, organisation=case.project.organisation)
    assert client_as(member).post(own, data=typed("C2")).status_code == 403


def test_an_approver_lets_a_judge_score_anew_and_the_old_sheet_stays(app, client_as):
    case = story.ready()
    old = evidence.inspection(case.assessment)
    url = f"/staff/assessments/{case.assessment.ref}/rescore/{old.id}"
    client = client_as(case.approver)
    assert client.post(url, data={"reason": ""}).status_code == 422
    assert client.post(url, data={"reason": "漏看一页签到"}).status_code == 303
    assert evidence.inspection(case.assessment) is None
    service.count_sample(
        case.inspector, case.assessment, {r.id: service.Count(20, True) for r in case.assessment.sample}
    )
    new = service.inspect(case.inspector, case.assessment, story.points("C1", "0.8"), "重新督察。")
    assert (new.replaces_id, new.total, old.state) == (old.id, Decimal("80"), SheetState.SUPERSEDED)
    assert client_as(case.staff).get(url).status_code == 403
