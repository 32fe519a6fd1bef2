"""The demonstration: seed/demo/story*.csv, played through the same deeds that people do, its days counted back from today.

story.csv tells the main job; each further story_*.csv adds one subject to it. All lines are played in the order of time.

A line of the story is `day, time, actor, action, subject, details`. `day` is a number of days from today (negative:
before), or `M-2/07`: the 7th of the month two months ago, for what follows the calendar. Lines that would lie in the
future are left out. Everything else comes from the other tables of seed/demo, which a spreadsheet can edit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import sqlalchemy as sa

from matchhub.config import ROOT
from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.demo.stage import DEEDS, Line, NotYet, Stage
from matchhub.domain.models import User
from matchhub.seeds import rows

FOLDER = ROOT / "seed" / "demo"
# Every module of this folder names its deeds as it is imported.
for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
LONGEST_WAIT = timedelta(days=45)


def is_needed() -> bool:
    """Whether nobody has an account yet; the demonstration never touches a database in use."""
    return db.session.scalar(sa.select(User.id).limit(1)) is None


def play(instance: Path, today: date | None = None, folder: Path = FOLDER) -> int:
    """Fill an empty database, with uploads under `instance`; the number of deeds.

    Raises RuntimeError when there are accounts already, and for a line that no rule ever allows.
    """
    if not is_needed():
        raise RuntimeError("the demonstration needs an empty database")
    now = clock.now()
    day = today or clock.today()
    stage = Stage(folder, instance)
    lines = enumerate(_lines(folder))
    story = [(moment_of(row["day"], row["time"], day), number, row) for number, row in lines]
    heapify(story)
    played, planned = 0, {number: moment for moment, number, _row in story}
    while story and story[0][0] <= now:
        moment, number, row = heappop(story)
        line = Line(row["place"], row["actor"], row["subject"], _details(row["details"]), day)
        # Holidays and months lie differently for each day of playing: what a rule does not allow yet waits a day.
        may_wait = moment - planned[number] < LONGEST_WAIT
        with clock.stopped(moment):
            if _play(stage, row["action"], line, may_wait):
                played += 1
            else:
                heappush(story, (moment + timedelta(days=1), number, row))
        for days, answer in stage.answers():
            number = max(planned) + 1
            planned[number] = moment + timedelta(days=days)
            heappush(story, (planned[number], number, answer))
    return played


def _lines(folder: Path) -> Iterator[dict[str, str]]:
    """The lines of all story files, each with the place where it stands."""
    for path in sorted(folder.glob("story*.csv")):
        for number, row in enumerate(rows(path), 2):
            yield {**row, "place": f"{path.name}, line {number}"}


def _play(stage: Stage, action: str, line: Line, may_wait: bool) -> bool:
    """Whether the line was played; False when a rule asks to wait."""
    try:
        DEEDS[action](stage, line)
    except (NotYet, NotNow) as error:
        if may_wait:
            return False
        raise RuntimeError(f"{line.place}: {action} {line.subject}: {error}") from error
    except Exception as error:
        raise RuntimeError(f"{line.place}: {action} {line.subject}: {error}") from error
    finally:
        db.session.expire_all()
    return True


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
