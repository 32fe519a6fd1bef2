"""Shared by the search tests: words, synonyms, an index of each engine, and a visitor who asks it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pysqlite3
import pytest
import sqlalchemy as sa
from flask import Flask

from matchhub.config import ROOT
from matchhub.core.db import command, db
from matchhub.domain import lifecycle
from matchhub.search import SearchIndex, SearchPage, SearchQuery, site
from matchhub.search import database_tables as tables
from matchhub.search.database_index import DatabaseIndex
from matchhub.search.text import Analyzer
from matchhub.search.whoosh_index import WhooshIndex

WORDS = ["加梯", "加装电梯", "业委会", "曹杨新村", "飞线充电", "停车管理", "换届选举"]
SYNONYMS = [["加梯", "加装电梯"], ["业委会", "业主委员会"], ["老人", "老年人"]]
PUBLIC = frozenset({"public"})

Ask = Callable[..., SearchPage]
Make = Callable[[Analyzer], SearchIndex]


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer(WORDS, SYNONYMS)


@pytest.fixture(scope="session")
def search_database(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A database of the kind under test for the tables of the engine `database` alone."""
    if database_url.startswith("postgresql"):
        admin = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE searching"))
        admin.dispose()
        engine = sa.create_engine(database_url.rsplit("/", 1)[0] + "/searching")
    else:
        place = tmp_path_factory.mktemp("search") / "search.sqlite"
        engine = sa.create_engine(f"sqlite:///{place}", module=pysqlite3)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module", params=["whoosh", "database"])
def make_index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Make an index of each engine; all that are made in one test are the same one, read with other words."""
    if request.param == "whoosh":
        place = tmp_path_factory.mktemp("index")
        return lambda analyzer: WhooshIndex(place, analyzer)
    engine: sa.Engine = request.getfixturevalue("search_database")

    def connected() -> AbstractContextManager[sa.Connection]:
        return engine.begin()

    return lambda analyzer: DatabaseIndex(connected, connected, analyzer)


@pytest.fixture
def index(make_index: Make, analyzer: Analyzer) -> SearchIndex:
    return make_index(analyzer)


@pytest.fixture
def ask(index: SearchIndex) -> Ask:
    """Ask the index a question as a visitor, unless labels are given."""

    def asked(text: str = "", **more: object) -> SearchPage:
        return index.search(SearchQuery(**{"text": text, "labels": PUBLIC, **more}))  # type: ignore[arg-type]

    return asked


def start(app: Flask, engine: str) -> None:
    """Let the site use this engine."""
    site.configure(app.config["INSTANCE"], ROOT / "seed" / "reference", engine)


def throw_away(app: Flask) -> None:
    """Leave no index of either engine."""
    shutil.rmtree(app.config["INSTANCE"] / "index", ignore_errors=True)
    db.session.rollback()
    emptied(db.engine)


@pytest.fixture(params=["whoosh", "database"])
def engine(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    """The site with an empty index of each engine."""
    start(app, request.param)
    throw_away(app)
    site.reindex()
    yield request.param
    throw_away(app)
    start(app, "whoosh")


@command
def mark(*rows: object) -> None:
    """Mark records for the index, as every deed does."""
    for row in rows:
        lifecycle.touch(row)


def emptied(engine: sa.Engine) -> None:
    """Take away every table of the engine `database`."""
    with engine.begin() as connection:
        if tables.exists(connection):
            for number in tables.listed(connection):
                tables.generation(connection, number).drop()
