"""Every night the index is compared with the database, what differs is repaired, and that is said."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from matchhub.core import clock, outbox
from matchhub.search import site
from matchhub.search.indexer import Drift
from matchhub.search.store import replace_file

log = logging.getLogger(__name__)

HOUR = 3  # in Shanghai
LOOKS_SECONDS = 900.0
FILE = "search-compared.json"
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """The last comparison: when (UTC, as ISO 8601), and how many documents were missing, stale and too many."""

    at: str
    missing: int
    stale: int
    extra: int

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def repaired(self) -> int:
        return self.missing + self.stale + self.extra


def compare() -> Drift:
    """Compare and repair now; what differed stands in the log and, as numbers, in a file of the installation."""
    drift = site.reconcile()
    if drift:
        log.warning("the search index differed from the database and was repaired: missing %s, stale %s, extra %s",
                    *(", ".join(keys[:SHOWN]) or "none" for keys in (drift.missing, drift.stale, drift.extra)))  # fmt: skip
    told = Compared(clock.now().isoformat(), len(drift.missing), len(drift.stale), len(drift.extra))
    replace_file(_path(), json.dumps(asdict(told)).encode())
    return drift


@outbox.every(LOOKS_SECONDS)
def at_night() -> None:
    """Compare once in the hour after three, while nobody waits for the index."""
    if clock.local(clock.now()).hour != HOUR:
        return
    before = last()
    if before is None or clock.local(before.moment).date() != clock.today():
        compare()


def last() -> Compared | None:
    """The last comparison; None before the first one."""
    try:
        return Compared(**json.loads(_path().read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _path() -> Path:
    return site.instance() / FILE
