"""What people type finds what they mean among the first five, on every engine: judged by hand in judged.tsv."""

from __future__ import annotations

import pytest

from bench import judged
from matchhub.config import ROOT
from matchhub.search import site


@pytest.mark.parametrize("engine", ["whoosh", "database"])
def test_judged_questions_find_what_they_mean(demo_app, engine):
    site.configure(demo_app.config["INSTANCE"], ROOT / "seed" / "reference", engine)
    try:
        site.reindex()
        found = judged.figures(judged.found_titles)
    finally:
        site.configure(demo_app.config["INSTANCE"], ROOT / "seed" / "reference", "whoosh")
    assert found.questions >= 100
    assert found.recall >= judged.RECALL, found.missed
    assert found.mrr >= judged.MRR
