"""The private memory of a worker: after its first requests, and after many."""

from __future__ import annotations

import re
from pathlib import Path

from bench import instance
from bench.pages import ACCEPT, browsed, pages
from bench.serving import Server, serve
from bench.table import Row

REQUESTS = 10_000
MOST_MB, MOST_GROWTH_MB = 80, 3
# Of so many requests one changes the database, so that pages are made anew again and again.
CHANGE_EVERY = 100


def run(folder: Path, twice: bool = False) -> list[Row]:
    """Every page of the bench in turn; `twice` asks as often again and tells the growth."""
    app = instance.make_app(folder)
    listed = pages(app)
    cookies = {role: browsed(app, role) for role in {page.role for page in listed if page.role}}
    asked = [(page.url, ACCEPT | ({"Cookie": cookies[page.role]} if page.role else {})) for page in listed]
    sizes = []
    with serve("wsgi:app", folder / "memory.sock", instance.surroundings(folder)) as server:
        for _times in range(1 + twice):
            for number in range(REQUESTS):
                if number % CHANGE_EVERY == 0:
                    _change(folder)
                server.ask(*asked[number % len(asked)])
            sizes.append(_private_mb(server))
    told = [Row(f"after {REQUESTS:,} requests", sizes[0], "MB", most=MOST_MB)]
    if twice:
        told.append(Row(f"growth by {REQUESTS:,} more", sizes[1] - sizes[0], "MB", most=MOST_GROWTH_MB))
    return told


def _change(folder: Path) -> None:
    """A commit of another process."""
    import pysqlite3

    connection = pysqlite3.connect(str(folder / "matchhub.sqlite"))
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version={version + 1}")
    connection.close()


def _private_mb(server: Server) -> float:
    """Of the one worker, without its master."""
    worker = max(server.processes())
    told = Path(f"/proc/{worker}/smaps_rollup").read_text()
    return sum(int(size) for size in re.findall(r"^Private_(?:Clean|Dirty): +(\d+) kB", told, re.M)) / 1024
