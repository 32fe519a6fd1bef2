"""The agreement, its payments, and money that follows rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import attachments, sheets
from matchhub.domain.models import (
    AssessmentState,
    Message,
    ProjectState,
    ScoreSheet,
    SheetState,
    SubjectKind,
    VisitStage,
    VisitState,
)
from matchhub.features.projects import service
from tests import factories as make
from tests.projects.conftest import SIGNED


def test_the_agreement_sets_dates_amount_and_instalments(scene):
    scene.sign(amount_fen=80_000_01, percents=(30, 30, 40))
    project = scene.project
    assert (project.agreement_no, project.signed_on) == ("曹街购〔2026〕18 号", date(2026, 9, 15))
    assert (project.starts_on, project.ends_on) == (date(2026, 9, 1), date(2027, 2, 28))
    assert [(row.condition, row.amount_fen) for row in project.instalments] == [
        ("signing", 2_400_000), ("middle", 2_400_000), ("closing", 3_200_001),
    ]  # fmt: skip
    assert project.amount_fen == 8_000_001


def test_the_activity_plan_moves_with_the_agreed_period(scene):
    scene.sign()  # a month earlier than applied for: October becomes September
    assert [(row.from_month, row.to_month) for row in scene.project.plan] == [
        (date(2026, 9, 1), date(2027, 2, 1)), (date(2026, 10, 1), date(2027, 1, 1)),
    ]  # fmt: skip
    scene.sign(starts_on=date(2026, 10, 1), ends_on=date(2027, 1, 31))
    assert [(row.from_month, row.to_month) for row in scene.project.plan] == [
        (date(2026, 10, 1), date(2027, 1, 1)), (date(2026, 11, 1), date(2027, 1, 1)),
    ]  # fmt: skip


def test_signing_is_in_the_ledger_and_told_to_the_organisation(scene):
    scene.sign()
    entry = ledger.history(f"project:{scene.project.ref}")[0]
    assert (entry.deed, entry.details["amount_fen"]) == ("project.sign", 9_000_000)
    told = db.session.query(Message).filter_by(event="project.sign").all()
    assert [message.user_id for message in told] == [scene.boss.id]


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"amount_fen": 90_000_01}, "协议金额不能超过立项金额 90,000 元"),
        ({"amount_fen": 0}, "协议金额要大于 0 元"),
        ({"percents": (50, 40, 11)}, "合计应为 100%，现在是 101%"),
        ({"ends_on": date(2026, 9, 1)}, "结束日期要晚于开始日期"),
        ({"signed_on": date(2026, 9, 16)}, "签订日期不能晚于今天"),
    ],
)
def test_an_agreement_that_breaks_a_rule_changes_nothing(scene, over, sentence):
    with pytest.raises(NotNow, match=sentence):
        scene.sign(**over)
    assert scene.project.signed_on is None
    assert scene.project.amount_fen == 90_000_00


def test_only_the_section_of_the_need_signs(scene):
    other = make.staff(section_code="fgb")
    for user in (other, scene.boss, scene.approver, scene.coach):
        with pytest.raises(NotYours):
            service.sign(user, scene.project, **SIGNED)


def test_an_agreement_stays_once_the_project_has_started(running):
    with pytest.raises(NotNow, match="实施中"):
        running.sign()


def test_an_agreement_stays_once_something_was_paid(scene):
    scene.sign()
    service.pay(scene.staff, scene.project, 1, clock.today())
    with pytest.raises(NotNow, match="已经拨过款"):
        scene.sign(amount_fen=80_000_00)
    assert scene.project.amount_fen == 90_000_00


def test_somebody_else_signed_meanwhile(scene):
    seen = scene.project.version
    scene.sign()
    with pytest.raises(Stale):
        scene.sign(seen=seen)


def test_the_first_instalment_is_paid_after_signing(scene):
    with pytest.raises(NotNow, match="请先登记协议"):
        service.pay(scene.staff, scene.project, 1, clock.today())
    scene.sign()
    service.pay(scene.staff, scene.project, 1, clock.today())
    assert scene.project.instalments[0].paid_on == clock.today()
    assert ledger.history(f"project:{scene.project.ref}")[0].details == {
        "amount_fen": 4_500_000, "paid_on": "2026-09-15", "seq": 1,
    }  # fmt: skip


def test_a_payment_is_recorded_once_and_not_in_the_future_or_before_the_agreement(scene):
    scene.sign()
    with pytest.raises(NotNow, match="不能晚于今天"):
        service.pay(scene.staff, scene.project, 1, clock.today() + timedelta(days=1))
    with pytest.raises(NotNow, match="不能早于协议签订日期"):
        service.pay(scene.staff, scene.project, 1, date(2026, 9, 14))
    service.pay(scene.staff, scene.project, 1, clock.today())
    with pytest.raises(NotNow, match="已经登记过"):
        service.pay(scene.staff, scene.project, 1, clock.today())
    with pytest.raises(NotNow, match="没有这一期"):
        service.pay(scene.staff, scene.project, 9, clock.today())
    with pytest.raises(NotYours):
        service.pay(scene.boss, scene.project, 1, clock.today())


def mid_term(scene, total, state=VisitState.CONFIRMED):
    visit = make.visit(state, project=scene.project, supervisor=scene.coach, stage=VisitStage.MIDDLE)
    rubric = sheets.newest_rubric("B")
    make.add(
        ScoreSheet(
            rubric_id=rubric.id, subject_kind=SubjectKind.VISIT, subject_id=visit.id, judge_id=scene.coach.id,
            state=SheetState.SUBMITTED, total=Decimal(total), submitted_at=clock.now(),
        )
    )  # fmt: skip


def test_the_middle_instalment_waits_for_a_sufficient_mid_term_score(running):
    service.pay(running.staff, running.project, 1, clock.today())
    with pytest.raises(NotNow, match="还没有中期督导得分"):
        service.pay(running.staff, running.project, 2, clock.today())
    mid_term(running, "64.99")
    with pytest.raises(NotNow, match=r"64\.99 分，低于拨付中期款要求的 65 分"):
        service.pay(running.staff, running.project, 2, clock.today())
    mid_term(running, "65.01")  # the mean is 65.00
    service.pay(running.staff, running.project, 2, clock.today())
    assert running.project.instalments[1].paid_on == clock.today()


def test_a_contested_visit_does_not_open_the_middle_instalment(running):
    mid_term(running, "90", VisitState.CONTESTED)
    service.pay(running.staff, running.project, 1, clock.today())
    with pytest.raises(NotNow, match="还没有中期督导得分"):
        service.pay(running.staff, running.project, 2, clock.today())


@pytest.mark.parametrize(
    ("state", "score", "sentence"),
    [
        (AssessmentState.NOTICE, 90, "现在还没有定级"),
        (AssessmentState.FINAL, Decimal("59.99"), "59.99 分，低于拨付尾款要求的 60 分"),
        (AssessmentState.FINAL, 60, None),
    ],
)
def test_the_last_instalment_waits_for_the_assessment(app, state, score, sentence):
    staff, project = make.staff(), make.project(ProjectState.ASSESSED)
    for row in project.instalments[:2]:
        row.paid_on = clock.today()
    db.session.commit()
    make.assessment(state, project=project, score=score)
    if sentence is None:
        service.pay(staff, project, 3, clock.today())
        assert project.instalments[2].paid_on == clock.today()
        return
    with pytest.raises(NotNow, match=sentence):
        service.pay(staff, project, 3, clock.today())


def test_instalments_are_paid_in_their_order(app):
    staff, project = make.staff(), make.project(ProjectState.ASSESSED)
    make.assessment(AssessmentState.FINAL, project=project)
    with pytest.raises(NotNow, match="请先登记第 2 期"):
        service.pay(staff, project, 3, clock.today())


# ---- pages -----------------------------------------------------------------------------------------------------------

PAGE = {
    "agreement_no": "曹街购〔2026〕18 号", "signed_on": "2026-09-10", "starts_on": "2026-09-20", "ends_on": "2027年2月28日",
    "amount": "8.5万", "first": "50", "middle": "40", "last": "10",
}  # fmt: skip


def test_the_agreement_by_page_with_its_text(scene, client_as):
    client, ref = client_as(scene.staff), scene.project.ref
    page = client.get(f"/staff/projects/{ref}/agreement").text
    assert 'value="90000"' in page and 'value="2026-10-01"' in page
    pdf = (b"%PDF-1.4 signed", "协议.pdf")
    import io

    answer = client.post(f"/staff/projects/{ref}/agreement", data=PAGE | {"agreement": (io.BytesIO(pdf[0]), pdf[1])})
    assert (answer.status_code, answer.location) == (303, f"/staff/projects/{ref}")
    assert scene.project.amount_fen == 85_000_00
    assert [file.name for file in attachments.of(scene.project, "agreement")] == ["协议.pdf"]
    shown = client.get(f"/staff/projects/{ref}").text
    assert "85,000 元" in shown and "42,500 元" in shown and "协议.pdf" in shown


def test_a_refused_agreement_keeps_what_was_typed(scene, client_as):
    client, ref = client_as(scene.staff), scene.project.ref
    answer = client.post(f"/staff/projects/{ref}/agreement", data=PAGE | {"last": "11"})
    assert answer.status_code == 422
    assert "现在是 101%" in answer.text and "8.5万" in answer.text
    answer = client.post(f"/staff/projects/{ref}/agreement", data=PAGE | {"amount": "很多"})
    assert answer.status_code == 422
    assert "金额请只填数字" in answer.text and "很多" in answer.text
    assert scene.project.signed_on is None


def test_a_payment_by_page(scene, client_as):
    scene.sign()
    client, ref = client_as(scene.staff), scene.project.ref
    assert "45,000 元" in client.get(f"/staff/projects/{ref}/payments/1").text
    assert client.post(f"/staff/projects/{ref}/payments/1", data={"paid_on": "2026-09-16"}).status_code == 422
    assert client.post(f"/staff/projects/{ref}/payments/1", data={"paid_on": "2026-09-15"}).status_code == 303
    assert "已拨 2026-09-15" in client.get(f"/staff/projects/{ref}").text
    assert "还没有中期督导得分" in client.get(f"/staff/projects/{ref}/payments/2").text
    assert client.get(f"/staff/projects/{ref}/payments/9").status_code == 404


def test_who_may_not_reach_the_pages_of_the_street(scene, client_as):
    ref = scene.project.ref
    for user in (scene.boss, scene.coach):
        assert client_as(user).get(f"/staff/projects/{ref}/agreement").status_code == 403
    other = client_as(make.staff(section_code="fgb"))
    assert other.get(f"/staff/projects/{ref}").status_code == 200
    assert other.get(f"/staff/projects/{ref}/agreement").status_code == 404
    assert client_as(None).get(f"/staff/projects/{ref}").status_code in (302, 303, 401)
