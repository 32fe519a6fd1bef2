"""One deed is one transaction, and looking never writes: on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from matchhub.core import clock, guards, ledger
from matchhub.core.db import command, db, tx_mode
from matchhub.core.errors import Stale
from matchhub.domain import numbering
from matchhub.domain.models import LedgerEntry, NeedState, OutboxRow, Role
from tests import factories as make


@command
def deed(actor, fail=False):
    ledger.record(actor, "test.deed", "test:1", {"n": 1})
    if fail:
        raise ValueError("stop")


def rows(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_a_deed_that_fails_leaves_nothing(app):
    actor = make.user(Role.AUDITOR)
    with pytest.raises(ValueError, match="stop"):
        deed(actor, fail=True)
    assert rows(LedgerEntry) == 0
    deed(actor)
    assert rows(LedgerEntry) == 1


def test_the_reference_of_a_row_is_known_after_a_deed_without_asking_and_all_else_is_read_again(app):
    need = make.need(title="旧")

    @command
    def rename():
        need.title = f"新 {need.ref}"

    rename()
    ref, title = need.__dict__.get("ref"), need.__dict__.get("title")
    assert ref == need.ref
    assert title is None and need.title == f"新 {ref}"


def test_references_count_up_by_kind_and_year(app):
    @command
    def numbers():
        return [numbering.next_ref(kind) for kind in ("XQ", "XQ", "XM")]

    first, second, other = numbers()
    assert int(second[-3:]) == int(first[-3:]) + 1
    assert other.startswith("XM-") and numbers()[0] > second


def test_a_command_never_runs_inside_another(app):
    actor = make.user(Role.AUDITOR)

    @command
    def outer():
        deed(actor)

    with pytest.raises(RuntimeError, match="inside"):
        outer()


def test_nothing_can_be_written_while_only_looking(app):
    need = make.need()
    token = tx_mode.set("read")
    try:
        db.session.rollback()
        need.title = "改掉"
        with pytest.raises(DatabaseError):
            db.session.flush()
        db.session.rollback()
    finally:
        tx_mode.reset(token)
    db.session.rollback()
    assert need.title != "改掉"


@pytest.mark.parametrize("statement", ["UPDATE ledger SET deed = 'x'", "DELETE FROM ledger"])
def test_the_ledger_refuses_every_change(app, statement):
    deed(make.user(Role.AUDITOR))
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(sa.text(statement))
    db.session.rollback()


def test_the_ledger_refuses_a_gap_and_a_wrong_predecessor(app):
    actor = make.user(Role.AUDITOR)
    deed(actor)
    for seq, prev in ((3, ledger.head()[1]), (2, "1" * 64)):
        row = LedgerEntry(seq=seq, at=clock.now(), actor_id=actor.id, actor="x", deed="x", subject="x", data="{}",
                          prev=prev, hash="f" * 64)  # fmt: skip
        db.session.add(row)
        with pytest.raises(DatabaseError, match="next row"):
            db.session.flush()
        db.session.rollback()


def test_every_guard_is_in_the_database(app):
    with db.engine.connect() as connection:
        assert guards.missing(connection) == []


def test_two_people_cannot_both_change_what_they_saw(app):
    need = make.need(NeedState.DRAFT)

    @command
    def rename():
        assert need.title
        db.session.execute(sa.text("UPDATE need SET version = version + 1"))  # what the other person's deed did
        need.title = "新标题"

    with pytest.raises(Stale):
        rename()


def test_the_outbox_takes_a_message_once(app):
    from matchhub.core import outbox

    @command
    def put():
        outbox.put("index", {"kind": "need", "id": 1}, dedupe="a")
        db.session.flush()
        outbox.put("index", {"kind": "need", "id": 1}, dedupe="a")

    put()
    assert rows(OutboxRow) == 1
