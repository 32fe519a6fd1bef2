"""The doctor says when the engine should be changed, and what to do."""

from __future__ import annotations

from dataclasses import replace

from matchhub.search import doctor
from matchhub.search.doctor import Finding

WELL = Finding("whoosh", True, "", 800, 1_000_000, 4.0)


def test_a_small_quick_index_is_well():
    assert WELL.is_well


def test_many_documents_or_slow_answers_ask_for_the_other_engine():
    assert "SEARCH_ENGINE=database" in replace(WELL, documents=25_000).advice()[0]
    assert "SEARCH_ENGINE=database" in replace(WELL, p95_ms=80.0).advice()[0]
    assert replace(WELL, engine="database", documents=25_000).is_well


def test_a_broken_index_asks_to_be_built(app):
    assert "flask reindex" in replace(WELL, usable=False, reason="torn").advice()[0]


def test_the_command_prints_what_it_measured(app):
    from matchhub.search import site

    site.reindex()
    result = app.test_cli_runner().invoke(args=["search-doctor"])
    assert result.exit_code == 0, result.output
    assert "engine whoosh" in result.output
    assert doctor.examine("whoosh").usable
