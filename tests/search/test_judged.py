"""What people type finds what they mean among the first five, on every engine: judged by hand in judged.tsv."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from matchhub.config import ROOT
from matchhub.search import site

FIRST = 5


def judged() -> list[tuple[str, list[str]]]:
    """(question, parts of titles that must be found) of each line."""
    with Path(__file__).with_name("judged.tsv").open(encoding="utf-8", newline="") as file:
        return [
            (row["asked"], row["found"].split("|"))
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


@pytest.mark.parametrize("engine", ["whoosh", "database"])
def test_judged_questions_find_what_they_mean(demo_app, engine):
    site.configure(demo_app.config["INSTANCE"], ROOT / "seed" / "reference", engine)
    try:
        site.reindex()
        recalls, ranks, missed = [], [], []
        for asked, wanted in judged():
            titles = [result.title.striptags() for result in site.search(None, asked, size=FIRST).results]
            found = [any(part in title for title in titles) for part in wanted]
            places = [place for place, title in enumerate(titles, 1) if any(part in title for part in wanted)]
            recalls.append(sum(found) / len(found))
            ranks.append(1 / places[0] if places else 0.0)
            if not all(found):
                missed.append(f"{asked}: {titles}")
    finally:
        site.configure(demo_app.config["INSTANCE"], ROOT / "seed" / "reference", "whoosh")
    assert len(recalls) >= 60
    assert sum(recalls) / len(recalls) >= 0.95, missed
    assert sum(ranks) / len(ranks) >= 0.85
