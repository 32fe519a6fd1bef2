"""A throw-away PostgreSQL cluster on a socket and port of its own, from the system's package."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from matchhub.core.db import db, writing

KEPT = {
    "agreement_template",
    "section",
    "community",
    "code",
    "setting",
    "synonym_group",
    "holiday",
    "calendar_year",
    "rubric",
    "rubric_item",
    "alembic_version",
}


def _bin() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def is_there() -> bool:
    return _bin() is not None


def _run(*command: str) -> None:
    """PostgreSQL refuses to run as root, so there it runs as the package's own user."""
    words = list(command)
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    subprocess.run(words, check=True, capture_output=True, cwd="/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a cluster under `folder` and give the address of an empty database; stop it at the end."""
    tools = _bin()
    assert tools is not None
    data, port = folder / "pg", _free_port()
    folder.chmod(0o755)
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(data, "postgres")
    _run(str(tools / "initdb"), "-D", str(data), "-U", "matchhub", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    _run(str(tools / "pg_ctl"), "-D", str(data), "-w", "-l", str(data / "log"), "-o", options, "start")
    try:
        _run(str(tools / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "matchhub", "tests")
        yield f"postgresql+psycopg://matchhub@127.0.0.1:{port}/tests"
    finally:
        _run(str(tools / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")


# The reference data as it was loaded: by table a digest of its rows, and the rows.
_loaded: dict[str, tuple[str, list[dict[str, Any]]]] = {}


def remember(engine: Engine) -> None:
    """Note the reference data, so that `clean` can bring back what a test has changed of it."""
    with engine.connect() as connection:
        for name, digest in _digests(connection).items():
            rows = connection.execute(sa.select(db.metadata.tables[name])).mappings().all()
            _loaded[name] = (digest, [dict(row) for row in rows])


def _digests(connection: Connection) -> dict[str, str]:
    """By table of the reference data a digest of its rows: one statement."""
    names = [name for name in sorted(KEPT) if name in db.metadata.tables]
    parts = [
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{name}\" t"
        for name in names
    ]
    return {row[0]: row[1] for row in connection.execute(sa.text(" UNION ALL ".join(parts)))}


def _bring_back(connection: Connection) -> None:
    for name, digest in _digests(connection).items():
        known, rows = _loaded.get(name, (digest, []))
        if known != digest:
            table = db.metadata.tables[name]
            connection.execute(table.delete())
            connection.execute(table.insert(), rows)


def clean(engine: Engine) -> None:
    """Empty every table but the reference data, past the triggers that keep records (only a superuser can).

    Deleting the few rows of a test takes a twentieth of the time that truncating a hundred tables takes.
    """
    tables = [table.name for table in reversed(db.metadata.sorted_tables) if table.name not in KEPT]
    deletes = "; ".join(f'DELETE FROM "{name}"' for name in tables)
    with writing(), engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.exec_driver_sql(f"DO $$ BEGIN {deletes}; END $$")
        _bring_back(connection)
        connection.execute(sa.text(NUMBERS_FROM_ONE), {"kept": list(KEPT)})


NUMBERS_FROM_ONE = """
    SELECT setval(found.oid, 1, false)
    FROM pg_class found JOIN pg_depend ON pg_depend.objid = found.oid AND pg_depend.deptype IN ('a', 'i')
    JOIN pg_class owner ON owner.oid = pg_depend.refobjid
    WHERE found.relkind = 'S' AND owner.relname <> ALL (:kept)
"""
