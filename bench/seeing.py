"""How long after a write another process finds it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from matchhub.core.db import tx_mode
from matchhub.search import SearchDoc, SearchIndex, SearchQuery

WRITES = 20
PAUSE_SECONDS = 0.5
MARKS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"


def delays(index: SearchIndex, again: Callable[[], SearchIndex]) -> list[float]:
    """Milliseconds on the wall from before each write until the other process has found it; two writes a second."""
    asked, answered = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        os.close(asked[1])  # the end of the questions is its end
        _look(again, asked[0], answered[1])
    found = []
    for mark in MARKS[:WRITES]:
        os.write(asked[1], mark.encode())
        time.sleep(PAUSE_SECONDS)
        before = time.monotonic()
        index.apply([SearchDoc(f"need:{mark}", "need", title=f"龘{mark}", visibility="public")])
        found.append((float(os.read(answered[0], 40)) - before) * 1000)
        index.tidy()
    os.close(asked[1])
    os.waitpid(child, 0)
    for handle in (asked[0], *answered):
        os.close(handle)
    return found


def _look(again: Callable[[], SearchIndex], asked: int, answer: int) -> None:
    """The other process: asks for the next mark until it is found, and says when that was."""
    tx_mode.set("read")
    index = again()
    while mark := os.read(asked, 3):
        query = SearchQuery(f"龘{mark.decode()}", frozenset({"public"}))
        while not index.search(query).total:
            time.sleep(0.002)
        os.write(answer, f"{time.monotonic():.6f}".ljust(40).encode())
    os._exit(0)
