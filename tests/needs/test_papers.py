"""A need on paper and in calendars, and how soon needs find somebody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from icalendar import Calendar

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import timeliness
from matchhub.domain.models import ApplicationState, ApplicationVersion, Invitation, Need, NeedState, Role
from matchhub.features.needs import service
from tests import factories as make


def events(answer) -> dict[str, object]:
    calendar = Calendar.from_ical(answer.data)
    return {str(one["uid"]): one for one in calendar.walk("VEVENT")}


def test_the_dates_of_a_need_go_into_any_calendar(app, client_as):
    need = make.need(review_on=date(2026, 10, 12), roadshow_on=date(2026, 10, 20))
    answer = client_as(None).get(f"/needs/{need.ref}/calendar.ics")
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    found = events(answer)
    assert set(found) == {
        f"need-{need.ref}-{what}@matchhub" for what in ("questions", "answers", "closes", "review", "roadshow")
    }
    closes = found[f"need-{need.ref}-closes@matchhub"]
    assert closes["dtstart"].dt.replace(tzinfo=None) == need.closes_at
    assert found[f"need-{need.ref}-review@matchhub"]["dtstart"].dt == date(2026, 10, 12)
    assert need.title in str(closes["summary"]) and f"/needs/{need.ref}" in str(closes["url"])


def test_a_moved_date_keeps_its_identity_and_grows_its_number(app, client_as):
    need = make.need()
    before = events(client_as(None).get(f"/needs/{need.ref}/calendar.ics"))
    service.correct(
        make.approver(), need, None, "延期。", closes_on=clock.local(need.closes_at).date() + timedelta(days=9)
    )
    after = events(client_as(None).get(f"/needs/{need.ref}/calendar.ics"))
    assert set(before) == set(after)
    key = f"need-{need.ref}-closes@matchhub"
    assert after[key]["dtstart"].dt > before[key]["dtstart"].dt and after[key]["sequence"] > before[key]["sequence"]


def test_a_need_that_ended_takes_its_dates_out_again(app, client_as):
    need = make.need(NeedState.WITHDRAWN)
    assert {str(one["status"]) for one in events(client_as(None).get(f"/needs/{need.ref}/calendar.ics")).values()} == {
        "CANCELLED"
    }


def test_the_notice_shows_what_a_board_needs_and_leads_to_the_page(app, client_as):
    need = make.need(essential=["有加梯经验"], outcomes=[{"indicator": "完成征询", "baseline": "0", "target": "8"}])
    page = client_as(None).get(f"/needs/{need.ref}/notice").text
    for word in (
        need.title,
        need.ref,
        "申报截止",
        "有加梯经验",
        "完成征询",
        "王岚",
        "<svg role=",
        f"/needs/{need.ref}",
    ):
        assert word in page, word
    answer = client_as(None).get(f"/needs/{need.ref}/notice.pdf")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    assert len(answer.data) < 200_000


@pytest.mark.parametrize("what", ["notice", "notice.pdf", "calendar.ics"])
@pytest.mark.parametrize("state", [NeedState.DRAFT, NeedState.INTERNAL_REVIEW])
def test_a_draft_is_neither_printed_nor_dated(app, client_as, what, state):
    need = make.need(state)
    for user in (None, make.staff()):
        assert client_as(user).get(f"/needs/{need.ref}/{what}").status_code == 404


# --- hours to the first application -----------------------------------------------------------------------------------


def applied(need: Need, hours: float, state=ApplicationState.QUALIFIED) -> None:
    """An application whose first version came so many hours after publication, and a second one a day later."""
    application = make.application(state, need=need)
    for number, more in ((1, 0), (2, 24)):
        make.add(
            ApplicationVersion(
                application_id=application.id, number=number, document={}, sha256="0" * 64, submitted_by_id=make.staff().id,
                submitted_at=need.published_at + timedelta(hours=hours + more),
            )
        )  # fmt: skip


def test_hours_from_publication_to_the_first_application_and_their_median(app, client_as):
    fast, slow, none = (make.need(NeedState.REVIEWING) for _ in range(3))
    with clock.stopped(fast.published_at):
        applied(fast, 6.5)
        applied(fast, 30)
    with clock.stopped(slow.published_at):
        applied(slow, 50)
    staff = make.staff()
    rows = {row.ref: row.hours for row in timeliness.calls(staff)}
    assert rows == {fast.ref: 6.5, slow.ref: 50.0, none.ref: None}
    assert timeliness.middle(timeliness.calls(staff)) == 28.2
    page = client_as(staff).get("/staff/needs/timeliness").text
    assert "28.2" in page and "6.5" in page and "没有申报" in page


def test_before_the_deadline_the_page_is_the_same_with_and_without_applications(app, client_as):
    """Neither a count nor a time may tell anybody inside that somebody has applied."""
    make.need(NeedState.REVIEWING)
    need = make.need()
    people = [make.user(role, **over) for role, over in (
        (Role.STREET_STAFF, {"section_code": "zzb"}), (Role.STREET_APPROVER, {}), (Role.CENTRE_STAFF, {}), (Role.AUDITOR, {}),
    )]  # fmt: skip
    before = [timeliness.calls(user) for user in people]
    with clock.stopped(need.published_at):
        applied(need, 3, ApplicationState.SUBMITTED)
    assert [timeliness.calls(user) for user in people] == before
    for user in people:
        page = client_as(user).get("/staff/needs/timeliness").text
        assert need.ref not in page
        shown = client_as(user).get(f"/staff/needs/{need.ref}").text
        assert "首份申报" not in shown


def test_a_closed_call_that_waits_for_its_opening_is_left_out_with_and_without_applications(app, later):
    need, staff = make.need(), make.staff()
    later(days=20)
    assert timeliness.calls(staff) == []
    with clock.stopped(need.published_at):
        applied(need, 3, ApplicationState.SUBMITTED)
    assert timeliness.calls(staff) == []


def invited(need: Need, hours: float) -> None:
    make.add(
        Invitation(need_id=need.id, organisation_id=make.organisation().id, invited_by_id=make.staff().id,
                   invited_at=need.published_at + timedelta(hours=hours))
    )  # fmt: skip


def test_what_invitations_did_is_compared_with_and_without_and_before_and_after_the_first(app, client_as):
    early, after, never, alone = (make.need(NeedState.REVIEWING) for _ in range(4))
    for need, hours in ((early, 5), (after, 60), (alone, 30)):
        with clock.stopped(need.published_at):
            applied(need, hours)
    invited(early, 10)
    invited(after, 48)
    invited(after, 90)
    invited(never, 20)
    staff = make.staff()
    rows = timeliness.calls(staff)
    with_, without = timeliness.by_invitation(rows)
    assert (with_.calls, with_.applied, with_.median) == (3, 2, 32.5)
    assert (without.calls, without.applied, without.median) == (1, 1, 30.0)
    before, later_ = timeliness.around_invitation(rows)
    assert (before.calls, before.median) == (1, 5.0)
    assert (later_.calls, later_.median) == (1, 12.0)
    page = client_as(staff).get("/staff/needs/timeliness").text
    assert "邀请过机构的征集" in page and "32.5" in page and "12.0" in page
    desk = client_as(staff).get("/workbench").text
    assert "从发布到首份申报" in desk and "中位数 30.0 小时，按申报已开启的 4 条征集统计" in desk
    assert "从发布到首份申报" not in client_as(make.org_admin()).get("/workbench").text


def test_what_was_withdrawn_stays_sealed_for_good(app):
    need = make.need(NeedState.REVIEWING)
    with clock.stopped(need.published_at):
        applied(need, 2, ApplicationState.WITHDRAWN)
    assert [row.hours for row in timeliness.calls(make.staff())] == [None]


def test_the_trend_is_by_quarter_of_publication(app):
    rows = [
        timeliness.Call("XQ-1", "一", clock.utc(date(2026, 1, 5)), 10.0),
        timeliness.Call("XQ-2", "二", clock.utc(date(2026, 3, 31)), 30.0),
        timeliness.Call("XQ-3", "三", clock.utc(date(2026, 4, 1)), None),
    ]
    assert timeliness.by_quarter(rows) == [("2026 年 1 季度", 20.0), ("2026 年 2 季度", None)]


def test_only_the_streets_people_see_it(app, client_as):
    assert client_as(make.org_admin()).get("/staff/needs/timeliness").status_code == 403
    assert client_as(None).get("/staff/needs/timeliness").status_code == 302
    assert db.session.query(Need).count() == 0
