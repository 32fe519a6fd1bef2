"""kill -9 while records are written and indexed: does the index still say what the database says?

Two children work on the site: one changes records, as deeds do; one brings them into the index and now and then builds it
anew. One of them is killed at a random moment, again and again, and another takes its place. At the end what is marked
is delivered, and the index is compared with the database.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import sqlalchemy as sa
from flask import Flask

from bench import instance
from bench.table import Row

KILLS = 50
SHORTEST, LONGEST = 0.02, 0.4  # seconds between two kills


def play(app: Flask, kills: int, seed: int = 1) -> tuple[int, Any]:
    """Kill `kills` times; how many deeds were done, and the drift that was left (and is repaired)."""
    from matchhub.core import outbox
    from matchhub.search import site

    chance = random.Random(seed)
    site.reindex()
    work = {"deeds": _deeds, "index": _indexing}
    before = _version(app)
    _disconnect()
    children = {name: _child(app, job, chance.random()) for name, job in work.items()}
    for _ in range(kills):
        time.sleep(chance.uniform(SHORTEST, LONGEST))
        name = chance.choice(sorted(children))
        _kill(children[name])
        children[name] = _child(app, work[name], chance.random())
    for child in children.values():
        _kill(child)
    outbox.drain()
    return _version(app) - before, site.reconcile()


def _disconnect() -> None:
    """A child must not share its parent's connections."""
    from matchhub.core.db import db

    db.session.remove()
    db.engine.dispose()


def _child(app: Flask, job: Callable[[random.Random], None], seed: float) -> int:
    child = os.fork()
    if not child:
        _go(app, job, seed)
    return child


def _go(app: Flask, job: Callable[[random.Random], None], seed: float) -> NoReturn:
    """Work until killed; never comes back into the parent's code."""
    try:
        with app.app_context():
            chance = random.Random(seed)
            while True:
                job(chance)
    except Exception:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(3)


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    _child_id, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        raise RuntimeError("a child has failed by itself; its error is above")


def _version(app: Flask) -> int:
    """How many deeds were done: each leaves its number in the record."""
    from matchhub.core.db import db
    from matchhub.domain.models import Need

    with app.app_context():
        return int(db.session.scalar(sa.select(sa.func.sum(Need.version))) or 0)


def _deeds(chance: random.Random) -> None:
    from matchhub.core.db import command, db
    from matchhub.domain import lifecycle
    from matchhub.domain.models import Need

    @command
    def change() -> None:
        ids = db.session.scalars(sa.select(Need.id).order_by(Need.id)).all()
        need = db.session.get_one(Need, chance.choice(ids))
        need.title = f"停车协商 {chance.randrange(10**9)}"
        lifecycle.touch(need)

    change()
    time.sleep(chance.uniform(0, 0.02))


def _indexing(chance: random.Random) -> None:
    from matchhub.core import outbox
    from matchhub.search import site

    if chance.random() < 0.1:
        site.reindex()
    outbox.drain()
    time.sleep(0.005)


def run(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """One table per engine, over the demonstration."""
    for engine in ("whoosh", "database"):
        app = instance.make_app(folder, SEARCH_ENGINE=engine)
        with app.app_context():
            deeds, drift = play(app, KILLS)
            _disconnect()
        wrong = len(drift.missing) + len(drift.stale) + len(drift.extra)
        yield (
            f"kill -9 x {KILLS} while writing and reindexing, {engine}",
            [Row("deeds done meanwhile", deeds, ""), Row("differences afterwards", wrong, "", most=0)],
        )
