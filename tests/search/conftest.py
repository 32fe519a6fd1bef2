"""Shared by the search tests: words, synonyms, an index in a directory of its own, and a visitor who asks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from matchhub.search import SearchPage, SearchQuery
from matchhub.search.text import Analyzer
from matchhub.search.whoosh_index import WhooshIndex

WORDS = ["加梯", "加装电梯", "业委会", "曹杨新村", "飞线充电", "停车管理", "换届选举"]
SYNONYMS = [["加梯", "加装电梯"], ["业委会", "业主委员会"], ["老人", "老年人"]]
PUBLIC = frozenset({"public"})

Ask = Callable[..., SearchPage]


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer(WORDS, SYNONYMS)


@pytest.fixture
def index(tmp_path: Path, analyzer: Analyzer) -> WhooshIndex:
    return WhooshIndex(tmp_path / "index", analyzer)


@pytest.fixture
def ask(index: WhooshIndex) -> Ask:
    """Ask the index a question as a visitor, unless labels are given."""

    def asked(text: str = "", **more: object) -> SearchPage:
        return index.search(SearchQuery(**{"text": text, "labels": PUBLIC, **more}))  # type: ignore[arg-type]

    return asked
