"""A tie declared by mistake is taken back by two people, with a reason, on record; a detected one never."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from matchhub.core.db import db
from matchhub.core.errors import Missing, NotNow, NotYours
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import ties, todo
from matchhub.domain.models import Recusal, Role, TieWithdrawal
from matchhub.features.reviews import judging, service, tying
from tests import factories as make
from tests.reviews import story
from tests.reviews.test_set_up import tie

WHY = "本人记错了机构名称，已核对花名册。"


def erred():
    """The first reviewer has declared a tie by mistake."""
    made = story.scoring()
    judging.declare(made.judges[0], made.round, {made.organisations[0].id: ("family", "表弟")})
    return made, tying.standing(made.round)[0]


def test_two_people_take_a_declared_tie_back(app):
    made, row = erred()
    assert ties.bars(made.judges[0], made.organisations[0])
    tying.ask(made.staff, made.round, row, WHY)
    assert ties.bars(made.judges[0], made.organisations[0]), "asking alone changes nothing"
    tying.decide(made.approver, made.round, row, True, "已核实。")
    assert not ties.bars(made.judges[0], made.organisations[0])
    story.score(made.judges[0], made.entries[0])
    of_ties = sa.select(LedgerEntry.deed).where(LedgerEntry.deed.contains("untie")).order_by(LedgerEntry.seq)
    assert list(db.session.scalars(of_ties)) == ["review_round.ask_untie", "review_round.untie"]
    assert "表弟" not in str(db.session.scalars(sa.select(LedgerEntry.data)).all()), "no personal data in the ledger"


def test_whoever_asked_does_not_decide(app):
    made, row = erred()
    tying.ask(made.approver, made.round, row, WHY)
    with pytest.raises(NotYours, match="不能自己核准"):
        tying.decide(made.approver, made.round, row, True)
    with pytest.raises(NotYours):
        tying.decide(made.staff, made.round, row, True)
    tying.decide(make.approver(), made.round, row, True)
    assert row.ended_at is not None


def test_the_database_refuses_one_person_for_both(app):
    made, row = erred()
    request = tying.ask(made.staff, made.round, row, WHY)
    with pytest.raises(DBAPIError):
        db.session.execute(
            sa.update(TieWithdrawal).where(TieWithdrawal.id == request.id).values(decided_by_id=made.staff.id)
        )
    db.session.rollback()


def test_nobody_decides_about_a_tie_of_their_own(app):
    made, _row = erred()
    both = make.user(Role.REVIEWER, Role.STREET_APPROVER)
    service.add_panelist(made.staff, made.round, both)
    judging.declare(both, made.round, {made.organisations[1].id: ("family", "")})
    own = next(row for row in tying.standing(made.round) if row.user_id == both.id)
    tying.ask(made.staff, made.round, own, WHY)
    with pytest.raises(NotYours, match="本人"):
        tying.decide(both, made.round, own, True)


def test_a_refused_request_leaves_the_tie(app):
    made, row = erred()
    tying.ask(made.staff, made.round, row, WHY)
    with pytest.raises(NotNow, match="已经有人申请"):
        tying.ask(made.staff, made.round, row, WHY)
    tying.decide(made.approver, made.round, row, False, "没有证据。")
    assert ties.bars(made.judges[0], made.organisations[0])
    tying.ask(made.staff, made.round, row, WHY)  # with better proof one may ask again


def test_a_tie_that_the_records_show_cannot_be_taken_back(app):
    made = story.case(judges=3)
    tie("employment", made.judges[0], made.organisations[0])
    from datetime import timedelta

    from matchhub.core import clock

    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    for judge in made.judges:
        service.add_panelist(made.staff, made.round, judge)
    row = tying.standing(made.round)[0]
    with pytest.raises(NotNow, match="记录里核对出来"):
        tying.ask(made.staff, made.round, row, WHY)
    assert ties.bars(made.judges[0], made.organisations[0])


def test_a_tie_of_another_round_is_not_found_here(app):
    _made, row = erred()
    other = story.scoring()
    with pytest.raises(Missing):
        tying.find(other.round, row.id)


def test_reason_is_needed_and_strangers_cannot_ask(app):
    made, row = erred()
    with pytest.raises(NotNow, match="理由"):
        tying.ask(made.staff, made.round, row, "  ")
    with pytest.raises(NotYours):
        tying.ask(made.judges[0], made.round, row, WHY)


def test_the_way_by_page(app, client_as):
    made, row = erred()
    address = f"/staff/rounds/{made.round.ref}/ties/{row.id}"
    staff, approver = client_as(made.staff), client_as(made.approver)
    assert "申请撤销" in staff.get(f"/staff/rounds/{made.round.ref}").text
    assert staff.post(address, data={"reason": ""}).status_code == 422
    assert staff.post(address, data={"reason": WHY}).status_code == 303
    assert [one.kind for one in todo.gather(made.approver)].count("核准撤销回避登记") == 1
    assert WHY in approver.get(address).text
    assert "核准撤销</button>" not in staff.get(address).text
    assert approver.post(address, data={"granted": "yes"}).status_code == 303
    assert db.session.get(Recusal, row.id).ended_at is not None
    assert client_as(made.judges[0]).get(address).status_code == 403


def test_a_result_computed_before_is_computed_anew(app):
    made = story.scored({0: 0.9, 1: 0.75}, judges=4)
    judging.declare(made.judges[0], made.round, {made.organisations[0].id: ("family", "")})
    service.finish(made.staff, made.round)
    row = tying.standing(made.round)[0]
    tying.ask(made.staff, made.round, row, WHY)
    tying.decide(made.approver, made.round, row, True)
    with pytest.raises(NotNow, match="重新汇总"):
        service.propose(made.staff, made.round, made.entries[0], story.reasons(made), 76_000_00)
    service.recompute(made.staff, made.round)
    assert made.round.result["applications"][0]["stages"]["application"]["count"] == 4
