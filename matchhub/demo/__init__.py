"""The demonstration: seed/demo/story.csv, played through the same deeds that people do, its days counted back from today.

A line of the story is `day, time, actor, action, subject, details`. `day` is a number of days from today (negative:
before), or `M-2/07`: the 7th of the month two months ago, for what follows the calendar. Lines that would lie in the
future are left out. Everything else comes from the other tables of seed/demo, which a spreadsheet can edit.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from pathlib import Path

import sqlalchemy as sa

from matchhub.config import ROOT
from matchhub.core import clock
from matchhub.core.db import db
from matchhub.demo import calls, finishing, judging, people, publishing, running, visiting  # noqa: F401 - their deeds
from matchhub.demo.stage import DEEDS, Line, NotYet, Stage
from matchhub.domain.models import User
from matchhub.seeds import rows

FOLDER = ROOT / "seed" / "demo"


def is_needed() -> bool:
    """Whether nobody has an account yet; the demonstration never touches a database in use."""
    return db.session.scalar(sa.select(User.id).limit(1)) is None


def play(instance: Path, today: date | None = None, folder: Path = FOLDER) -> int:
    """Fill an empty database, with uploads under `instance`; the number of deeds. Raises RuntimeError when there are accounts already."""
    if not is_needed():
        raise RuntimeError("the demonstration needs an empty database")
    now = clock.now()
    day = today or clock.today()
    stage = Stage(folder, instance)
    lines = enumerate(rows(folder / "story.csv"), 2)
    story = [(moment_of(row["day"], row["time"], day), number, row) for number, row in lines]
    heapify(story)
    played = 0
    while story and story[0][0] <= now:
        moment, number, row = heappop(story)
        line = Line(number, row["actor"], row["subject"], _details(row["details"]), day)
        try:
            with clock.stopped(moment):
                _play(stage, row["action"], line)
            played += 1
        except NotYet:
            # Holidays lie differently for each day of playing: what must wait for a period is tried a day later.
            heappush(story, (moment + timedelta(days=1), number, row))
    return played


def _play(stage: Stage, action: str, line: Line) -> None:
    try:
        DEEDS[action](stage, line)
    except NotYet:
        raise
    except Exception as error:
        raise RuntimeError(f"story.csv, line {line.number}: {action} {line.subject}: {error}") from error
    finally:
        db.session.expire_all()


def moment_of(day: str, at: str, today: date) -> datetime:
    """The stored moment of a line's day and time in Shanghai."""
    if day.startswith("M-"):
        months, in_month = (int(part) for part in day[2:].split("/"))
        index = today.year * 12 + today.month - 1 - months
        wanted = date(index // 12, index % 12 + 1, in_month)
    else:
        wanted = today + timedelta(days=int(day))
    return clock.utc(wanted, time.fromisoformat(at))


def _details(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(";") if part)
