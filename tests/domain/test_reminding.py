"""Reminders: each once, the newest only after a missed run, none for what is done or over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock, outbox
from matchhub.core.db import command, db
from matchhub.domain import reminding
from matchhub.domain.models import (
    ApplicationState,
    Message,
    NeedState,
    Panelist,
    RectificationState,
    Reminder,
    ReportState,
    Role,
    RoundState,
    User,
    VisitState,
)
from matchhub.domain.reminding import Due
from tests import factories as make

pytestmark = pytest.mark.usefixtures("app")


def told(user: User) -> list[str]:
    """The events of the messages to somebody, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id).order_by(Message.id)))


def draft_until(closes_at: datetime) -> tuple[User, object]:
    admin = make.org_admin()
    need = make.need(NeedState.OPEN, closes_at=closes_at)
    return admin, make.application(ApplicationState.DRAFT, need=need, organisation=admin.organisation)


def test_a_draft_is_reminded_of_48_and_6_hours_before_and_never_twice(later):
    admin, _draft = draft_until(clock.now() + timedelta(hours=50))
    assert reminding.tick() == 0
    later(hours=3)
    assert reminding.tick() == 1
    assert reminding.tick() == 0
    assert told(admin) == ["application.closes_in_48h"]
    later(hours=42)
    assert reminding.tick() == 1 and reminding.tick() == 0
    assert told(admin) == ["application.closes_in_48h", "application.closes_in_6h"]


def test_after_a_missed_run_only_the_newest_reminder_is_sent(later):
    admin, _draft = draft_until(clock.now() + timedelta(hours=50))
    later(hours=46)
    assert reminding.tick() == 1
    assert told(admin) == ["application.closes_in_6h"]
    rows = db.session.execute(sa.select(Reminder.key, Reminder.sent_at).order_by(Reminder.due_at)).all()
    assert [(row.key.split(":")[2], row.sent_at is not None) for row in rows] == [("48h", False), ("6h", True)]


def test_a_deadline_that_is_over_or_an_application_handed_in_reminds_nobody(later):
    late, _draft = draft_until(clock.now() + timedelta(hours=4))
    done, application = draft_until(clock.now() + timedelta(hours=40))
    application.state, application.submitted_at = ApplicationState.SUBMITTED, clock.now()
    db.session.commit()
    later(hours=5)
    reminding.tick()
    assert told(late) == told(done) == []


def test_who_has_left_the_organisation_or_lost_the_role_is_not_reminded():
    admin, _draft = draft_until(clock.now() + timedelta(hours=5))
    gone = make.org_admin(admin.organisation, active=False)
    other = make.user(Role.REVIEWER, organisation=admin.organisation)
    reminding.tick()
    assert told(admin) and not told(gone) and not told(other)


def test_a_report_is_reminded_of_on_the_days_of_the_settings(later):
    admin = make.org_admin()
    project = make.project(organisation=admin.organisation)
    make.report(ReportState.AWAITED, project=project, due_on=clock.today() + timedelta(days=5))
    for _day in range(12):
        reminding.tick()
        later(days=1)
    assert told(admin) == ["report.due_soon", "report.due_soon", "report.overdue", "report.overdue"]


def test_an_accepted_report_reminds_nobody():
    admin = make.org_admin()
    project = make.project(organisation=admin.organisation)
    make.report(ReportState.ACCEPTED, project=project, due_on=clock.today() + timedelta(days=1))
    reminding.tick()
    assert told(admin) == []


def test_what_nobody_could_send_for_weeks_is_not_sent_any_more(later):
    admin = make.org_admin()
    project = make.project(organisation=admin.organisation)
    make.report(ReportState.AWAITED, project=project, due_on=clock.today() + timedelta(days=5))
    later(days=40)
    reminding.tick()
    assert told(admin) == []


def test_a_reviewer_with_sheets_to_fill_in_is_reminded_three_days_and_one_day_before(later):
    need = make.need(NeedState.REVIEWING)
    make.application(ApplicationState.QUALIFIED, need=need)
    round_ = make.round_(RoundState.SCORING, need=need, due_at=clock.now() + timedelta(days=5))
    judge = make.user(Role.REVIEWER)
    make.add(Panelist(round_id=round_.id, user_id=judge.id))
    for _step in range(12):
        reminding.tick()
        later(hours=12)
    assert told(judge) == ["review_round.due_in_3d", "review_round.due_in_1d"]


def test_a_rectification_is_reminded_of_before_and_its_issuer_hears_of_the_delay(later):
    admin, issuer = make.org_admin(), make.user(Role.SUPERVISOR)
    project = make.project(organisation=admin.organisation)
    order = make.rectification(project, issued_by=issuer, due_on=clock.today() + timedelta(days=4))
    for _day in range(8):
        reminding.tick()
        later(days=1)
    assert told(admin) == ["rectification.due_soon", "rectification.overdue"]
    assert told(issuer) == ["rectification.overdue_issuer"]
    order.state = RectificationState.REPORTED
    db.session.commit()
    assert reminding.tick() == 0


def test_silence_on_a_visit_is_announced_the_day_before(later):
    admin = make.org_admin()
    make.visit(VisitState.SUBMITTED, project=make.project(organisation=admin.organisation))
    assert reminding.tick() == 0
    later(days=2, hours=1)
    assert reminding.tick() == 1
    assert told(admin) == ["visit.confirm_due"]


def test_two_clockworks_send_one_reminder():
    admin, _application = draft_until(clock.now() + timedelta(hours=5))
    due = reminding.waiting(clock.now())
    assert reminding._send(due) == 1
    assert reminding._send(due) == 0
    assert len(told(admin)) == 1


@command
def _remind(user: User, done: list[int]) -> bool:
    return reminding.remind("paper:1:60", user, clock.now(), lambda: done.append(1))


def test_remind_does_a_deed_once_for_each_person():
    one, two, done = make.user(), make.user(), []
    assert _remind(one, done) and not _remind(one, done) and _remind(two, done)
    assert len(done) == 2


def test_a_key_that_differs_only_in_person_is_another_reminder():
    at = clock.now()
    keys = {Due("a", "b", user_id, at, "report.overdue", "", "").key for user_id in (1, 2)}
    assert len(keys) == 2


def test_a_chore_that_fails_keeps_no_other_from_running(monkeypatch):
    ran = []

    def broken() -> None:
        raise RuntimeError

    def sound() -> None:
        ran.append(1)

    monkeypatch.setattr(outbox, "_chores", [(1.0, broken), (1.0, sound)])
    outbox.run_chores(anyway=True)
    assert ran == [1]


def test_looking_for_reminders_costs_the_same_for_one_draft_and_for_many():
    def statements() -> int:
        db.session.rollback()
        asked: list[str] = []
        listener = lambda _c, _k, sql, *_rest: asked.append(sql)  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", listener)
        reminding.waiting(clock.now())
        sa.event.remove(db.engine, "before_cursor_execute", listener)
        return len(asked)

    draft_until(clock.now() + timedelta(hours=5))
    statements()  # reads the settings as well
    few = statements()
    for _n in range(4):
        draft_until(clock.now() + timedelta(hours=5))
    assert statements() == few
