"""Reviewers drawn by lot: the seed comes from the ledger, the draw is kept, published and can be drawn again."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from matchhub.core import clock, ledger
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import drawing, panels
from matchhub.domain.models import PanelDraw, Recusal, Role, User
from matchhub.features.reviews import lots, service
from tests import factories as make
from tests.reviews import story
from tests.reviews.test_set_up import tie


def ready(reviewers: int = 6, **over):
    """A round without a panel, and reviewers to draw from."""
    made = story.case(judges=reviewers, **over)
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    return made


def test_a_draw_gives_seats_and_can_be_repeated_from_what_is_kept(app):
    made = ready()
    row = lots.draw_panel(made.staff, made.round, 5)
    people = {one["number"]: one["user"] for one in row.pool}
    assert [seat.user_id for seat in made.round.panel] == [people[n] for n in row.chosen]
    assert len(row.chosen) == 5
    assert lots.redrawn(row, made.need.ref)
    by_hand = hashlib.sha256(f"{made.need.ref}:{row.ledger_hash}:1".encode()).hexdigest()
    assert row.seed == by_hand
    tickets = [hashlib.sha256(f"{by_hand}:{one['number']}".encode()).hexdigest() for one in row.pool]
    assert [one["ticket"] for one in row.pool] == tickets


def test_the_seed_is_the_first_deed_after_the_deadline_whatever_happens_later(app):
    made = ready()
    first = drawing.source(made.need)

    @command
    def chatter():
        for n in range(5):
            ledger.record(made.staff, "test.chatter", f"test:{n}")

    chatter()
    assert drawing.source(made.need) == first, "no deed of the staff moves the seed"
    row = lots.draw_panel(made.staff, made.round, 3)
    entry = db.session.get(LedgerEntry, row.ledger_seq)
    assert (entry.hash, entry.at >= made.need.closes_at) == (row.ledger_hash, True)
    earlier = sa.select(LedgerEntry.seq).where(LedgerEntry.at >= made.need.closes_at, LedgerEntry.seq < entry.seq)
    assert db.session.scalars(earlier).first() is None


def test_a_second_draw_only_adds_and_has_a_seed_of_its_own(app):
    made = ready(reviewers=7)
    one = lots.draw_panel(made.staff, made.round, 3)
    two = lots.draw_panel(made.staff, made.round, 2)
    assert (one.number, two.number, len(made.round.panel)) == (1, 2, 5)
    assert one.seed != two.seed
    assert not {p["user"] for p in one.pool if p["number"] in one.chosen} & {p["user"] for p in two.pool}


def test_expertise_comes_before_its_absence_and_ties_come_last(app):
    made = ready(reviewers=0)
    expert = make.user(Role.REVIEWER)
    tied = make.user(Role.REVIEWER, employer=made.organisations[0].name)
    plain = make.user(Role.REVIEWER)
    from matchhub.domain import coding

    @command
    def fields():
        coding.set_codes(made.need, "field", ["property"])
        coding.set_codes(expert, "field", ["property"])
        coding.set_codes(tied, "field", ["property"])

    fields()
    found = {one.user.id: one.tier(3) for one in drawing.candidates(made.round, panels.applications(made.round))}
    assert (found[expert.id], found[plain.id], found[tied.id]) == (1, 3, 5)


def test_somebody_tied_to_every_applicant_is_not_in_the_pool(app):
    made = ready(reviewers=3, applicants=1)
    tie("employment", made.judges[0], made.organisations[0])
    row = lots.draw_panel(made.staff, made.round, 9)
    assert made.judges[0].id not in {one["user"] for one in row.pool}


def test_a_drawn_reviewers_ties_are_in_the_register_at_once(app):
    made = ready(reviewers=3)
    tie("board", made.judges[0], made.organisations[0])
    lots.draw_panel(made.staff, made.round, 3)
    row = db.session.scalars(sa.select(Recusal)).one()
    assert (row.user_id, row.kind, row.detected) == (made.judges[0].id, "board", True)


def test_who_may_not_draw_and_when_it_is_too_late(app):
    made = ready()
    with pytest.raises(NotYours):
        lots.draw_panel(make.staff(section_code="fgb"), made.round, 3)
    with pytest.raises(NotNow, match="1 到 9"):
        lots.draw_panel(made.staff, made.round, 0)
    done = story.finished()
    with pytest.raises(NotNow, match="不能再调整"):
        lots.draw_panel(done.staff, done.round, 1)


def test_a_draw_never_changes(app):
    made = ready()
    row = lots.draw_panel(made.staff, made.round, 3)
    number = row.id
    db.session.commit()
    for statement in ("UPDATE panel_draw SET seed = 'x'", "DELETE FROM panel_draw"):
        with pytest.raises(DBAPIError, match="draw never changes"), db.engine.begin() as connection:
            connection.execute(sa.text(f"{statement} WHERE id = {number}"))


def test_the_street_draws_by_page_and_sees_names_with_reasons(app, client_as):
    made = ready()
    client, address = client_as(made.staff), f"/staff/rounds/{made.round.ref}/draw"
    page = client.get(address)
    assert page.status_code == 200 and made.judges[0].name in page.text and "专长领域不对口" in page.text
    assert client.post(address, data={"wanted": "0"}).status_code == 422
    assert client.post(address, data={"wanted": "4"}).status_code == 303
    row = db.session.scalars(sa.select(PanelDraw)).one()
    page = client.get(address).text
    assert row.seed in page and "结果一致" in page and page.count("抽中") >= 4
    assert f"/draws/{made.round.ref}" in client.get(f"/staff/rounds/{made.round.ref}").text


def test_everybody_reads_the_draw_without_names(app, client_as):
    client = client_as(None)
    made = ready()
    assert client.get(f"/draws/{made.round.ref}").status_code == 404, "before a draw there is nothing to read"
    row = lots.draw_panel(made.staff, made.round, 4)
    page = client.get(f"/draws/{made.round.ref}")
    assert page.status_code == 200 and row.seed in page.text and row.ledger_hash in page.text
    assert not any(judge.name in page.text for judge in made.judges)
    assert not any(organisation.name in page.text for organisation in made.organisations)


def test_the_record_shows_who_was_sent_away_and_how_many_were_named(app, client_as):
    made = ready()
    row = lots.draw_panel(made.staff, made.round, 3)
    people = {one["number"]: one["user"] for one in row.pool}
    gone, rest = db.session.get_one(User, people[row.chosen[0]]), [one["user"] for one in row.pool]
    service.remove_panelist(made.staff, made.round, gone)
    named = next(db.session.get_one(User, one) for one in rest if one not in {people[n] for n in row.chosen})
    service.add_panelist(made.staff, made.round, named)
    for client, address in ((client_as(None), f"/draws/{made.round.ref}"),
                            (client_as(made.staff), f"/staff/rounds/{made.round.ref}/draw")):  # fmt: skip
        page = client.get(address).text
        assert "评审人共 3 位：抽签产生 2 位，科室直接安排 1 位。" in page
        assert page.count("抽中，后来撤下") == 1


def test_a_draw_whose_outcome_was_changed_does_not_come_out_again(app):
    made = ready()
    row = lots.draw_panel(made.staff, made.round, 3)
    assert lots.redrawn(row, made.round.need.ref)
    row.chosen = [*row.chosen[:2], next(one["number"] for one in row.pool if one["number"] not in row.chosen)]
    assert not lots.redrawn(row, made.round.need.ref)
    db.session.rollback()


def test_the_notice_says_from_what_seed_the_panel_was_drawn(app):
    from matchhub.domain import awarding

    made = story.proposed()
    assert "抽签" not in awarding._basis(made.round)
    drawn = ready()
    row = lots.draw_panel(drawn.staff, drawn.round, 3)
    assert row.seed in awarding._basis(drawn.round) and f"/draws/{drawn.round.ref}" in awarding._basis(drawn.round)
    left = next(one for one in drawn.judges if panels.seat(drawn.round, one) is None)
    service.add_panelist(drawn.staff, drawn.round, left)
    assert "评审人 4 位，其中抽签产生 3 位" in awarding._basis(drawn.round)
    assert lots.how_made(drawn.round) == "抽签 3 位（种子已公开），主办科室选定 1 位"
