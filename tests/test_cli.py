"""The commands of an installation: what they print, and what they refuse."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from matchhub import cli
from matchhub.core import clock, ledger, outbox, vault
from matchhub.core.db import command, db
from matchhub.domain import lifecycle
from matchhub.domain.accounts import by_login
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import ApplicationState, Code, LedgerEntry, NeedState, Role
from matchhub.search import site
from tests import factories as make

ROOT = Path(__file__).parents[1]


@pytest.fixture
def flask(app):
    """`flask("search", "词")` runs a command as `flask --app wsgi` does."""
    runner = app.test_cli_runner()

    def run(*words, fine=True):
        db.session.rollback()
        done = runner.invoke(args=list(words))
        assert (done.exit_code == 0) == fine, done.output + repr(done.exception)
        return done.output

    return run


@command
def note(actor, n):
    ledger.record(actor, "test.deed", f"test:{n}", {"n": n})


def test_every_command_is_called_here_or_beside_its_feature(app):
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py")]
    called = {name: ", ".join(f'"{word}"' for word in name.split()) for name in cli.helps(app)}
    ways = ("flask(", "run(", "args=[")
    assert [name for name, words in called.items() if not any(way + words in t for way in ways for t in texts)] == []


# accounts


def test_accounts_are_printed_in_a_demonstration_only(flask):
    assert "no demonstration" in flask("accounts", fine=False)


def test_a_demonstration_prints_an_account_for_each_role(demo_app):
    lines = demo_app.test_cli_runner().invoke(args=["accounts"]).output.splitlines()
    rows = [line.split("\t") for line in lines]
    assert {len(row) for row in rows} == {3} and {row[0] for row in rows} == {role.value for role in Role}


def test_the_first_administrator_gets_an_initial_password(app, flask):
    password = flask("create-admin", "admin@example.org", "汪洁").strip()
    account = by_login("admin@example.org")
    assert (account.name, account.roles, account.must_set_password) == ("汪洁", {Role.SYSADMIN}, True)
    answer = app.test_client().post("/login", data={"login": "admin@example.org", "password": password})
    assert answer.status_code == 303


def test_an_address_that_is_taken_makes_no_second_administrator(flask):
    flask("create-admin", "admin@example.org", "汪洁")
    assert "已有账号使用这个邮箱" in flask("create-admin", "admin@example.org", "别人", fine=False)


# search


@pytest.fixture
def indexed(app):
    make.need(NeedState.OPEN, title="六层老楼加装电梯协商")
    make.need(NeedState.DRAFT, title="加装电梯后的电费分摊")
    db.session.rollback()
    site.reindex()


def hits(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_search_prints_one_hit_a_line(indexed, flask):
    (found,) = hits(flask("search", "加装电梯", "--json"))
    assert (found["type"], found["title"]) == ("need", "六层老楼加装电梯协商")
    assert set(found) == {"type", "ref", "title", "url", "score"} and found["url"] == f"/needs/{found['ref']}"
    assert found["ref"] in flask("search", "加装电梯")


def test_a_search_as_somebody_finds_what_they_may_see(indexed, flask):
    make.user(Role.STREET_STAFF, email="staff@example.org")
    assert len(hits(flask("search", "加装电梯", "--json", "--as", "staff@example.org"))) == 2
    assert len(hits(flask("search", "加装电梯", "--json", "--as", "staff@example.org", "--limit", "1"))) == 1
    assert "no account" in flask("search", "加装电梯", "--as", "nobody@example.org", fine=False)


def test_the_index_is_built_and_repaired(app, flask):
    make.need(NeedState.OPEN)
    assert flask("reindex") == "1 documents\n"
    assert flask("reconcile") == "0 missing, 0 stale, 0 extra\n"
    need = make.need(NeedState.OPEN, title="没有进索引的需求")
    assert flask("reconcile") == "1 missing, 0 stale, 0 extra\n"
    db.session.execute(sa.update(type(need)).values(title="改了名的需求"))
    db.session.commit()
    assert flask("reconcile") == "0 missing, 2 stale, 0 extra\n"
    assert flask("reconcile") == "0 missing, 0 stale, 0 extra\n"


# keys


def test_a_seal_key_is_made_for_its_owner_alone_and_never_replaced(flask, tmp_path):
    path = tmp_path / "keys" / "seal.key"
    flask("make-seal-key", str(path))
    vault.check(path)
    key = path.read_text(encoding="ascii")
    assert "never replaced" in flask("make-seal-key", str(path), fine=False)
    assert path.read_text(encoding="ascii") == key


# ledger, outbox, reminders


def test_a_whole_ledger_is_verified(flask):
    person = make.user(Role.AUDITOR)
    for n in range(3):
        note(person, n)
    rows, head = ledger.head()
    assert flask("ledger", "verify") == f"{rows} rows, head {head}\n"


def test_a_forged_ledger_is_found_out(app, folder, flask, tmp_path):
    """In a copy: whoever can write to the file may drop the triggers, but not make the hashes fit."""
    if db.engine.dialect.name != "sqlite":
        with db.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'ledger_%'")) >= 3
        return
    person = make.user(Role.AUDITOR)
    for n in range(3):
        note(person, n)
    forged = tmp_path / "forged.sqlite"
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{forged}'")
    engine = sa.create_engine(f"sqlite:///{forged}")
    with engine.begin() as connection:
        for name in connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(sa.text("UPDATE ledger SET data = :data WHERE seq = 2"), {"data": '{"n":9}'})
    engine.dispose()
    done = run("ledger", "verify", INSTANCE=str(tmp_path), DATABASE_URL=f"sqlite:///{forged}")
    assert (done.returncode, done.stdout) == (1, "row 2 does not fit\n"), done.stderr


def test_what_waits_is_delivered(app, flask):
    need = make.need(NeedState.OPEN)
    mark(need)
    assert outbox.waiting()[0] > 0
    assert flask("deliver").endswith(" rows\n")
    due = sa.select(sa.func.count()).where(outbox.OutboxRow.due_at <= clock.now())
    assert db.session.scalar(due) == 0


def test_a_tick_sends_what_is_due_once(app, flask):
    admin = make.org_admin()
    need = make.need(NeedState.OPEN, closes_at=clock.now() + timedelta(hours=40))
    make.application(ApplicationState.DRAFT, need=need, organisation=admin.organisation)
    assert flask("tick") == "1 reminders\n"
    assert flask("tick") == "0 reminders\n"


@command
def mark(need):
    lifecycle.touch(need)


# life-cycles, routes, docs


def test_the_life_cycles_are_printed_one_or_all(flask):
    assert flask("lifecycle").count("```mermaid\nstateDiagram-v2") == len(LIVES)
    one = flask("lifecycle", "need")
    assert one.count("stateDiagram-v2") == 1 and "draft --> internal_review" in one
    assert "no life-cycle is called" in flask("lifecycle", "unknown", fine=False)


def test_every_route_is_printed_with_those_who_may_call_it(app, flask):
    rows = [line.split("\t") for line in flask("routes-access").splitlines()]
    assert ["GET", "/needs", "public"] in rows and all(len(row) == 3 and row[2] for row in rows)


def test_the_docs_are_written(flask, tmp_path, monkeypatch):
    from matchhub import docs

    shutil.copy(docs.FOLDER / "operations.md", tmp_path)
    monkeypatch.setattr(docs, "FOLDER", tmp_path)
    assert flask("docs").split() == ["lifecycles.md", "roles.md", "operations.md"]
    assert (tmp_path / "roles.md").read_text(encoding="utf-8").startswith("# Roles")


# seed, prepare


def test_reference_data_loads_twice_without_a_change(flask):
    def state():
        db.session.rollback()
        codes = db.session.execute(sa.select(Code.kind, Code.code, Code.name_zh, Code.sort)).all()
        return sorted(codes), db.session.scalar(sa.select(sa.func.count(LedgerEntry.seq)))

    before = state()
    flask("seed")
    flask("seed")
    assert state() == before


def run(*words, **settings):
    """A command in a process of its own, with an installation of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DEMO", "INSTANCE", "DATABASE_URL")}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT, env=kept | {"OUTBOX": "manual", "SQLITE_SYNCHRONOUS": "OFF"} | settings, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip


def test_an_empty_installation_is_prepared_without_a_demonstration(tmp_path):
    first = run("prepare", INSTANCE=str(tmp_path))
    assert (first.returncode, first.stdout) == (0, "0 documents indexed\n"), first.stderr
    assert (tmp_path / "matchhub.sqlite").exists()
    assert run("ledger", "verify", INSTANCE=str(tmp_path)).stdout.startswith("0 rows")
    again = run("prepare", INSTANCE=str(tmp_path))
    assert (again.returncode, again.stdout) == (0, ""), again.stderr
    assert "no demonstration" in run("accounts", INSTANCE=str(tmp_path)).stderr
