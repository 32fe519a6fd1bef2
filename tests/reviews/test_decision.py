"""The section proposes one with reasons for all; another person approves; the applicants learn and a notice is drafted."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import application_form as form
from matchhub.domain import awarding
from matchhub.domain.models import (
    ApplicationState,
    Decision,
    Message,
    Notice,
    NoticeKind,
    NoticeState,
    Role,
    RoundState,
)
from matchhub.features.reviews import service, signing
from tests import factories as make
from tests.reviews import story


def answers(made, **over):
    data = {"chosen": str(made.entries[0].id), "amount": "76000", "memo": "一致同意。"}
    data |= {f"reason_{entry.id}": f"理由：{entry.organisation.name}" for entry in made.entries}
    return data | over


def page(made):
    return f"/staff/rounds/{made.round.ref}/propose"


def test_the_whole_way_by_page(app, client_as):
    made = story.finished({0: 0.9, 1: 0.75})
    shown = client_as(made.staff).get(page(made)).text
    assert made.organisations[0].name in shown and "看得分怎么来的" in shown
    answer = client_as(made.staff).post(page(made), data=answers(made))
    assert answer.status_code == 303 and made.round.state is RoundState.PROPOSED
    approver = client_as(made.approver)
    review = approver.get(f"/staff/rounds/{made.round.ref}/approve?action=approve").text
    assert "一致同意。" in review and made.staff.name in review and "76,000 元" in review
    done = approver.post(f"/staff/rounds/{made.round.ref}/approve", data={"action": "approve"})
    notice = db.session.scalars(sa.select(Notice)).one()
    assert done.headers["Location"].endswith(f"/staff/notices/{notice.ref}")
    first, second = made.entries
    assert (first.state, second.state) == (ApplicationState.PROPOSED, ApplicationState.NOT_SELECTED)
    assert second.result_reason == f"理由：{made.organisations[1].name}"
    assert made.round.state is RoundState.DECIDED and made.round.decided_by_id == made.approver.id
    assert "公示草稿已生成" in client_as(made.staff).get(f"/staff/rounds/{made.round.ref}").text


def test_the_notice_names_title_and_amount_of_the_proposed_one_only(app):
    made = story.decided()
    notice = db.session.scalars(sa.select(Notice)).one()
    assert (notice.kind, notice.state, notice.need_id) == (NoticeKind.AWARD, NoticeState.DRAFT, made.need.id)
    assert made.need.title in notice.title and made.organisations[0].name in notice.body
    first, second = notice.rows
    assert first == {
        "rank": "1", "organisation": made.organisations[0].name, "title": story.SECRET, "result": "拟立项",
        "score": made.round.result["applications"][0]["total"], "amount": "76,000 元",
    }  # fmt: skip
    assert (second["rank"], second["organisation"], second["result"]) == ("2", made.organisations[1].name, "未入选")
    assert second["title"] == second["amount"] == ""


def test_the_notice_names_everybody_who_is_to_do_the_work(app):
    made = story.proposed()
    version = form.latest(made.entries[0])
    version.document = version.document | {"organisation": {"joint": [{"name": "邻里互助社", "work": "入户"}]}}
    db.session.commit()
    signing.approve(made.approver, made.round)
    notice = db.session.scalars(sa.select(Notice)).one()
    assert f"拟由{made.organisations[0].name}（与邻里互助社联合申报）承接" in notice.body


def test_the_applicants_are_told(app):
    made = story.decided()
    events = {
        organisation.id: [
            message.event
            for person in organisation.people
            for message in db.session.scalars(sa.select(Message).where(Message.user_id == person.id))
        ]
        for organisation in made.organisations
    }
    assert "application.propose" in events[made.organisations[0].id]
    assert "application.reject" in events[made.organisations[1].id]


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"chosen": ""}, "请选定一家拟立项机构"),
        ({"amount": ""}, "请填写拟立项金额"),
        ({"amount": "八万"}, "金额请只填数字"),
        ({"amount": "80000.01"}, "不能高于申请金额 80,000 元"),
        ({"amount": "0"}, "请填写拟立项金额"),
    ],
)
def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(app, client_as, over, sentence):
    made = story.finished({0: 0.9, 1: 0.75})
    answer = client_as(made.staff).post(page(made), data=answers(made, **over))
    assert answer.status_code == 422 and sentence in answer.text and "一致同意。" in answer.text
    assert made.round.state is RoundState.DECIDING


def test_a_reason_for_every_application_is_required(app, client_as):
    made = story.finished({0: 0.9, 1: 0.75})
    data = answers(made, **{f"reason_{made.entries[1].id}": " "})
    answer = client_as(made.staff).post(page(made), data=data)
    assert answer.status_code == 422 and f"请写明“{made.organisations[1].name}”的理由" in answer.text
    with pytest.raises(NotNow, match="每份申报都要写明理由"):
        service.propose(made.staff, made.round, made.entries[0], {made.entries[0].id: "好"}, 76_000_00)
    assert db.session.scalars(sa.select(Decision)).first() is None


def test_an_opinion_can_be_put_aside_and_is_there_again(app, client_as):
    made = story.finished({0: 0.9, 1: 0.75})
    client = client_as(made.staff)
    data = {"later": "1", f"reason_{made.entries[0].id}": "方案最细。", "memo": "待补"}
    assert client.post(page(made), data=data).status_code == 303
    assert made.round.state is RoundState.DECIDING
    shown = client.get(page(made)).text
    assert "方案最细。" in shown and "待补" in shown
    # Nobody else reads an unfinished opinion as a decision.
    assert "方案最细。" not in client_as(made.approver).get(f"/staff/rounds/{made.round.ref}").text


def test_below_the_line_nobody_is_proposed(app, client_as):
    made = story.finished({0: 0.9, 1: 0.6})
    answer = client_as(made.staff).post(page(made), data=answers(made, chosen=str(made.entries[1].id)))
    assert answer.status_code == 422 and "低于合格线 70，不能拟立项" in answer.text
    assert made.round.state is RoundState.DECIDING


def test_a_single_application_needs_a_note_of_necessity(app, client_as):
    made = story.finished({0: 0.9}, applicants=1)
    answer = client_as(made.staff).post(page(made), data=answers(made))
    assert answer.status_code == 422 and "必要性和可行性" in answer.text
    with pytest.raises(NotNow, match="必要性"):
        service.propose(made.staff, made.round, made.entries[0], story.reasons(made), 76_000_00)
    client_as(made.staff).post(page(made), data=answers(made, necessity_note="辖区内仅此一家有资质。"))
    assert made.round.state is RoundState.PROPOSED and made.round.necessity_note.startswith("辖区内")


def test_who_proposed_does_not_approve(app, client_as):
    made = story.finished({0: 0.9, 1: 0.75})
    both = make.user(Role.STREET_STAFF, Role.STREET_APPROVER)
    service.propose(both, made.round, made.entries[0], story.reasons(made), 76_000_00)
    with pytest.raises(NotYours, match="不能自己审批"):
        signing.approve(both, made.round)
    shown = client_as(both).get(f"/staff/rounds/{made.round.ref}/approve").text
    assert "不能自己审批" in shown and 'value="approve"' not in shown
    assert made.round.state is RoundState.PROPOSED
    signing.approve(made.approver, made.round)


def test_an_approver_tied_to_the_chosen_one_does_not_approve(app):
    made = story.proposed()
    made.organisations[0].board = [made.approver.name]
    db.session.commit()
    with pytest.raises(NotYours, match="利益关系"):
        signing.approve(made.approver, made.round)


@pytest.mark.parametrize("role", [Role.STREET_STAFF, Role.AUDITOR, Role.CENTRE_STAFF])
def test_only_approvers_approve(app, client_as, role):
    made = story.proposed()
    who = make.user(role)
    with pytest.raises(NotYours):
        signing.approve(who, made.round)
    answer = client_as(who).post(f"/staff/rounds/{made.round.ref}/approve", data={"action": "approve"})
    assert answer.status_code == 403 and made.round.state is RoundState.PROPOSED


def test_sending_back_needs_a_reason_which_the_section_gets(app, client_as):
    made = story.proposed()
    client, address = client_as(made.approver), f"/staff/rounds/{made.round.ref}/approve"
    empty = client.post(address, data={"action": "send_back", "reason": ""})
    assert empty.status_code == 422 and "请写明不同意、退回的理由" in empty.text
    client.post(address, data={"action": "send_back", "reason": "请补充与物业的分工。"})
    assert made.round.state is RoundState.DECIDING
    told = db.session.scalars(sa.select(Message).where(Message.event == "review_round.send_back")).all()
    assert {message.user_id for message in told} == {made.staff.id}
    assert told[0].note == "请补充与物业的分工。"
    service.propose(made.staff, made.round, made.entries[1], story.reasons(made), 70_000_00, "重新研究。")
    assert {d.application_id: d.proposed for d in awarding.decisions(made.round).values()} == {
        made.entries[0].id: False, made.entries[1].id: True,
    }  # fmt: skip


def test_two_approvals_are_one(app):
    made = story.proposed()
    seen = made.round.version
    signing.approve(made.approver, made.round, seen)
    with pytest.raises(Stale):
        signing.approve(make.approver(), made.round, seen)
    with pytest.raises(NotNow):
        signing.approve(make.approver(), made.round)
    assert len(db.session.scalars(sa.select(Notice)).all()) == 1


def test_a_decision_taken_never_changes_in_sql(app):
    made = story.decided()
    for statement in (
        sa.update(Decision).where(Decision.application_id == made.entries[0].id).values(amount_fen=1),
        sa.delete(Decision).where(Decision.round_id == made.round.id),
    ):
        with pytest.raises(DBAPIError, match="decision taken"):
            db.session.execute(statement)
        db.session.rollback()


def test_a_need_cancelled_meanwhile_is_not_awarded(app):
    made = story.proposed()
    made.need.state = "cancelled"
    db.session.commit()
    with pytest.raises(NotNow, match="已不在评审中"):
        signing.approve(made.approver, made.round)
    assert db.session.scalars(sa.select(Notice)).first() is None
