"""The tables of the engine `database`, in the site's own database: one writer each for SQLite (FTS5) and PostgreSQL.

    search_generation      one row per generation: `current` is read, `building` is written beside it
    search_document_<g>    key, facts, the text of phrases; a removed document stays as a row without facts
    search_text_<g>        SQLite only: the terms, as an FTS5 table without content
    search_terms_<g>       the vocabulary for corrections, lines of JSON, the first the largest

They are a copy, made by a rebuild and never by a migration. Terms come cut (characters and pairs), so neither database
has to know Chinese.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection

from matchhub.search.columns import facts
from matchhub.search.engine import SearchDoc, digest
from matchhub.search.suggest import MAX_LINES, merged
from matchhub.search.weights import Parts, folded_parts, spine_of, terms, tiers

# Raise this whenever the tables, the weights or the folding change: old generations are then refused and rebuilt.
VERSION = 2
CURRENT, BUILDING = "current", "building"
# So many numbers go into one statement; SQLite takes 32,766 values.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """What is read of a document into memory; one without facts has been removed."""

    number: int
    key: str
    facts: str | None
    in_title: int
    in_body: int
    changed: int


def exists(connection: Connection) -> bool:
    """Whether this database has ever held the engine's tables."""
    query = (
        "SELECT count(*) FROM sqlite_master WHERE name = 'search_generation'"
        if connection.dialect.name == "sqlite"
        else "SELECT count(*) FROM pg_class WHERE oid = to_regclass('search_generation')"
    )
    return bool(connection.exec_driver_sql(query).scalar())


def prepare(connection: Connection) -> None:
    """Make the table of generations."""
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS search_generation"
        " (number INTEGER PRIMARY KEY, state VARCHAR(10) NOT NULL UNIQUE, version INTEGER NOT NULL)"
    )


def generations(connection: Connection) -> dict[str, int]:
    """The number of each generation that this version of the program can read, by its state."""
    query = text("SELECT state, number FROM search_generation WHERE version = :version")
    return {row.state: row.number for row in connection.execute(query, {"version": VERSION})}


def listed(connection: Connection) -> list[int]:
    """The numbers of all generations that may have left tables."""
    return list(connection.execute(text("SELECT number FROM search_generation ORDER BY number")).scalars())


class Generation:
    """One generation of the tables over an open connection; each database says how terms are kept and found."""

    def __init__(self, connection: Connection, number: int) -> None:
        self.connection = connection
        self.number = number
        self._names = {name: f"search_{name}_{number}" for name in ("document", "text", "terms")}

    def do(self, statement: str, **values: object) -> None:
        """Run a statement that names the tables as {document}, {text} and {terms}."""
        self.connection.execute(text(statement.format(**self._names)), values)

    def rows(self, statement: str, **values: object) -> Sequence[Any]:
        """The rows of such a statement; a value that is a list is one after IN."""
        query = text(statement.format(**self._names))
        lists: list[Any] = [
            bindparam(name, expanding=True) for name, value in values.items() if isinstance(value, list)
        ]
        return self.connection.execute(query.bindparams(*lists), values).all()

    # What differs between the databases

    extra_columns = ""

    def create_text(self) -> None:
        raise NotImplementedError

    def put_text(self, number: int, parts: Parts) -> None:
        raise NotImplementedError

    def forget_text(self, number: int) -> None:
        raise NotImplementedError

    def having(self, grams: Sequence[str]) -> tuple[set[int], set[int], set[int]]:
        """The documents that have all `grams` in the title, in the summary, anywhere."""
        raise NotImplementedError

    def size_bytes(self) -> int:
        raise NotImplementedError

    # The life of a generation

    def create(self) -> None:
        self.do(
            "CREATE TABLE {document} (id INTEGER PRIMARY KEY, key VARCHAR(80) NOT NULL UNIQUE, facts TEXT,"
            " digest VARCHAR(20) NOT NULL, spine TEXT NOT NULL, in_title INTEGER NOT NULL, in_body INTEGER NOT NULL,"
            " changed BIGINT NOT NULL" + self.extra_columns + ")"
        )
        self.do("CREATE INDEX ix_{document}_changed ON {document} (changed)")
        self.do("CREATE TABLE {terms} (id INTEGER PRIMARY KEY, content TEXT NOT NULL)")
        self.create_text()
        self.do(
            "INSERT INTO search_generation (number, state, version) VALUES (:number, :state, :version)",
            number=self.number, state=BUILDING, version=VERSION,
        )  # fmt: skip

    def drop(self) -> None:
        for table in self._names.values():
            self.connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        self.do("DELETE FROM search_generation WHERE number = :number", number=self.number)

    def take_over(self) -> None:
        self.do("UPDATE search_generation SET state = :state WHERE number = :n", state=CURRENT, n=self.number)

    # Writing

    def write(self, docs: Iterable[SearchDoc], gone: Iterable[str] = (), *, only_new: bool = False) -> int:
        """Store documents and remove others; how many were not in this very state before.

        With `only_new` a document that is there already, or was removed, stays as it is.
        """
        wanted = {doc.key: doc for doc in docs}
        removed = [key for key in dict.fromkeys(gone) if key not in wanted]
        known = self._known([*wanted, *removed])
        ((change, number),) = self.rows("SELECT coalesce(max(changed), 0), coalesce(max(id), 0) FROM {document}")
        fresh = [
            doc for key, doc in wanted.items()
            if key not in known or not (only_new or known[key][1] == digest(doc))
        ]  # fmt: skip
        for step, key in enumerate((key for key in removed if key in known and known[key][1]), change + 1):
            self._remove(known[key][0], step)
        for step, doc in enumerate(fresh, 1):
            if doc.key in known:
                self.forget_text(known[doc.key][0])
                self.do("DELETE FROM {document} WHERE id = :id", id=known[doc.key][0])
            # A changed document gets a new number: whoever still holds the old columns finds nothing under it.
            self._put(number + step, doc, change + len(removed) + step)
        return len(fresh)

    def _known(self, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
        """By key the number and digest of stored documents; a removed one has no digest."""
        found: dict[str, tuple[int, str]] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = self.rows(
                "SELECT key, id, digest FROM {document} WHERE key IN :keys", keys=list(keys[start : start + _AT_ONCE])
            )
            found |= {key: (number, fingerprint) for key, number, fingerprint in some}
        return found

    def _remove(self, number: int, change: int) -> None:
        self.forget_text(number)
        self.do(
            "UPDATE {document} SET facts = NULL, digest = '', spine = '', changed = :changed WHERE id = :id",
            id=number, changed=change,
        )  # fmt: skip

    def _put(self, number: int, doc: SearchDoc, change: int) -> None:
        parts = folded_parts(doc)
        in_title, _in_summary, in_body = tiers(parts)
        self.do(
            "INSERT INTO {document} (id, key, facts, digest, spine, in_title, in_body, changed)"
            " VALUES (:id, :key, :facts, :digest, :spine, :in_title, :in_body, :changed)",
            id=number, key=doc.key, facts=facts(doc).decode(), digest=digest(doc), spine=spine_of(parts),
            in_title=in_title, in_body=in_body, changed=change,
        )  # fmt: skip
        self.put_text(number, parts)

    def set_terms(self, content: str) -> None:
        """Store the vocabulary for corrections under a new number."""
        self.do("INSERT INTO {terms} SELECT coalesce(max(id), 0) + 1, :content FROM {terms}", content=content)
        self.do("DELETE FROM {terms} WHERE id < (SELECT max(id) FROM {terms})")

    def add_terms(self, line: str) -> int:
        """Append a line to the vocabulary; its new number. Many lines are written anew as one."""
        self.do("INSERT INTO {terms} SELECT coalesce(max(id), 0) + 1, :line FROM {terms}", line=line)
        ((lines,),) = self.rows("SELECT count(*) FROM {terms}")
        if lines > MAX_LINES:
            self.set_terms(merged(self.read_terms()).decode())
        return self.terms_stamp()

    # Reading

    def newest_change(self) -> int:
        ((change,),) = self.rows("SELECT coalesce(max(changed), 0) FROM {document}")
        return int(change)

    def changes_since(self, change: int) -> list[Row]:
        """Every document that was written or removed after `change`."""
        return [
            Row(*row)
            for row in self.rows(
                "SELECT id, key, facts, in_title, in_body, changed FROM {document} WHERE changed > :change",
                change=change,
            )
        ]

    def spines(self, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
        """The texts in which quoted phrases are looked up."""
        for start in range(0, len(numbers), _AT_ONCE):
            some = list(numbers[start : start + _AT_ONCE])
            yield from (
                tuple(row) for row in self.rows("SELECT id, spine FROM {document} WHERE id IN :some", some=some)
            )

    def terms_stamp(self) -> int:
        """Changes whenever the vocabulary does."""
        ((stamp,),) = self.rows("SELECT coalesce(max(id), 0) FROM {terms}")
        return int(stamp)

    def read_terms(self) -> bytes:
        return "\n".join(row[0] for row in self.rows("SELECT content FROM {terms} ORDER BY id")).encode()


def _listed(parts: Parts) -> tuple[list[str], list[str], list[str]]:
    """The terms of title, of summary, and of body with files: what stands in a file counts as said once in the body."""
    title, summary, body, attached = (terms(part) for part in parts)
    return list(title), list(summary), list(body | attached)


class OnSqlite(Generation):
    """Terms in FTS5: without content and positions, only which part of which document has a term."""

    def create_text(self) -> None:
        self.do(
            "CREATE VIRTUAL TABLE {text} USING fts5(title, summary, body, content='', contentless_delete=1,"
            " detail=column, tokenize='ascii')"
        )

    def put_text(self, number: int, parts: Parts) -> None:
        title, summary, body = (" ".join(each) for each in _listed(parts))
        self.do(
            "INSERT INTO {text} (rowid, title, summary, body) VALUES (:id, :title, :summary, :body)",
            id=number, title=title, summary=summary, body=body,
        )  # fmt: skip

    def forget_text(self, number: int) -> None:
        self.do("DELETE FROM {text} WHERE rowid = :id", id=number)

    def having(self, grams: Sequence[str]) -> tuple[set[int], set[int], set[int]]:
        wanted = " AND ".join(f'"{gram}"' for gram in grams)
        anywhere = self._matching(wanted)
        if not anywhere:
            return set(), set(), anywhere
        return self._matching(f"title : ({wanted})"), self._matching(f"summary : ({wanted})"), anywhere

    def _matching(self, expression: str) -> set[int]:
        # One row with all numbers is four times faster to read than a row for each.
        ((found,),) = self.rows(
            "SELECT json_group_array(rowid) FROM {text} WHERE {text} MATCH :wanted", wanted=expression
        )
        return set(json.loads(found))

    def size_bytes(self) -> int:
        ((size,),) = self.rows(
            "SELECT (SELECT coalesce(sum(length(block)), 0) FROM {text}_data)"
            " + (SELECT coalesce(sum(length(facts) + length(spine)), 0) FROM {document})"
            " + (SELECT coalesce(sum(length(content)), 0) FROM {terms})"
        )
        return int(size)


class OnPostgres(Generation):
    """Terms as lexemes: all of them for the index, those of title and summary apart, small enough to stay in the row."""

    extra_columns = ", head TSVECTOR, words TSVECTOR"

    def create_text(self) -> None:
        self.do("CREATE INDEX ix_{document}_words ON {document} USING gin (words)")

    def put_text(self, number: int, parts: Parts) -> None:
        title, summary, body = _listed(parts)
        head = [f"'{term}':1A" for term in title] + [f"'{term}':2B" for term in summary]
        self.do(
            "UPDATE {document} SET head = CAST(:head AS tsvector), words = array_to_tsvector(:words) WHERE id = :id",
            head=" ".join(head), words=[*dict.fromkeys((*title, *summary, *body))], id=number,
        )  # fmt: skip

    def forget_text(self, number: int) -> None:
        self.do("UPDATE {document} SET head = NULL, words = NULL WHERE id = :id", id=number)

    def having(self, grams: Sequence[str]) -> tuple[set[int], set[int], set[int]]:
        # Long vectors lie outside the row: reading them all, which the planner likes for common words, is slow.
        self.do("SET LOCAL enable_seqscan = off")
        tiers = {"title": ":A", "summary": ":B", "anywhere": ""}
        ((title, summary, anywhere),) = self.rows(
            "SELECT array_agg(id) FILTER (WHERE head @@ CAST(:title AS tsquery)),"
            " array_agg(id) FILTER (WHERE head @@ CAST(:summary AS tsquery)), array_agg(id)"
            " FROM {document} WHERE words @@ CAST(:anywhere AS tsquery)",
            **{name: " & ".join(f"'{gram}'{tier}" for gram in grams) for name, tier in tiers.items()},
        )
        return set(title or ()), set(summary or ()), set(anywhere or ())

    def size_bytes(self) -> int:
        ((size,),) = self.rows(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname IN :names",
            names=list(self._names.values()),
        )
        return int(size or 0)


def generation(connection: Connection, number: int) -> Generation:
    """The tables of a generation in this kind of database."""
    return (OnSqlite if connection.dialect.name == "sqlite" else OnPostgres)(connection, number)
