"""Projects for everybody, and the lists of the street and of the organisation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import coding
from matchhub.domain.models import (
    AssessmentState,
    Attachment,
    ClosingState,
    NeedState,
    NoticeState,
    ProjectState,
    ReportState,
    VisitState,
)
from matchhub.features.projects import service
from tests import factories as make


def titles(text, *wanted):
    return [title for title in wanted if title in text]


@pytest.fixture
def three(app):
    one = make.project(ProjectState.ACTIVE, title="电梯陪伴", ref="XM-2026-901")
    two = make.project(
        ProjectState.CLOSED, title="楼道议事", ref="XM-2026-902", created_at=clock.now() - timedelta(days=400)
    )
    three = make.project(ProjectState.PREPARING, title="为老送餐", ref="XM-2026-903")
    coding.set_codes(three.need, "field", ["elderly"])
    coding.set_codes(three.need, "community", ["nanmeiyuan"])
    db.session.commit()
    return one, two, three


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["电梯陪伴", "楼道议事", "为老送餐"]),
        ("?state=closed", ["楼道议事"]),
        ("?state=closed&state=active", ["电梯陪伴", "楼道议事"]),
        ("?field=elderly", ["为老送餐"]),
        ("?community=yuanyuan", ["电梯陪伴", "楼道议事"]),
        ("?year=2025", ["楼道议事"]),
        ("?year=2026", ["电梯陪伴", "为老送餐"]),
        ("?q=电梯", ["电梯陪伴"]),
        ("?q=xm-2026-903", ["为老送餐"]),
        ("?q=%25", []),
        ("?state=nonsense&page=zz", ["电梯陪伴", "楼道议事", "为老送餐"]),
        ("?field=elderly&state=active", []),
    ],
)
def test_everybody_filters_projects(three, client_as, query, found):
    text = client_as(None).get(f"/projects{query}").text
    assert titles(text, "电梯陪伴", "楼道议事", "为老送餐") == found


def test_a_list_by_organisation(three, client_as):
    text = client_as(None).get(f"/projects?org={three[0].organisation.ref}").text
    assert titles(text, "电梯陪伴", "楼道议事", "为老送餐") == ["电梯陪伴"]


def test_an_option_says_how_many_it_would_show_beside_the_other_filters(three, client_as):
    from matchhub.features.projects import queries_public

    counts = queries_public.counts(None, {"field": ["lift"]}, "")
    assert counts["state"] == {"active": 1, "closed": 1}
    assert counts["field"] == {"lift": 2, "elderly": 1}


def test_nothing_found_says_what_to_do(three, client_as):
    text = client_as(None).get("/projects?q=没有这个").text
    assert "没有找到符合条件的项目" in text and "清除全部条件" in text


def test_pages_of_twenty(app, client_as):
    need = make.need(NeedState.MATCHED)
    for number in range(21):
        make.project(title=f"项目第{number}号", application=_application(need))
    client = client_as(None)
    assert client.get("/projects").text.count('class="mh-row__title"') == 20
    assert client.get("/projects?page=2").text.count('class="mh-row__title"') == 1


def _application(need):
    """Only one award per need: later rows are written as if they had not been chosen."""
    from matchhub.domain.models import ApplicationState

    return make.application(ApplicationState.NOT_SELECTED, need=need)


def test_a_list_costs_the_same_whatever_its_length(app, client_as, statements):
    client = client_as(None)
    make.project()
    client.get("/projects")
    statements()
    client.get("/projects")
    few = len(statements())
    for _ in range(6):
        make.project()
    statements()
    client.get("/projects")
    assert len(statements()) == few


def everything(project):
    """A project with all that its page may show, and all that it must not."""
    make.report(ReportState.ACCEPTED, project=project, month=date(2026, 7, 1), replied_at=clock.now(), ref="YB-2026-771",
                figures={"sessions": 3, "people": 86}, problems="一楼住户反对")  # fmt: skip
    make.report(ReportState.RETURNED, project=project, month=date(2026, 8, 1), ref="YB-2026-772",
                reply="退回的意见", figures={"sessions": 9, "people": 999})  # fmt: skip
    activity = make.activity(project, people=31, summary="李阿婆家里的事", held_on=date(2026, 8, 3))
    make.activity(project, people=500, struck_at=clock.now(), held_on=date(2026, 8, 4))
    make.add(_file("activity", activity.id, "photo", "现场照片.jpg"))
    make.add(_file("need", project.need_id, "need", "需求附件.pdf"))
    make.add(_file("need", project.need_id, "internal", "内部附件.pdf"))
    make.add(_file("project", project.id, "agreement", "协议扫描件.pdf"))
    make.visit(VisitState.CONFIRMED, project=project, observation="观察到的问题")
    make.notice(NoticeState.CONCLUDED, need_id=project.need_id, title="拟立项公示甲")
    make.notice(NoticeState.DRAFT, need_id=project.need_id, title="没发布的公示")
    make.closing_report(ClosingState.ACCEPTED, project=project, card_practice="先听后算", shortcomings="人手不足")


def _file(kind, subject_id, purpose, name):
    return Attachment(code=f"code{next(make.n):08d}", subject_kind=kind, subject_id=subject_id, purpose=purpose, name=name,
                      media_type="application/pdf", size_bytes=2048, sha256="a" * 64)  # fmt: skip


def test_one_project_for_everybody(app, client_as):
    project = make.project(ProjectState.ACTIVE)
    everything(project)
    text = client_as(None).get(f"/projects/{project.ref}").text
    for there in ("开展活动 3 场，服务 86 人次。", "已开展活动 1 场，服务 31 人次。", "拟立项公示甲", "需求附件.pdf",
                  project.organisation.name, "100,000 元", "街道购买", "实施"):  # fmt: skip
        assert there in text, there
    for hidden in ("一楼住户反对", "退回的意见", "999", "李阿婆", "现场照片", "内部附件", "协议扫描件", "观察到的问题",
                   "没发布的公示", "先听后算", "人手不足", "500 人次"):  # fmt: skip
        assert hidden not in text, hidden


@pytest.mark.parametrize("state", [s for s in AssessmentState if s is not AssessmentState.FINAL])
def test_no_score_and_no_card_before_the_assessment_is_final(app, client_as, state):
    project = make.project(ProjectState.CLOSING)
    everything(project)
    make.assessment(state, project=project)
    text = client_as(None).get(f"/projects/{project.ref}").text
    for hidden in ("活跃度测评", "85 分", "良好", "经验卡"):
        assert hidden not in text, hidden


def test_grade_and_experience_card_once_it_is_final(app, client_as):
    project = make.project(ProjectState.CLOSED, ended_at=clock.now())
    everything(project)
    make.assessment(AssessmentState.FINAL, project=project, final_at=clock.now())
    text = client_as(None).get(f"/projects/{project.ref}").text
    assert "85 分" in text and "良好" in text and "经验卡" in text and "先听后算" in text
    assert "人手不足" not in text


def test_one_project_takes_six_statements_at_most(app, client_as, statements):
    project = make.project(ProjectState.CLOSED, ended_at=clock.now())
    everything(project)
    make.assessment(AssessmentState.FINAL, project=project, final_at=clock.now())
    client, address = client_as(None), f"/projects/{project.ref}"
    client.get(address)
    statements()
    assert client.get(address).status_code == 200
    assert len(statements()) <= 6
    for month in range(1, 6):
        make.report(
            ReportState.ACCEPTED, project=project, month=date(2026, month, 1), figures={"sessions": 1, "people": 2}
        )
        make.activity(project)
    statements()
    client.get(address)
    assert len(statements()) <= 6


@pytest.mark.parametrize("state", list(ProjectState))
def test_every_state_has_its_page(app, client_as, state):
    project = make.project(state)
    answer = client_as(None).get(f"/projects/{project.ref}")
    assert answer.status_code == 200
    assert answer.text.count("<h1>") == 1


def test_the_short_address(app, client_as):
    project = make.project(ref="XM-2026-017")
    answer = client_as(None).get("/p/2026-017")
    assert (answer.status_code, answer.location) == (302, f"/projects/{project.ref}")
    assert client_as(None).get("/p/2026-999").status_code == 404
    assert "/p/2026-017" in client_as(None).get("/projects/XM-2026-017").text
    assert client_as(None).get("/projects/XM-2026-999").status_code == 404


# ---- lists of the street and of the organisation -----------------------------------------------------------------------


def test_the_staff_list_has_lights(app, client_as, later):
    behind = make.project(title="落后的项目")  # 60 days old: the first month of its plan is over, nothing was done
    make.report(ReportState.AWAITED, project=behind, month=date(2026, 7, 1), due_on=date(2026, 8, 5))
    make.rectification(behind)
    make.project(ProjectState.PREPARING, title="待启动的项目")
    later(days=40)
    text = client_as(make.staff()).get("/staff/projects").text
    assert "月报逾期 1 份" in text and "整改未完成 1 份" in text and "进度落后" in text
    assert text.count("进度落后") == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [("", ["甲项目", "乙项目"]), ("?section=fgb", ["乙项目"]), ("?state=paused", ["乙项目"]), ("?q=甲", ["甲项目"])],
)
def test_the_staff_list_filters(app, client_as, query, found):
    make.project(title="甲项目")
    make.project(ProjectState.PAUSED, title="乙项目", need=make.need(NeedState.MATCHED, section_code="fgb"))
    text = client_as(make.staff()).get(f"/staff/projects{query}").text
    assert titles(text, "甲项目", "乙项目") == found


def test_the_staff_list_costs_the_same_whatever_its_length(app, client_as, statements):
    client = client_as(make.staff())
    make.project()
    client.get("/staff/projects")
    statements()
    client.get("/staff/projects")
    few = len(statements())
    for _ in range(6):
        make.project()
    statements()
    client.get("/staff/projects")
    assert len(statements()) == few


def test_an_organisation_sees_its_own_projects_only(app, client_as):
    mine = make.project(title="我们的项目")
    make.project(title="别家的项目")
    text = client_as(make.org_admin(mine.organisation)).get("/my/projects").text
    assert "我们的项目" in text and "别家的项目" not in text and "记一场活动" in text
    assert "还没有项目" in client_as(make.org_admin()).get("/my/projects").text


def test_the_organisations_page_shows_what_waits(running, client_as, later):
    later(days=17)
    service.exempt_report(running.staff, running.reports()[1], "暂停")
    visit = make.visit(VisitState.SUBMITTED, project=running.project, supervisor=running.coach)
    order = make.rectification(running.project)
    text = client_as(running.boss).get(f"/my/projects/{running.project.ref}").text
    assert "2026-09 月报" in text and visit.ref in text and order.ref in text
    assert f"/my/reports/{running.reports()[0].ref}" in text
