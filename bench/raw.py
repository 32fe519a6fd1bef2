"""The engines bare: Whoosh's own searcher and FTS5's MATCH over the same index, without our ranking, facets or snippets.

The terms of the questions are worked out beforehand, so only the look-up is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matchhub.search import SearchIndex
from matchhub.search import database_tables as tables
from matchhub.search.database_index import DatabaseIndex
from matchhub.search.text import Need, parse_query
from matchhub.search.whoosh_index import WhooshIndex

FIRST = 20


def costs(index: SearchIndex, questions: Sequence[str], cost: Callable[[], float]) -> list[float]:
    """What each question asked of the bare engine costs in ms: the first page, best first."""
    needs = [index.analyzer.plan(parse_query(text)).required for text in questions]  # type: ignore[attr-defined]
    look = _whoosh if isinstance(index, WhooshIndex) else _database
    return [_cost(lambda one=one: look(index, one), cost) for one in needs if one]


def _cost(deed: Callable[[], object], cost: Callable[[], float]) -> float:
    before = cost()
    deed()
    return (cost() - before) * 1000


def _whoosh(index: WhooshIndex, needs: Sequence[Need]) -> int:
    from whoosh.query import And, Or, Term
    from whoosh.scoring import Frequency
    from whoosh.searching import Searcher

    with index.store.reading() as (reader, _directory):
        ways = [
            Or([And([Term("text", gram) for gram in way]) for way in (need.grams, *need.synonyms)]) for need in needs
        ]
        return len(Searcher(reader, weighting=Frequency()).search(And(ways), limit=FIRST))


def _database(index: DatabaseIndex, needs: Sequence[Need]) -> int:
    with index._reading() as connection:
        generation = tables.generation(connection, tables.generations(connection)[tables.CURRENT])
        if connection.dialect.name == "sqlite":
            query = "SELECT rowid FROM {text} WHERE {text} MATCH :wanted ORDER BY rank LIMIT :first"
            wanted = _expression(needs, " AND ", " OR ", '"')
        else:
            query = (
                "SELECT id FROM {document} WHERE words @@ CAST(:wanted AS tsquery)"
                " ORDER BY ts_rank(words, CAST(:wanted AS tsquery)) DESC LIMIT :first"
            )
            wanted = _expression(needs, " & ", " | ", "'")
        return len(generation.rows(query, wanted=wanted, first=FIRST))


def _expression(needs: Sequence[Need], both: str, either: str, quote: str) -> str:
    ways = [
        [both.join(f"{quote}{gram}{quote}" for gram in way) for way in (need.grams, *need.synonyms)] for need in needs
    ]
    return both.join("(" + either.join(f"({way})" for way in some) + ")" for some in ways)
