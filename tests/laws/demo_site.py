"""A site with the demonstration in it, played once for all tests of a run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from matchhub import create_app, demo, seeds
from matchhub.core import guards, vault
from matchhub.core.db import command, db
from matchhub.domain import logins, reference
from matchhub.domain.models import User
from matchhub.search import site


def make(folder: Path, database_url: str, name: str = "demo") -> Flask:
    """The site as `make demo` prepares it, in a database of its own called `name`."""
    instance = folder / name
    instance.mkdir()
    url = f"sqlite:///{instance / 'site.sqlite'}"
    if database_url.startswith("postgresql"):
        admin = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        admin.dispose()
        url = database_url.rsplit("/", 1)[0] + f"/{name}"
    app = create_app(
        {"TESTING": True, "DEMO": True, "DATABASE_URL": url, "INSTANCE": instance, "OUTBOX": "manual",
         "SQLITE_SYNCHRONOUS": "OFF", "SECRET_KEY": "tests"}
    )  # fmt: skip
    from tests.conftest import Browser  # which itself offers these fixtures to every test

    app.test_client_class = Browser
    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            guards.ensure(connection)
        reference.forget()
        seeds.load()
        demo.play(instance)
        site.reindex()
        db.session.remove()
    return app


@pytest.fixture(scope="session")
def demo_made(folder: Path, database_url: str) -> Iterator[Flask]:
    app = make(folder, database_url)
    yield app
    with app.app_context():
        db.engine.dispose()
    shutil.rmtree(folder / "demo", ignore_errors=True)


@pytest.fixture
def demo_app(demo_made: Flask, folder: Path) -> Iterator[Flask]:
    """The demonstration's site, in its context and with the clock running; tests only look at it."""
    root = Path(__file__).resolve().parents[2] / "seed" / "reference"
    # A process has one installation; here it has two, and each reads with its own key and searches in its own index.
    vault.configure(demo_made.config["SEAL_KEY_PATH"], may_make=True)
    site.configure(demo_made.config["INSTANCE"], root)
    reference.forget()
    with demo_made.app_context():
        yield demo_made
    vault.configure(folder / "seal.key", may_make=True)
    site.configure(folder, root)
    reference.forget()


@command
def _start(user: User) -> str:
    return logins.start(user, "tests")


def sign_in(app: Flask, user: User | None) -> FlaskClient:
    """A browser in which `user` has signed in; None: a visitor."""
    client = app.test_client()
    if user is not None:
        token = _start(user)
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
    return client
