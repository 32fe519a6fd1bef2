"""A site for the tests: reference data, a stopped clock, and a database that is as new before every test.

`--database=postgresql` runs the same tests on a throw-away PostgreSQL cluster.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from matchhub import create_app, seeds
from matchhub.core import clock, guards, ledger, vault
from matchhub.core.db import command, db
from matchhub.domain import logins, reference
from matchhub.domain.models import Setting, User
from matchhub.search import site
from tests import postgresql

# A Tuesday, 10:00 in Shanghai, in the middle of working days.
NOW = datetime(2026, 9, 15, 2, 0)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


def needed(what: str) -> None:
    """Skip where a tool is missing on a developer's machine; fail where everything must run (REQUIRE_ALL=1)."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


class Browser(FlaskClient):
    """A client that gives each request its own application context, as a server does."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.rollback()  # the test's own transaction would keep every writer waiting
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="matchhub-tests-", dir=place))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{folder / 'tests.sqlite'}"
        return
    if not postgresql.is_there():
        needed("PostgreSQL")
    with postgresql.cluster(folder) as url:
        yield url


@pytest.fixture(scope="session")
def app(folder: Path, database_url: str) -> Iterator[Flask]:
    app = create_app(
        {
            "TESTING": True,
            "DATABASE_URL": database_url,
            "INSTANCE": folder,
            "SECRET_KEY": "tests",
            "OUTBOX": "manual",
            "SQLITE_SYNCHRONOUS": "OFF",
            "WTF_CSRF_ENABLED": False,
            "KEEP_PAGES": False,  # what a page costs is counted in many tests; tests/core/test_kept.py turns it on
        }
    )
    app.test_client_class = Browser
    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            guards.ensure(connection)
        with clock.stopped(NOW):
            seeds.load()
            _one_key()
        db.session.remove()
    store = Snapshot(app, folder)
    store.take()
    app.extensions["snapshot"] = store
    yield app
    with app.app_context():
        db.engine.dispose()


@command
def _one_key() -> None:
    """The tests open with one key, where nothing else is said; tests/openings plays the ceremony of two of three."""
    db.session.execute(sa.update(Setting).where(Setting.key == "opening").values(value="one"))
    reference.forget()


class Snapshot:
    """Brings the database back to what it was after the reference data."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder

    def take(self) -> None:
        with self.app.app_context():
            self.sqlite = db.engine.dialect.name == "sqlite"
            db.engine.dispose()  # closing the last connection writes the log back into the file
            if self.sqlite:
                shutil.copy(self.folder / "tests.sqlite", self.folder / "clean.sqlite")
            else:
                postgresql.remember(db.engine)

    def restore(self) -> None:
        db.session.remove()
        if self.sqlite:
            db.engine.dispose()
            for ending in ("-wal", "-shm"):
                (self.folder / f"tests.sqlite{ending}").unlink(missing_ok=True)
            shutil.copy(self.folder / "clean.sqlite", self.folder / "tests.sqlite")
        else:
            postgresql.clean(db.engine)


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> Iterator[None]:
    """For tests that use the site: a context, a clock at NOW, and afterwards a ledger that verifies and a new database."""
    if "app" not in request.fixturenames:
        yield
        return
    app = request.getfixturevalue("app")
    with app.app_context(), clock.stopped(NOW):
        reference.forget()
        vault.configure(app.config["SEAL_KEY_PATH"], may_make=True)
        site.configure(app.config["INSTANCE"], seeds.FOLDER)  # a test may have built another site in the meantime
        before = _changes()
        yield
        db.session.rollback()
        if _changes() != before:
            assert ledger.verify().broken_at is None
            app.extensions["snapshot"].restore()


def _changes() -> tuple[int, ...]:
    """Tells whether anything was written: the file's change counter, or PostgreSQL's write-ahead position."""
    db.session.remove()
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return (connection.exec_driver_sql("PRAGMA data_version").scalar() or 0, *_file_marks())
        return (connection.execute(sa.text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")).scalar_one(),)


def _file_marks() -> tuple[int, ...]:
    path = Path(str(db.engine.url.database))
    marks = []
    for name in (path, Path(f"{path}-wal")):
        marks += [name.stat().st_mtime_ns, name.stat().st_size] if name.exists() else [0, 0]
    return tuple(marks)


@command
def _sign_in(user: User) -> str:
    return logins.start(user, "tests")


@pytest.fixture
def client_as(app: Flask) -> Callable[[User | None], FlaskClient]:
    """`client_as(user)` is a browser in which `user` has signed in; `client_as(None)` is a visitor."""

    def build(user: User | None) -> FlaskClient:
        client = app.test_client()
        if user is not None:
            token = _sign_in(user)
            with client.session_transaction() as session:
                session["_user_id"] = token
                session["_fresh"] = True
        return client

    return build


@pytest.fixture
def later(app: Flask) -> Iterator[Callable[..., Any]]:
    """`later(days=3)` moves the stopped clock on."""
    added: list[Any] = []

    def move(**delta: float) -> datetime:
        moment = clock.now() + timedelta(**delta)
        stop = clock.stopped(moment)
        stop.__enter__()
        added.append(stop)
        return moment

    yield move
    for stop in reversed(added):
        stop.__exit__(None, None, None)


@pytest.fixture
def past_aside() -> Iterator[None]:
    """What earlier tests left behind is put aside: the collector walks and clears what this test makes, as in a process of its own."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def statements(app: Flask) -> Iterator[Callable[[], list[str]]]:
    """`statements()` gives the SELECTs since the last call."""
    seen: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # A writer's turn is taken by a statement on PostgreSQL and by BEGIN on SQLite: neither is a question.
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "pg_advisory_xact_lock" not in statement:
            seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", listen)

    def take() -> list[str]:
        taken = seen[:]
        seen.clear()
        return taken

    yield take
    sa.event.remove(db.engine, "before_cursor_execute", listen)


# The demonstration is played once, for every test that looks at it.
from tests.laws.demo_site import demo_app, demo_made  # noqa: E402, F401 - it takes Browser from here
