"""The one table that a bench prints."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `ratio` is measured / floor where a floor exists; `most` is the target for the ratio or the figure.

    `least` is the target of a figure that should be high.
    """

    name: str
    measured: float
    unit: str
    floor: str = ""
    ratio: float | None = None
    most: float | None = None
    least: float | None = None

    @property
    def is_met(self) -> bool | None:
        if self.least is not None:
            return self.measured >= self.least
        if self.most is None:
            return None
        return (self.measured if self.ratio is None else self.ratio) <= self.most


HEAD = ("name", "measured", "floor in the same run", "ratio", "target", "")


def cells(row: Row) -> Sequence[str]:
    target = "" if row.most is None else f"<= {row.most:g}" + (" x" if row.ratio is not None else f" {row.unit}")
    target = target if row.least is None else f">= {row.least:g} {row.unit}"
    verdict = {True: "met", False: "MISSED", None: ""}[row.is_met]
    ratio = "" if row.ratio is None else f"{row.ratio:.1f} x"
    return row.name, f"{row.measured:,.2f} {row.unit}", row.floor, ratio, target, verdict


def show(title: str, rows: Iterable[Row]) -> None:
    lines = [HEAD, *(cells(row) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    print(f"\n## {title}\n")
    for n, line in enumerate(lines):
        print("| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |", flush=True)
        if n == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
