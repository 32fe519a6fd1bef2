"""Is the search engine still the right one: what it holds, what a question costs, and what to do about it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from matchhub.search import file_texts, site

# Above so many documents, or above this p95, the other engine serves better (docs/quality.md).
MANY_DOCUMENTS = 20_000
SLOW_MS = 50.0
QUESTIONS = (
    "电梯",
    "老人",
    "业委会 换届",
    "垃圾分类",
    "停车",
    "社区",
    "的",
    "小区加装电梯",
    '"公共收益"',
    "jiazhuangdianti",
    "调解",
)
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured (CPU of this process for a question of a visitor, in milliseconds), and files without text."""

    engine: str
    usable: bool
    reason: str
    documents: int
    size_bytes: int
    p95_ms: float
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def is_well(self) -> bool:
        return self.usable and not self.advice()

    def advice(self) -> list[str]:
        """What the operator should do, in English sentences; empty when nothing."""
        if not self.usable:
            return [f"The index cannot be used ({self.reason}): run `flask reindex`."]
        found = []
        if self.engine == "whoosh" and self.documents > MANY_DOCUMENTS:
            found.append(f"More than {MANY_DOCUMENTS:,} documents: set SEARCH_ENGINE=database and run `flask reindex`.")
        if self.p95_ms > SLOW_MS:
            cure = "set SEARCH_ENGINE=database" if self.engine == "whoosh" else "move the site to a faster machine"
            found.append(f"A question costs {self.p95_ms:.0f} ms of CPU at p95, more than {SLOW_MS:.0f}: {cure}.")
        return found


def examine(engine: str) -> Finding:
    """Measure the site's index as it is; changes nothing."""
    health = site.health()
    costs = sorted(_cost(text) for _round in range(ROUNDS) for text in QUESTIONS) if health.usable else [0.0]
    p95 = costs[min(len(costs) - 1, int(len(costs) * 0.95))]
    unread = tuple((one.name, one.problem) for one in file_texts.unread())
    return Finding(engine, health.usable, health.reason, health.documents, health.size_bytes, p95, unread)


def _cost(text: str) -> float:
    before = time.process_time()
    site.search(None, text)
    return (time.process_time() - before) * 1000
