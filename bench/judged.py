"""The judged questions (tests/search/judged.tsv): how much of what is meant is among the first five, and how far up."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import instance
from bench.table import Row

FILE = instance.ROOT / "tests" / "search" / "judged.tsv"
FIRST = 5
RECALL, MRR = 0.95, 0.85


@dataclass(frozen=True, slots=True)
class Figures:
    """recall@5 and the mean reciprocal rank of the first right answer; `missed` says what was not found."""

    questions: int
    recall: float
    mrr: float
    missed: list[str]


def judged() -> list[tuple[str, list[str]]]:
    """(question, parts of titles that must be found) of each line."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["asked"], row["found"].split("|")) for row in rows]


def figures(titles_of: Callable[[str], list[str]]) -> Figures:
    """Ask every question; `titles_of` gives the titles found, best first."""
    recalls, ranks, missed = [], [], []
    for asked, wanted in judged():
        titles = titles_of(asked)[:FIRST]
        found = [any(part in title for title in titles) for part in wanted]
        places = [place for place, title in enumerate(titles, 1) if any(part in title for part in wanted)]
        recalls.append(sum(found) / len(found))
        ranks.append(1 / places[0] if places else 0.0)
        if not all(found):
            missed.append(f"{asked}: {titles}")
    return Figures(len(recalls), sum(recalls) / len(recalls), sum(ranks) / len(ranks), missed)


def found_titles(asked: str) -> list[str]:
    """What a visitor finds, who takes the correction where nothing is found and one is offered."""
    from matchhub.search import site

    answer = site.search(None, asked, size=FIRST)
    if not answer.results and answer.corrected:
        answer = site.search(None, answer.corrected, size=FIRST)
    return [result.title.striptags() for result in answer.results]


def run(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """One table per engine, over the demonstration."""
    from matchhub.search import site

    for engine in ("whoosh", "database"):
        app = instance.make_app(folder, SEARCH_ENGINE=engine)
        with app.app_context():
            site.reindex()
            found = figures(found_titles)
        yield (
            f"Judged search: {found.questions} questions over the demonstration, {engine}",
            [
                Row("recall@5", found.recall, "", least=RECALL),
                Row("mean reciprocal rank", found.mrr, "", least=MRR),
            ],
        )
