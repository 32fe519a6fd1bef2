"""The closing assessment in the owner's words: what it is computed from."""

from __future__ import annotations

import ast
import hashlib
import inspect as reading
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import assessing, evidence, final_account
from matchhub.domain.models import Assessment, AssessmentState, ReportState
from matchhub.domain.scoring import assessment, assessment_words
from matchhub.domain.scoring.canonical import canonical
from matchhub.features.closing import service
from tests import factories as make
from tests.closing import story
from tests.domain.assessed import computed, finished

pytestmark = pytest.mark.usefixtures("app")


def test_a_worked_example_by_hand_from_the_sheets_to_the_grade():
    """C1 one sheet; C2 three sheets; C3 three visits 80 × 1, 90 × 1, 85 × 0.8."""
    case = story.ready()
    found = computed(case)
    # C1: 90 % of 30, 25, 25, 10, 10 cut to the half point: 27 + 22.5 + 22.5 + 9 + 9 = 90
    assert found.result["c1"] == "90"
    # C2: shares 80, 90 and 100 % of 25, 25, 20, 15, 15: 80, 22.5+22.5+18+13.5+13.5 = 90, 100; their mean 90
    assert found.result["evidence"]["c2"]["totals"] == ["80", "90", "100"]
    assert found.result["c2"] == "90"
    # C3: (80 + 90 + 85 × 0.8) ÷ 2.8 = 238 ÷ 2.8 = 85
    assert found.result["c3"] == "85"
    # 90 × 30 % + 90 × 30 % + 85 × 40 % = 27 + 27 + 34 = 88
    assert found.score == Decimal("88")
    assert found.grade == "good"
    assert found.state is AssessmentState.COMPUTED
    assert found.result["satisfaction_rate"] == "95"


def test_the_digest_can_be_recomputed_by_anyone_from_the_stored_inputs():
    found = computed(story.ready())
    text = json.dumps(found.inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == found.digest
    assert text == assessing.frozen_text(found)


def test_a_closing_score_cannot_exist_without_its_visits():
    case = story.presented(story.inspected(story.sampled(story.reported(story.closing(visits=False)))))
    with pytest.raises(NotNow, match="督导次数不够：启动阶段走访还差 1 次"):
        service.compute(case.staff, case.assessment)
    assert case.assessment.score is None
    assert case.assessment.state is AssessmentState.COLLECTING
    story.three_visits(case)
    assert computed(case).score is not None


def test_even_a_veto_does_not_make_a_score_without_visits():
    case = story.closing(visits=False)
    service.set_extras(case.staff, case.assessment, [], [{"code": "misuse", "reason": "发票与用途不符。"}])
    with pytest.raises(NotNow, match="督导次数不够"):
        service.compute(case.staff, case.assessment)


def test_a_visit_without_its_sheet_is_not_left_out_silently():
    case = story.ready()
    kind = case.visits[0].kind
    lone = make.visit(make.VisitState.CONFIRMED, project=case.project, kind=kind, visited_on=clock.today())
    with pytest.raises(NotNow, match=f"督导记录 {lone.ref} 没有评分表"):
        service.compute(case.staff, case.assessment)


def test_each_missing_part_is_named():
    case = story.closing()
    with pytest.raises(NotNow) as refused:
        service.compute(case.staff, case.assessment)
    for sentence in ("结项报告还没有通过", "台账督察还没有打分", "还没有安排现场汇报的评分人", "机构还没有提交自评分"):
        assert sentence in str(refused.value)


def test_an_open_rectification_keeps_the_score_away():
    case = story.ready()
    make.rectification(case.project)
    with pytest.raises(NotNow, match="还有 1 份整改单没有完成"):
        service.compute(case.staff, case.assessment)


def test_a_veto_stops_the_score_whatever_the_sheets_say():
    case = story.ready()
    service.set_extras(
        case.staff, case.assessment, [{"kind": "team", "points": "5", "evidence": "回访名册"}],
        [{"code": "forgery", "reason": "三场签到为同一人笔迹。"}],
    )  # fmt: skip
    found = computed(case)
    assert (found.score, found.grade) == (Decimal("0"), "failed")
    assert found.result["vetoes"] == ["forgery"]


def test_after_a_confirmed_veto_nothing_more_is_waited_for():
    case = story.closing()
    service.set_extras(case.staff, case.assessment, [], [{"code": "accident", "reason": "事故认定书。"}])
    found = computed(case)
    assert (found.score, found.grade, found.result["c1"]) == (Decimal("0"), "failed", None)


def test_extras_are_capped_and_never_lift_a_score_above_100():
    case = story.presented(story.inspected(story.sampled(story.reported(story.closing())), share="1"), ("1", "1", "1"))
    extras = [{"kind": kind, "points": "3", "evidence": "核实单"} for kind in ("leverage", "team", "spread")]
    service.set_extras(case.staff, case.assessment, extras)
    found = computed(case)
    # 100 × 30 % + 100 × 30 % + 85 × 40 % = 94; 3 + 3 + 3 is capped at 5
    assert (found.result["extra_points"], found.score) == ("5", Decimal("99"))


def test_low_satisfaction_caps_the_grade_but_not_the_score():
    case = story.closing()
    service.save_report(case.admin, case.report, story.REPORT | {"satisfaction_satisfied": 15})
    story._attach(case.report, case.admin)
    service.submit_report(case.admin, case.report)
    service.accept_report(case.staff, case.report)
    found = computed(story.presented(story.inspected(story.sampled(case))))
    assert (found.score, found.grade, found.result["grade_by_score"]) == (Decimal("88"), "acceptable", "good")
    assert found.result["is_capped"] is True


def test_too_few_answers_show_no_percentage_and_cap_nothing():
    case = story.closing()
    values = story.REPORT | {"satisfaction_valid": 9, "satisfaction_satisfied": 1}
    service.save_report(case.admin, case.report, values)
    assert final_account.satisfaction_rate(case.report) is None
    story._attach(case.report, case.admin)
    service.submit_report(case.admin, case.report)
    service.accept_report(case.staff, case.report)
    found = computed(story.presented(story.inspected(story.sampled(case))))
    assert found.result["satisfaction_rate"] is None
    assert found.grade == "good"


@pytest.mark.parametrize(
    ("rows", "rate"),
    [([(20, 19), (30, 33)], "8.00"), ([(20, 20)], "0.00"), ([(0, 0)], None), ([], None), ([(10, 0)], "100.00")],
)
def test_the_error_rate_is_the_sum_of_differences_of_what_was_claimed(rows, rate):
    found = evidence.error_rate(rows)
    assert found == (None if rate is None else Decimal(rate))


@pytest.mark.parametrize(
    ("baseline", "target", "actual", "rate"),
    [("0", "8", "9", "112.50"), ("", "8 个楼组", "6 个楼组", "75.00"), ("30%", "60%", "45%", "50.00"),
     ("17", "4", "4", "100.00"), ("17", "4", "20", "0"), ("0", "8", "", None), ("5", "5", "5", None),
     ("没有", "8", "8", None), ("0", "1,200 人次", "1220 人次", "101.67"), ("0", "3 组 8 户", "3", None)],
)  # fmt: skip
def test_how_far_a_goal_was_reached(baseline, target, actual, rate):
    goal = {"baseline": baseline, "target": target, "actual": actual}
    found = final_account.goal_rate(goal)
    assert found == (None if rate is None else Decimal(rate))


def test_beginning_twice_makes_one_report_and_one_assessment():
    case = story.closing()
    service.begin(case.admin, case.project)
    assert db.session.query(Assessment).filter_by(project_id=case.project.id).count() == 1


def test_the_report_begins_with_the_goals_and_the_money_of_the_agreement():
    case = story.closing()
    assert case.report.goals[0]["target"] == "8"
    assert case.report.account == [
        {"category": "activity", "budget_fen": 100_000_00, "spent_fen": 0, "explanation": ""}
    ]
    assert (case.report.facts["sessions"], case.report.facts["people"]) == (10, 200)


def test_every_rule_of_the_arithmetic_has_its_words():
    tree = ast.parse(Path(reading.getfile(assessment)).read_text(encoding="utf-8"))
    rules = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Step"
    }
    assert rules == set(assessment_words.RULES) == set(assessment_words.FORMULAS)
    assert set(assessment_words.GRADES) == set(assessment.Grade)


def test_the_story_of_a_score_can_be_followed_with_a_pocket_calculator():
    case = story.ready()
    service.set_extras(case.staff, case.assessment, [{"kind": "team", "points": "1.5", "evidence": "回访"}])
    found = computed(case)
    told = {line.rule: line for line in assessment_words.story(found.result["steps"], str)}
    assert told["daily"].formula == "(80 × 1 + 90 × 1 + 85 × 0.8) ÷ (1 + 1 + 0.8)"
    assert told["weighted"].formula == "90 × 30% + 90 × 30% + 85 × 40%"
    assert told["score"].formula == "88 + 附加分 1.5，最高 100 分"
    assert told["score"].result == "89.5"
    assert "孵化的自治团队仍在活动 1.5" in told["extras"].formula


def test_strengths_and_next_steps_come_from_the_best_and_the_worst_items():
    case = story.presented(story.inspected(story.sampled(story.reported(story.closing())), share="1"), ("0.5",) * 3)
    found = computed(case)
    assert found.strengths.splitlines()[0].startswith("过程资料完整（30 / 30）")
    assert len(found.next_steps.splitlines()) == 3
    assert "下一步做到" in found.next_steps


def test_only_the_office_computes():
    case = story.ready()
    for person in (case.approver, case.admin, case.inspector, make.staff(section_code="pab")):
        with pytest.raises(NotYours):
            service.compute(person, case.assessment)


def test_the_track_record_grows_with_a_final_assessment(later):
    case = story.ready()
    organisation = case.project.organisation
    assert assessing.track_record(organisation).is_newcomer
    assert assessing.a12_points(organisation, Decimal(5)) == Decimal(3)
    make.report(ReportState.ACCEPTED, project=case.project, first_submitted_at=clock.now(), due_on=clock.today())
    make.report(
        ReportState.ACCEPTED, project=case.project, month=date(2026, 7, 1), due_on=date(2026, 8, 5),
        first_submitted_at=clock.now(),
    )  # fmt: skip
    finished(case, later)
    found = assessing.track_record(organisation)
    past = found.evidence[0].project
    assert (past.closing_score, past.reports_due, past.reports_on_time) == (Decimal("88"), 2, 1)
    # 0.5 × 88 + 0.3 × 50 + 0.2 × 100 = 79; one project of three: (79 + 2 × street mean 79) ÷ 3
    assert found.own == Decimal("79.00")
    assert found.score == Decimal("79.00")
    assert assessing.record(organisation)[0].assessment.grade == "good"


def test_after_an_excellent_grade_a12_is_full(later):
    case = story.presented(story.inspected(story.sampled(story.reported(story.closing())), share="1"), ("1", "1", "1"))
    finished(case, later)
    assert case.assessment.grade == "excellent"
    assert assessing.a12_points(case.project.organisation, Decimal(5)) == Decimal(5)
    later(days=366 * 3)
    assert assessing.a12_points(case.project.organisation, Decimal(5)) == Decimal(3)


def test_the_frozen_text_has_one_spelling():
    found = computed(story.ready())
    assert canonical(json.loads(assessing.frozen_text(found))) == assessing.frozen_text(found)
