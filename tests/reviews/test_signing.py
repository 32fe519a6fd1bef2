"""Several approvers sign; the number that the setting asks for decides, for or against."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from matchhub.core.db import command, db
from matchhub.core.errors import NotYours
from matchhub.domain import reference, todo
from matchhub.domain.models import ApplicationState, Message, RoundState, Setting, Signature
from matchhub.features.reviews import service, signing
from tests import factories as make
from tests.reviews import story


def needs(number: int) -> None:
    @command
    def change():
        db.session.get(Setting, "approvers_needed").value = str(number)

    change()
    reference.forget()


def test_one_signature_decides_by_default(app):
    made = story.proposed()
    assert signing.approve(made.approver, made.round) is not None
    assert made.round.state is RoundState.DECIDED


def test_two_must_agree_where_two_are_needed(app):
    needs(2)
    made, second = story.proposed(), make.approver()
    assert signing.approve(made.approver, made.round, reason="预算合理。") is None
    assert made.round.state is RoundState.PROPOSED
    assert made.entries[0].state is ApplicationState.QUALIFIED, "nobody is told before it is decided"
    assert [one.kind for one in todo.gather(made.approver) if one.subject_ref == made.round.ref] == []
    assert [one.kind for one in todo.gather(second) if one.subject_ref == made.round.ref] == ["审批拟立项"]
    with pytest.raises(NotYours, match="已经签过"):
        signing.approve(made.approver, made.round)
    assert signing.approve(second, made.round) is not None
    assert made.round.state is RoundState.DECIDED and made.round.decided_by_id == second.id


def test_as_many_against_send_it_back_with_all_their_reasons(app):
    needs(2)
    made, second, third = story.proposed(), make.approver(), make.approver()
    assert not signing.send_back(made.approver, made.round, "分工不清。")
    assert signing.approve(third, made.round) is None
    assert signing.send_back(second, made.round, "预算偏高。")
    assert made.round.state is RoundState.DECIDING
    note = db.session.scalars(sa.select(Message.note).where(Message.event == "review_round.send_back")).first()
    assert note == "分工不清。；预算偏高。"


def test_a_new_proposal_needs_new_signatures(app):
    needs(2)
    made, second = story.proposed(), make.approver()
    signing.send_back(made.approver, made.round, "分工不清。")
    signing.send_back(second, made.round, "同上。")
    service.propose(made.staff, made.round, made.entries[0], story.reasons(made), 76_000_00, "补了分工。", "确有必要。")
    assert signing.signatures(made.round) == []
    assert signing.approve(made.approver, made.round) is None
    assert signing.approve(second, made.round) is not None


def test_the_memo_shows_who_agreed_and_why(app, client_as):
    needs(2)
    made, second = story.proposed(), make.approver()
    address = f"/staff/rounds/{made.round.ref}/approve"
    answer = client_as(made.approver).post(address, data={"action": "approve", "reason": "预算合理，同意。"})
    assert answer.status_code == 303
    page = client_as(second).get(address).text
    assert "预算合理，同意。" in page and made.approver.name in page and "2 位审批人同意即批准" in page
    assert "总体可行。" in page, "the reviewers' views stand in the memo"
    client_as(second).post(address, data={"action": "approve"})
    memo = client_as(made.staff).get(f"/staff/rounds/{made.round.ref}/memo")
    assert memo.status_code == 200 and "预算合理，同意。" in memo.text


def test_the_memo_comes_as_pdf(app, client_as):
    made = story.proposed()
    answer = client_as(made.approver).get(f"/staff/rounds/{made.round.ref}/memo.pdf")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF-")
    assert client_as(made.judges[0]).get(f"/staff/rounds/{made.round.ref}/memo.pdf").status_code == 403
    early = story.finished()
    assert client_as(early.staff).get(f"/staff/rounds/{early.round.ref}/memo").status_code == 404


def test_a_signature_never_changes(app):
    needs(2)
    made = story.proposed()
    signing.approve(made.approver, made.round)
    number = db.session.scalars(sa.select(Signature)).one().id
    db.session.commit()
    with pytest.raises(DBAPIError, match="signature never changes"), db.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE round_signature SET agrees = NOT agrees WHERE id = {number}"))
