"""Questions and answers: everybody reads the answer, nobody learns who asked."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain.models import Message, NeedState, OrganisationState, Question
from matchhub.features.needs import service
from tests import factories as make


def told(user) -> list[str]:
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id)))


def test_a_question_by_page_reaches_the_section_and_its_answer_the_asker(app, client_as):
    need, asker, staff = make.need(), make.org_admin(make.organisation(name="很好认的机构")), make.staff()
    answer = client_as(asker).post(f"/needs/{need.ref}/questions", data={"text": "三号楼算不算在内？"})
    assert answer.status_code == 303
    question = db.session.scalars(sa.select(Question)).one()
    assert told(staff) == ["need.question"]
    assert "三号楼算不算在内？" in client_as(asker).get(f"/needs/{need.ref}").text
    for reader in (None, make.org_admin()):
        assert "三号楼算不算在内？" not in client_as(reader).get(f"/needs/{need.ref}").text
    desk = client_as(staff)
    assert f"/staff/needs/{need.ref}/questions/{question.id}" in desk.get(f"/staff/needs/{need.ref}").text
    assert desk.post(f"/staff/needs/{need.ref}/questions/{question.id}", data={"text": ""}).status_code == 422
    done = desk.post(f"/staff/needs/{need.ref}/questions/{question.id}", data={"text": "算在内。"})
    assert done.status_code == 303
    assert "算在内。" in client_as(None).get(f"/needs/{need.ref}").text
    assert told(asker) == ["need.answer"]


def test_the_street_never_learns_who_asked(app, client_as):
    need, staff, approver = make.need(), make.staff(), make.approver()
    asker = make.org_admin(make.organisation(name="很好认的机构"), name="很好认的人")
    first = service.ask(asker, need, "一问")
    second = service.ask(make.org_admin(asker.organisation), need, "二问")
    other = service.ask(make.org_admin(), need, "三问")
    assert first.asker_mark == second.asker_mark != other.asker_mark
    assert len(first.asker_mark) == 6
    elsewhere = service.ask(asker, make.need(), "四问")
    assert elsewhere.asker_mark != first.asker_mark
    for user in (staff, approver):
        for address in (f"/staff/needs/{need.ref}", f"/staff/needs/{need.ref}/questions/{first.id}"):
            page = client_as(user).get(address).text
            assert first.asker_mark in page
            assert "很好认的" not in page and asker.organisation.uscc not in page
    rows = ledger.history(f"need:{need.ref}")
    assert {row.actor for row in rows} == {"提问机构"}
    assert {row.actor_id for row in rows} == {None}
    messages = db.session.scalars(sa.select(Message).where(Message.event == "need.question"))
    assert all("很好认" not in f"{m.title}{m.note}{m.url}" for m in messages)


def test_questions_close_before_the_call(app, client_as, later):
    need, asker = make.need(), make.org_admin()
    later(days=6)
    assert "您的问题" not in client_as(asker).get(f"/needs/{need.ref}").text
    answer = client_as(asker).post(f"/needs/{need.ref}/questions", data={"text": "还来得及吗？我写了很多"})
    assert answer.status_code == 409
    assert "提问已经截止" in answer.text and "还来得及吗？我写了很多" in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Question.id))) == 0


@pytest.mark.parametrize("state", [OrganisationState.PENDING, OrganisationState.SUSPENDED])
def test_only_admitted_organisations_ask(app, client_as, state):
    need, asker = make.need(), make.org_admin(make.organisation(state))
    with pytest.raises(NotYours, match="只有已入驻的社会组织可以提问"):
        service.ask(asker, need, "？")
    assert client_as(asker).post(f"/needs/{need.ref}/questions", data={"text": "？"}).status_code == 404
    assert client_as(make.staff()).post(f"/needs/{need.ref}/questions", data={"text": "？"}).status_code == 403


def test_a_draft_takes_no_questions(app):
    with pytest.raises(NotNow):
        service.ask(make.org_admin(), make.need(NeedState.INTERNAL_REVIEW), "？")


def test_a_late_answer_counts_and_is_marked(app, client_as, later):
    need, staff = make.need(), make.staff()
    question = service.ask(make.org_admin(), need, "在哪里？")
    later(days=8)
    service.answer(staff, question, "在源园。")
    page = client_as(None).get(f"/needs/{need.ref}").text
    assert "在源园。" in page and "超过答复期限" in page


def test_an_answer_in_time_is_not_marked(app, client_as):
    need, staff = make.need(), make.staff()
    service.answer(staff, service.ask(make.org_admin(), need, "在哪里？"), "在源园。")
    assert "超过答复期限" not in client_as(None).get(f"/needs/{need.ref}").text


def test_an_answer_is_given_once_and_by_the_section(app, client_as):
    need = make.need()
    question = service.ask(make.org_admin(), need, "在哪里？")
    stranger = make.staff(section_code="fgb")
    with pytest.raises(NotYours, match="只有主办科室可以答复"):
        service.answer(stranger, question, "随便。")
    assert client_as(stranger).get(f"/staff/needs/{need.ref}/questions/{question.id}").status_code == 404
    staff = make.staff()
    service.answer(staff, question, "在源园。")
    with pytest.raises(NotNow, match="已经答复并公开，不能再改"):
        service.answer(staff, question, "在桂杨园。")
    assert db.session.get(Question, question.id).answer == "在源园。"


def test_a_question_of_another_need_is_not_found_here(app, client_as):
    need, other = make.need(), make.need()
    question = service.ask(make.org_admin(), other, "在哪里？")
    assert client_as(make.staff()).get(f"/staff/needs/{need.ref}/questions/{question.id}").status_code == 404
