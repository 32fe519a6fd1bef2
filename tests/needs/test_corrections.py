"""A published need is corrected in public: its words stay, its dates move later or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import reference
from matchhub.domain.models import ApplicationState, Message, Need, NeedCorrection, NeedState
from matchhub.features.needs import service
from tests import factories as make


@pytest.fixture
def approver(app):
    return make.approver()


def told(user) -> list[str]:
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id)))


def day_after(need, days):
    return clock.local(need.closes_at).date() + timedelta(days=days)


def test_a_correction_is_public_and_tells_whoever_is_concerned(client_as, approver):
    need, writer, bystander, staff = make.need(), make.org_admin(), make.org_admin(), make.staff()
    make.application(ApplicationState.DRAFT, need=need, organisation=writer.organisation)
    before = need.background
    page = client_as(approver)
    assert f"/staff/needs/{need.ref}/correct" in page.get(f"/staff/needs/{need.ref}").text
    answer = page.post(
        f"/staff/needs/{need.ref}/correct", data={"text": "服务人数应为 360 人。", "version": need.version}
    )
    assert answer.status_code == 303
    public = client_as(None).get(f"/needs/{need.ref}").text
    assert "更正 1" in public and "服务人数应为 360 人。" in public
    assert db.session.get(Need, need.id).background == before
    assert told(writer) == ["need.correct"] and told(staff) == ["need.correct"] and told(bystander) == []


def test_the_end_of_a_call_moves_later_to_a_working_day(client_as, approver):
    """NOW is a Tuesday; the call closes on Friday the 25th, a holiday follows."""
    need = make.need()
    saturday = day_after(need, 1)
    while saturday.weekday() != 5 or reference.calendar().is_working(saturday):
        saturday += timedelta(days=1)
    made = service.correct(approver, need, None, "申报材料准备时间不够，延长征集。", closes_on=saturday)
    ends = clock.local(db.session.get(Need, need.id).closes_at)
    assert reference.calendar().is_working(ends.date()) and ends.date() > saturday
    assert ends.time() == reference.terms().close_time
    assert "closes_at" in made.moved
    text = client_as(None).get(f"/needs/{need.ref}").text
    assert "申报截止由" in text and ends.strftime("%Y-%m-%d %H:%M") in text


def test_a_promised_end_never_comes_earlier(approver):
    need = make.need()
    with pytest.raises(NotNow, match="只能往后延"):
        service.correct(approver, need, None, "提前截止。", closes_on=day_after(need, -3))
    need = db.session.get(Need, need.id)
    assert db.session.scalar(sa.select(sa.func.count(NeedCorrection.id))) == 0


def test_after_the_deadline_the_call_is_not_opened_again(approver, later):
    need = make.need()
    later(days=11)
    with pytest.raises(NotNow, match="征集已经截止"):
        service.correct(approver, need, None, "再开两天。", closes_on=day_after(need, 5))
    made = service.correct(approver, need, None, "评审改期。", review_on=day_after(need, 20))
    assert made.moved["review_on"][0] == "" and db.session.get(Need, need.id).review_on == day_after(need, 20)


def test_a_review_comes_after_the_call(approver):
    need = make.need()
    with pytest.raises(NotNow, match="要晚于申报截止"):
        service.correct(approver, need, None, "评审提前。", review_on=day_after(need, 0))


@pytest.mark.parametrize(
    "state", [NeedState.DRAFT, NeedState.INTERNAL_REVIEW, NeedState.MATCHED, NeedState.FAILED, NeedState.WITHDRAWN]
)
def test_only_a_need_that_goes_on_is_corrected(client_as, approver, state):
    need = make.need(state)
    with pytest.raises(NotNow, match="还没有结束的需求才能更正"):
        service.correct(approver, need, None, "改一改。")
    assert "现在不能这样做" in client_as(approver).get(f"/staff/needs/{need.ref}/correct").text


def test_only_the_approver_corrects_and_sees_the_newest_version(client_as, approver):
    need = make.need()
    with pytest.raises(NotYours):
        service.correct(make.staff(), need, None, "改一改。")
    assert client_as(make.staff()).get(f"/staff/needs/{need.ref}/correct").status_code == 403
    seen = need.version
    service.correct(approver, need, seen, "延期。", closes_on=day_after(need, 10))
    with pytest.raises(Stale):
        service.correct(approver, need, seen, "再延期。", closes_on=day_after(need, 20))


def test_corrections_are_numbered_and_stay(client_as, approver):
    need = make.need()
    for text in ("先改一处。", "再改一处。"):
        service.correct(approver, need, None, text)
    page = client_as(None).get(f"/needs/{need.ref}").text
    assert page.index("更正 2") < page.index("更正 1")
    assert "先改一处。" in page and "再改一处。" in page


def test_questions_stay_closed_when_the_call_is_extended(approver, later):
    need, asker = make.need(), make.org_admin()
    later(days=6)
    service.correct(approver, need, None, "延期。", closes_on=day_after(need, 10))
    with pytest.raises(NotNow, match="提问已经截止"):
        service.ask(asker, need, "还能问吗？")
