"""Questions and answers: everybody reads the answer, nobody learns who asked."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain.models import ApplicationState, Message, NeedState, OrganisationState, Question, Role
from matchhub.features.needs import follow, service
from tests import factories as make


def told(user) -> list[str]:
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id)))


def answered(staff, question, text) -> None:
    service.draft_answer(staff, question, text)
    service.publish_answers(staff, question.need)


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
    assert done.location == f"/staff/needs/{need.ref}/answers"
    for reader in (None, asker):
        assert "算在内。" not in client_as(reader).get(f"/needs/{need.ref}").text
    assert told(asker) == []
    page = desk.get(done.location).text
    assert "算在内。" in page and "公布勾选的答复" in page
    assert desk.post(done.location, data={"questions": str(question.id)}).status_code == 303
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
    answered(staff, question, "在源园。")
    page = client_as(None).get(f"/needs/{need.ref}").text
    assert "在源园。" in page and "超过答复期限" in page


def test_an_answer_in_time_is_not_marked(app, client_as):
    need, staff = make.need(), make.staff()
    answered(staff, service.ask(make.org_admin(), need, "在哪里？"), "在源园。")
    assert "超过答复期限" not in client_as(None).get(f"/needs/{need.ref}").text


def test_an_answer_is_given_once_and_by_the_section(app, client_as):
    need = make.need()
    question = service.ask(make.org_admin(), need, "在哪里？")
    stranger = make.staff(section_code="fgb")
    with pytest.raises(NotYours, match="只有主办科室可以答复"):
        service.draft_answer(stranger, question, "随便。")
    with pytest.raises(NotYours, match="只有主办科室可以答复"):
        service.publish_answers(stranger, need)
    assert client_as(stranger).get(f"/staff/needs/{need.ref}/questions/{question.id}").status_code == 404
    staff = make.staff()
    answered(staff, question, "在源园。")
    with pytest.raises(NotNow, match="已经答复并公开，不能再改"):
        service.draft_answer(staff, question, "在桂杨园。")
    assert db.session.get(Question, question.id).answer == "在源园。"


def test_a_question_of_another_need_is_not_found_here(app, client_as):
    need, other = make.need(), make.need()
    question = service.ask(make.org_admin(), other, "在哪里？")
    assert client_as(make.staff()).get(f"/staff/needs/{need.ref}/questions/{question.id}").status_code == 404


def test_to_the_second_questions_close(app, client_as):
    """One second before the end a question is taken, in the second of the end it is refused and its text stays."""
    need, asker = make.need(), make.org_admin()
    with clock.stopped(need.questions_close_at - timedelta(seconds=1)):
        assert client_as(asker).post(f"/needs/{need.ref}/questions", data={"text": "赶上了吗？"}).status_code == 303
    with clock.stopped(need.questions_close_at):
        late = client_as(asker).post(f"/needs/{need.ref}/questions", data={"text": "晚了一秒的问题"})
    assert late.status_code == 409 and "晚了一秒的问题" in late.text
    assert db.session.scalars(sa.select(Question.text)).all() == ["赶上了吗？"]


def test_answers_are_published_together_and_everybody_concerned_is_told_once(app, client_as):
    need, staff = make.need(), make.staff()
    asker = make.org_admin()
    writer = make.org_admin()
    make.application(ApplicationState.DRAFT, need=need, organisation=writer.organisation)
    make.application(ApplicationState.DRAFT, need=need, organisation=asker.organisation)
    bystander, reader = make.org_admin(), make.user(Role.FOUNDATION)
    follow.with_account(reader, need)
    questions = [service.ask(asker, need, text) for text in ("一问", "二问", "三问")]
    for question in questions[:2]:
        service.draft_answer(staff, question, f"{question.text}的答复")
    assert told(asker) == []
    assert service.publish_answers(staff, need) == 1
    assert [told(user) for user in (asker, writer, reader, bystander)] == [["need.answer"]] * 3 + [[]]
    first, second, third = (db.session.get(Question, question.id) for question in questions)
    assert first.answered_at == second.answered_at and first.batch == second.batch == 1
    assert third.answered_at is None
    page = client_as(None).get(f"/needs/{need.ref}").text
    assert "第 1 批答复" in page and "（2 条）" in page and "三问" not in page
    answered(staff, third, "三问的答复")
    assert "第 2 批答复" in client_as(None).get(f"/needs/{need.ref}").text
    assert told(writer) == ["need.answer"] * 2


def test_what_is_not_ticked_waits_for_the_next_batch(app, client_as):
    need, staff = make.need(), make.staff()
    one, other = (service.ask(make.org_admin(), need, text) for text in ("一问", "二问"))
    for question in (one, other):
        service.draft_answer(staff, question, f"{question.text}答")
    desk = client_as(staff)
    assert desk.post(f"/staff/needs/{need.ref}/answers", data={"questions": str(other.id)}).status_code == 303
    assert db.session.get(Question, one.id).answered_at is None
    assert db.session.get(Question, other.id).answer == "二问答"
    empty = desk.post(f"/staff/needs/{need.ref}/answers", data={})
    assert empty.status_code == 409 and "没有可以公布的答复" in empty.text


def test_two_clerks_at_one_answer_see_both_texts(app, client_as):
    need, staff = make.need(), make.staff()
    question = service.ask(make.org_admin(), need, "在哪里？")
    address = f"/staff/needs/{need.ref}/questions/{question.id}"
    desk = client_as(staff)
    assert desk.post(address, data={"text": "先存的", "version": "0"}).status_code == 303
    late = client_as(make.staff()).post(address, data={"text": "后存的", "version": "0"})
    assert late.status_code == 409
    assert "先存的" in late.text and "后存的" in late.text and "别人改过这条答复" in late.text
    assert db.session.get(Question, question.id).draft == "先存的"
    assert desk.post(address, data={"text": "后存的", "version": "1"}).status_code == 303
    assert db.session.get(Question, question.id).draft == "后存的"


def test_the_street_can_link_an_asker_neither_across_needs_nor_to_an_organisation(app, client_as):
    """What the street reads (pages, ledger, messages) holds the mark alone, and the mark follows from nothing."""
    staff, asker = make.staff(), make.org_admin()
    needs = [make.need() for _ in range(4)]
    marks = [service.ask(asker, need, f"第 {n} 个需求的问题").asker_mark for n, need in enumerate(needs)]
    assert len(set(marks)) == len(marks)
    guesses = {str(asker.organisation_id), asker.organisation.ref, asker.organisation.uscc, asker.organisation.name}
    guesses |= {hashlib.sha256(f"{secret}{guess}".encode()).hexdigest()[:6] for guess in guesses for secret in
                ("", needs[0].ref, str(needs[0].id), "tests")}  # fmt: skip
    assert not guesses & set(marks)
    for need, mark in zip(needs, marks, strict=True):
        page = client_as(staff).get(f"/staff/needs/{need.ref}").text
        assert mark in page and not any(other in page for other in set(marks) - {mark})
        assert asker.organisation.name not in page and asker.name not in page
        for row in ledger.history(f"need:{need.ref}"):
            assert row.actor_id is None
            assert not {str(asker.organisation_id), asker.organisation.ref} & set(map(str, row.details.values()))
