"""The files of open data, piece by piece: the same for the pages and for the command."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matchhub.documents.opendata import giving, ocds, writing
from matchhub.documents.opendata.facts import Publisher
from matchhub.features.opendata import queries

RELEASES = "/open/ocds-releases.json"


def ocds_json(by: Publisher) -> Iterator[str]:
    """A record package with every published need."""
    head = ocds.head(by, f"{by.base}/open/ocds.json", queries.changed_at())
    return writing.package(head, "records", (ocds.record(one, by) for one in queries.processes()))


def ocds_csv(by: Publisher) -> Iterator[str]:
    return writing.ocds_table(ocds.compiled(one, by) for one in queries.processes())


def giving_json(by: Publisher) -> Iterator[str]:
    head = giving.head(by, f"{by.base}/open/360giving.json", queries.changed_at())
    return writing.package(head, "grants", _grants(by))


def giving_csv(by: Publisher) -> Iterator[str]:
    return writing.giving_table(_grants(by))


def _grants(by: Publisher) -> Iterator[giving.Json]:
    return (made for one in queries.processes() if (made := giving.grant(one, by)) is not None)


def releases_json(by: Publisher, after: int) -> Iterator[str]:
    """A release package with what was made public after this number of the ledger; `links.next` leads to the rest."""
    found = queries.published(after)
    more = {"links": {"next": f"{by.base}{RELEASES}?after={found.last}"}} if found.last is not None else {}
    head = ocds.head(by, f"{by.base}{RELEASES}?after={after}", queries.changed_at(), **more)
    return writing.package(head, "releases", (ocds.release(process, mark, by) for process, mark in found.deeds))


FILES: dict[str, Callable[[Publisher], Iterator[str]]] = {
    "ocds.json": ocds_json, "ocds.csv": ocds_csv, "360giving.json": giving_json, "360giving.csv": giving_csv,
}  # fmt: skip
