"""Following a need with an account or a code: each news once, nothing kept that is not needed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import Missing
from matchhub.domain import following, reminding
from matchhub.domain.models import LedgerEntry, Message, NeedFollow, NeedState, NoticeState, ProjectState, Role
from matchhub.domain.throttle import TooMany
from matchhub.features.needs import follow, service
from tests import factories as make
from tests.needs.followed import HERE, confirmed


def told(user) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id).order_by(Message.id)))


# --- what is news -----------------------------------------------------------------------------------------------------


def test_the_news_of_a_need_are_what_everybody_may_know(app, later):
    need, staff = make.need(), make.staff()
    service.draft_answer(staff, service.ask(make.org_admin(), need, "在哪里？"), "在源园。")
    assert [one.kind for one in following.news_of([need])[need.id]] == ["published"]
    service.publish_answers(staff, need)
    make.application(need=need)
    assert [one.kind for one in following.news_of([need])[need.id]] == ["answers", "published"]
    later(days=11)
    make.notice(need_id=need.id, published_at=clock.now())
    make.notice(NoticeState.DRAFT, need_id=need.id)
    kinds = [one.kind for one in following.news_of([need])[need.id]]
    assert kinds == ["notice", "closed", "answers", "published"]


@pytest.mark.parametrize(
    ("state", "kind"),
    [(NeedState.FAILED, "failed"), (NeedState.CANCELLED, "cancelled"), (NeedState.WITHDRAWN, "withdrawn")],
)
def test_an_end_is_news_with_its_reason(app, state, kind):
    need = make.need(state, ended_at=clock.now(), public_reason="没有机构申报。")
    newest = following.news_of([need])[need.id][0]
    assert (newest.kind, newest.text) == (kind, "没有机构申报。")


def test_the_project_is_news_at_its_start_and_its_end(app):
    project = make.project(ProjectState.CLOSED, ended_at=clock.now() + timedelta(seconds=1))
    kinds = {one.kind: one for one in following.news_of([project.need])[project.need_id]}
    assert {"matched", "started", "finished"} <= set(kinds)
    assert kinds["finished"].path == f"/projects/{project.ref}"


def test_drafts_have_no_news_and_cannot_be_followed(app, client_as):
    need = make.need(NeedState.INTERNAL_REVIEW)
    assert following.news_of([need]) == {}
    with pytest.raises(Missing):
        follow.with_code(need, HERE)
    with pytest.raises(Missing):
        follow.with_account(make.staff(), need)
    assert client_as(None).get(f"/needs/{need.ref}/follow").status_code == 404


# --- with a code ------------------------------------------------------------------------------------------------------


def test_a_visitor_follows_with_a_code_and_nothing_else(app, client_as, later):
    need, staff = make.need(), make.staff()
    visitor = client_as(None)
    assert "用关注码" in visitor.get(f"/needs/{need.ref}/follow").text
    given = visitor.post(f"/needs/{need.ref}/follow", data={"way": "code"})
    assert given.status_code == 303
    code = given.location.split("/")[2].split("?")[0]
    assert len(code) == 10
    page = visitor.get(given.location)
    assert f"{code[:5]}-{code[5:]}" in page.text and page.headers["Cache-Control"] == "no-store"
    assert "没有新进展" in page.text
    service.draft_answer(staff, service.ask(make.org_admin(), need, "在哪里？"), "在源园。")
    service.publish_answers(staff, need)
    other = client_as(None)
    found = other.post("/follow", data={"code": f" {code[:5].upper()} {code[5:]} "})
    assert found.location == f"/follow/{code}"
    assert "1 条新进展" in other.get(found.location).text
    other.post(f"/follow/{code}/seen")
    assert "没有新进展" in other.get(found.location).text
    later(days=11)
    assert "征集已经截止" in other.get(found.location).text and "1 条新进展" in other.get(found.location).text


def test_one_code_follows_several_needs_and_leaves_them_one_by_one(app, client_as):
    one, other = make.need(), make.need()
    code = follow.with_code(one, HERE)
    assert follow.with_code(other, HERE, code) == code
    assert follow.with_code(other, HERE, code) == code
    assert {row.need_id for row in following.by_code(code)} == {one.id, other.id}
    visitor = client_as(None)
    left = visitor.post(f"/follow/{code}/leave/{one.ref}")
    assert left.location == f"/follow/{code}"
    assert visitor.post(f"/follow/{code}/leave/{other.ref}").location == f"/needs/{other.ref}"
    assert visitor.get(f"/follow/{code}").status_code == 404
    assert "没有找到这个关注码" in visitor.post("/follow", data={"code": code}).text


def test_an_unknown_code_is_refused_and_codes_are_not_given_without_end(app, client_as):
    need = make.need()
    answer = client_as(None).post(f"/needs/{need.ref}/follow", data={"way": "code", "code": "2222222222"})
    assert answer.status_code == 409 and "没有找到这个关注码" in answer.text and "2222222222" in answer.text
    for _ in range(follow.CODES_PER_ADDRESS):
        follow.with_code(need, HERE)
    with pytest.raises(TooMany):
        follow.with_code(need, HERE)
    assert follow.with_code(need, "203.0.113.8")


def test_a_code_is_stored_as_its_hash_alone(app):
    need = make.need()
    code = follow.with_code(need, HERE)
    stored = db.session.execute(sa.select(*NeedFollow.__table__.columns)).mappings().one()
    assert code not in str(dict(stored))
    assert stored["code_sha256"] == following.code_sha256(code)


def test_nothing_of_following_is_on_record(app, mails):
    need, user = make.need(), make.org_admin()
    before = db.session.scalar(sa.select(sa.func.count(LedgerEntry.seq)))
    follow.with_account(user, need)
    follow.leave_account(user, need)
    follow.leave_code(follow.with_code(need, HERE), need)
    confirmed(need, mails)
    assert db.session.scalar(sa.select(sa.func.count(LedgerEntry.seq))) == before


# --- with an account --------------------------------------------------------------------------------------------------


def test_an_account_follows_by_one_button_and_hears_what_nobody_else_tells_it(app, client_as, later):
    need, reader = make.need(), make.user(Role.FOUNDATION)
    client = client_as(reader)
    assert "关注这条需求" in client.get(f"/needs/{need.ref}").text
    client.post(f"/needs/{need.ref}/follow/account")
    assert "取消关注" in client.get(f"/needs/{need.ref}").text
    assert reminding.tick() == 0
    later(days=10, seconds=1)
    assert reminding.tick() == 1 and reminding.tick() == 0
    assert told(reader) == ["need.closed"]
    make.notice(need_id=need.id, published_at=clock.now())
    later(minutes=5)
    reminding.tick()
    assert told(reader) == ["need.closed", "need.notice"]
    client_as(reader).post(f"/needs/{need.ref}/follow/account", data={"leave": "1"})
    assert not following.of_account(reader, need)


def test_who_begins_to_follow_hears_nothing_of_before(app, later):
    need, reader = make.need(NeedState.REVIEWING), make.user(Role.FOUNDATION)
    make.notice(need_id=need.id, published_at=clock.now() - timedelta(hours=1))
    follow.with_account(reader, need)
    later(minutes=10)
    assert reminding.tick() == 0
    assert told(reader) == []


# --- whoever raised it ------------------------------------------------------------------------------------------------


def test_the_committee_hears_at_half_way_and_at_the_end_each_once(app, later):
    committee = make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan")
    elsewhere = make.user(Role.NEIGHBOURHOOD, community_code="lanling")
    start = clock.today()
    project = make.project(starts_on=start, ends_on=start + timedelta(days=100))
    assert reminding.tick() == 0
    later(days=50)
    assert reminding.tick() == 1 and reminding.tick() == 0
    assert told(committee) == ["need.half_way"] and told(elsewhere) == []
    message = db.session.scalars(sa.select(Message).where(Message.user_id == committee.id)).one()
    assert message.url == f"/projects/{project.ref}" and "场活动" in message.note
    later(days=60)
    project.state, project.ended_at = ProjectState.CLOSED, clock.now()
    db.session.commit()
    reminding.tick()
    reminding.tick()
    assert told(committee) == ["need.half_way", "need.closed_out"]


def test_a_missed_half_way_is_made_up_for_while_it_is_still_news(app, later):
    committee = make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan")
    start = clock.today()
    make.project(starts_on=start, ends_on=start + timedelta(days=100))
    later(days=55)
    reminding.tick()
    assert told(committee) == ["need.half_way"]


def test_the_section_is_reminded_a_day_before_answers_are_due(app, later):
    need, staff = make.need(), make.staff()
    other = make.staff(section_code="fgb")
    question = service.ask(make.org_admin(), need, "在哪里？")
    later(days=6, hours=1)
    reminding.tick()
    reminding.tick()
    assert told(staff) == ["need.question", "need.answers_due"] and told(other) == []
    service.draft_answer(staff, question, "在源园。")
    service.publish_answers(staff, need)
    later(days=2)
    assert reminding.tick() == 0
