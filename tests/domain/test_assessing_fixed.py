"""The closing assessment: nobody can bend it afterwards, and what follows from its grade."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.workdays import months_later
from matchhub.domain.models import AssessmentState, LedgerEntry, NoticeKind, ProjectState, SampledActivity
from matchhub.domain.scoring import sampling
from matchhub.features.closing import service
from tests import factories as make
from tests.closing import story
from tests.domain.assessed import announced, computed, conclude, finished, publish

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    "change",
    ["score = 99", "score = NULL", "grade = 'excellent'", "digest = 'x'", "inputs = '{}'", "result = '{}'",
     "extras = '[1]'", "vetoes = '[1]'", "absent_reason = 'x'", "computed_at = NULL"],
)  # fmt: skip
def test_a_computed_assessment_cannot_be_changed_in_sql(change):
    found = computed(story.ready())
    with pytest.raises(sa.exc.DBAPIError, match="a computed assessment never changes"):
        db.session.execute(sa.text(f"UPDATE assessment SET {change} WHERE id = :id"), {"id": found.id})
    db.session.rollback()


def test_a_computed_assessment_cannot_be_deleted_in_sql():
    found = computed(story.ready())
    with pytest.raises(sa.exc.DBAPIError, match="an assessment stays"):
        db.session.execute(sa.text("DELETE FROM assessment WHERE id = :id"), {"id": found.id})
    db.session.rollback()


def test_a_final_assessment_never_goes_back(later):
    found = finished(story.ready(), later)
    with pytest.raises(sa.exc.DBAPIError, match="a computed assessment never changes"):
        db.session.execute(sa.text("UPDATE assessment SET state = 'collecting' WHERE id = :id"), {"id": found.id})
    db.session.rollback()


def test_what_was_reviewed_never_changes_in_sql():
    case = story.ready()
    computed(case)
    service.review(case.approver, case.assessment)
    with pytest.raises(sa.exc.DBAPIError, match="what was reviewed never changes"):
        db.session.execute(sa.text("UPDATE assessment SET strengths = 'x'"))
    db.session.rollback()


def test_no_deed_changes_a_computed_assessment():
    case = story.ready()
    computed(case)
    for deed in (
        lambda: service.set_extras(case.staff, case.assessment, []),
        lambda: service.assign_inspector(case.staff, case.assessment, case.inspector),
        lambda: service.set_presentation(case.staff, case.assessment, clock.today(), "x", case.judges),
        lambda: service.proceed_without(case.staff, case.assessment, "x"),
        lambda: service.count_sample(case.inspector, case.assessment, {}),
    ):
        with pytest.raises(NotNow, match="都已冻结"):
            deed()
    with pytest.raises(NotNow, match="现在是“已算出”"):
        service.compute(case.staff, case.assessment)


def test_a_visit_confirmed_later_does_not_move_a_frozen_score():
    case = story.ready()
    found = computed(case)
    story.visit(case.project, case.inspector, case.visits[0].line, case.visits[0].stage, "10")
    assert case.assessment.score == found.score == Decimal("88")
    assert len(case.assessment.inputs["inputs"]["visits"]) == 3


def test_a_failed_grade_bars_the_organisation_for_the_months_of_the_setting(later):
    case = story.presented(story.inspected(story.sampled(story.reported(story.closing())), share="0.3"), ("0.3",) * 3)
    found = finished(case, later)
    # 30 % and less of C1 and C2, 85 for C3: below 60
    assert found.grade == "failed"
    assert case.project.organisation.barred_until == months_later(clock.today(), 12)
    assert db.session.query(LedgerEntry).filter_by(deed="organisation.bar").count() == 1


def test_a_good_grade_bars_nobody_and_lets_the_project_finish(later):
    case = story.ready()
    found = finished(case, later)
    assert case.project.organisation.barred_until is None
    assert (found.state, case.project.state) == (AssessmentState.FINAL, ProjectState.ASSESSED)
    assert found.final_at == clock.now()


def test_a_longer_bar_stays(later):
    case = story.closing()
    far = date(2030, 1, 1)
    case.project.organisation.barred_until = far
    db.session.commit()
    service.set_extras(case.staff, case.assessment, [], [{"code": "harm", "reason": "泄露个案资料。"}])
    finished(case, later)
    assert case.project.organisation.barred_until == far


def test_an_upheld_objection_reopens_the_assessment_and_takes_the_numbers_away(later):
    case = story.ready()
    notice = announced(case)
    digest = case.assessment.digest
    later(days=12)
    conclude(notice, case.approver, upheld=True)
    found = case.assessment
    assert (found.state, found.score, found.grade, found.inputs) == (AssessmentState.COLLECTING, None, "", {})
    assert case.project.state is ProjectState.CLOSING
    told = db.session.query(LedgerEntry).filter_by(deed="assessment.compute").one()
    assert told.details["digest"] == digest  # the ledger keeps what was computed


def test_a_draft_with_old_numbers_cannot_be_published():
    case = story.ready()
    computed(case)
    service.review(case.approver, case.assessment)
    notice = service.draft_notice(case.staff, case.assessment)
    service.reopen(case.approver, case.assessment, "附加分漏填")
    service.set_extras(case.staff, case.assessment, [{"kind": "team", "points": "2", "evidence": "回访"}])
    computed(case)
    service.review(case.approver, case.assessment)
    with pytest.raises(NotNow, match="不是最新的测评结果"):
        publish(notice, case.staff)
    assert service.draft_notice(case.staff, case.assessment).id == notice.id  # the same draft, with new numbers
    publish(notice, case.staff)
    assert case.assessment.state is AssessmentState.NOTICE
    assert notice.rows[0]["score"] == "90"


def test_a_notice_of_a_result_nobody_reviewed_cannot_be_published():
    case = story.ready()
    computed(case)
    notice = make.notice(
        make.NoticeState.DRAFT, kind=NoticeKind.ASSESSMENT, project_id=case.project.id,
        rows=[{"digest": case.assessment.digest}],
    )  # fmt: skip
    with pytest.raises(NotNow, match="还没有审核通过"):
        publish(notice, case.staff)


def test_the_sample_is_reproducible_from_its_seed():
    case = story.sampled(story.reported(story.closing(activities=12)))
    found = case.assessment
    everyone = [str(row.id) for row in case.project.activities]
    again = sampling.draw(reversed(everyone), len(found.sample), found.sample_seed)
    assert [str(row.activity_id) for row in found.sample] == list(again)
    assert len(found.sample) == 3  # 20 % of 12, rounded up
    digits = [hashlib.sha256(f"{found.sample_seed}:{one}".encode()).hexdigest() for one in everyone]
    first = min(zip(digits, everyone, strict=True))[1]
    assert str(found.sample[0].activity_id) == first


def test_a_sample_is_drawn_once():
    case = story.sampled(story.reported(story.closing()))
    with pytest.raises(NotNow, match="样本已经抽取，不能重抽"):
        service.draw_sample(case.staff, case.assessment)
    for change in (
        "UPDATE assessment SET sample_seed = 'mine'",
        "DELETE FROM sampled_activity",
        "UPDATE sampled_activity SET claimed_people = 1",
        "INSERT INTO sampled_activity (assessment_id, activity_id, position, claimed_people, note) "
        "SELECT assessment_id, (SELECT max(id) FROM activity), 9, 1, '' FROM sampled_activity LIMIT 1",
    ):
        with pytest.raises(sa.exc.DBAPIError, match=r"a sample is drawn once|sample stays|never changes|is drawn"):
            db.session.execute(sa.text(change))
        db.session.rollback()


def test_a_struck_activity_is_never_drawn():
    case = story.reported(story.closing(activities=2))
    struck = case.project.activities[0]
    struck.struck_at = clock.now()
    db.session.commit()
    story.sampled(case)
    assert [row.activity_id for row in case.assessment.sample] == [case.project.activities[1].id]


def test_counts_never_change_after_the_inspection_was_submitted():
    case = story.inspected(story.sampled(story.reported(story.closing())))
    row = db.session.query(SampledActivity).first()
    with pytest.raises(NotNow, match="复点结果不能再改"):
        service.count_sample(case.inspector, case.assessment, {row.id: service.Count(20, True)})
    with pytest.raises(sa.exc.DBAPIError, match="a drawn sample never changes"):
        db.session.execute(sa.text("UPDATE sampled_activity SET counted_people = 20"))
    db.session.rollback()


def test_an_accepted_report_never_changes_in_sql():
    case = story.reported(story.closing())
    with pytest.raises(sa.exc.DBAPIError, match="an accepted report never changes"):
        db.session.execute(sa.text("UPDATE closing_report SET satisfaction_satisfied = 20"))
    db.session.rollback()
    with pytest.raises(NotNow, match="不能再改"):
        service.save_report(case.admin, case.report, {"outcomes": "改"})
