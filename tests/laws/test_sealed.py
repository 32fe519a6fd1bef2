"""Law: no bid is read before the deadline and the opening, not even by the operator who holds the database file.

An organisation writes a unique word into every text of its application, into the name and the content of its file, and
submits. Before the opening the word is nowhere: not in the bytes of the database, its write-ahead log and its dump, not in
the uploads, the search index, the messages, the outbox, the ledger or the log. After the opening the street reads it.
"""

from __future__ import annotations

import base64
import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from matchhub.core import files, outbox, vault
from matchhub.core.db import db
from matchhub.domain import application_form as form
from matchhub.domain.models import Base
from matchhub.features.applications import service, submitting
from matchhub.features.openings import service as openings
from matchhub.search import site
from tests import factories as make
from tests.applications.conftest import applicant, with_certificate
from tests.openings.conftest import WORDS, held_by_three

# In figures and letters, so that it looks the same in every encoding of JSON; and a Chinese word, which does not.
TOKEN, WORD = "canary7q4x9z", "金丝雀栖枝"
AMOUNT_FEN = 87_654_21
ESCAPED = json.dumps(WORD)[1:-1]
NEEDLES = [
    TOKEN.encode(), WORD.encode(), ESCAPED.encode(), WORD.encode("utf-16-le"), str(AMOUNT_FEN).encode(), b"87654.21",
    b"87,654.21", base64.b64encode(TOKEN.encode() * 3)[4:20],
]  # fmt: skip
PLAIN = {"form", "category", "source", "from_month", "to_month", "starts_on", "ends_on", "contact_phone", "signed_name",
         "signed_at"}  # fmt: skip


def marked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: marked(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [marked(one, name) for one in value]
    return f"{TOKEN}{WORD}{value}" if isinstance(value, str) and name not in PLAIN else value


def document() -> dict[str, Any]:
    parts: dict[str, Any] = marked(make.document())
    parts["project"]["title"] = f"{TOKEN}{WORD}"
    rows = parts["budget"]["rows"]
    applied = [row for row in rows if row["source"] == "applied"]
    for row in applied:
        row |= {"quantity": 1, "unit_price_fen": AMOUNT_FEN // len(applied)}
    applied[0]["unit_price_fen"] += AMOUNT_FEN - sum(row["unit_price_fen"] for row in applied)
    parts["budget"]["amount_fen"] = AMOUNT_FEN
    return parts


def a_real_file(app: Any) -> files.Stored:
    content = io.BytesIO(b"%PDF-1.4 " + f"{TOKEN} {WORD}".encode())
    return files.save(app.config["INSTANCE"], content, f"{TOKEN}{WORD}.pdf", 10**6, secret=True)


def submitted(app: Any, need: Any) -> Any:
    """A whole application whose every text says the word: drafted, submitted, changed, submitted again."""
    org = applicant(need)
    with_certificate(org)
    application = service.start(org.admin, need)
    for part, values in document().items():
        assert service.save_part(org.admin, application, part, values) == [], part
    service.attach(org.admin, application, "survey", [a_real_file(app)])
    submitting.submit(org.admin, application)
    service.save_part(org.admin, application, "risks", document()["risks"] | {"risks": f"{TOKEN}{WORD}改过"})
    submitting.submit(org.admin, application)
    return org, application


def finds(content: bytes) -> list[bytes]:
    return [needle for needle in NEEDLES if needle in content]


def dumped() -> bytes:
    """All rows of all tables as text: what a dump of the database shows."""
    lines = []
    for table in Base.metadata.sorted_tables:
        columns = [sa.type_coerce(column, sa.types.NullType()) for column in table.columns]
        for row in db.session.execute(sa.select(*columns)):
            lines += [bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row]
    return b"\n".join(lines)


def folder_of(app: Any) -> list[Path]:
    """Every file of the installation: database with its log, uploads, index."""
    return [path for path in Path(app.config["INSTANCE"]).rglob("*") if path.is_file()]


def test_no_bid_is_read_before_the_opening_not_even_by_whoever_holds_the_database_file(app, later, caplog):
    caplog.set_level(logging.DEBUG)
    held = held_by_three()
    _org, application = submitted(app, held.need)
    outbox.drain()
    site.reindex()
    later(days=11)  # the deadline alone opens nothing
    openings.give_share(held.people[0], held.need, WORDS)  # nor does one of three
    db.session.rollback()
    assert finds(dumped()) == []
    for path in folder_of(app):
        assert finds(path.read_bytes()) == [], path
    assert finds(caplog.text.encode()) == []
    # The word was really there: its writer reads it, and so does the street after the opening.
    assert TOKEN in form.latest(application).own_text["project"]["title"]
    openings.give_share(held.people[1], held.need, WORDS)
    assert TOKEN in form.latest(application).document["project"]["title"]
    assert finds(dumped()) != []


def test_the_same_holds_with_one_key(app, later):
    need = make.need()
    submitted(app, need)
    later(days=11)
    db.session.rollback()
    assert finds(dumped()) == []
    for path in folder_of(app):
        assert finds(path.read_bytes()) == [], path


def test_a_draft_lies_in_no_file_either(app):
    org = applicant()
    application = service.start(org.admin, org.need)
    for part, values in document().items():
        service.save_part(org.admin, application, part, values)
    db.session.rollback()
    assert finds(dumped()) == []
    for path in folder_of(app):
        assert finds(path.read_bytes()) == [], path


def test_without_the_key_file_the_database_alone_gives_not_even_a_draft(app, tmp_path):
    org = applicant()
    application_id = org.filled().id
    db.session.remove()
    vault.configure(tmp_path / "another.key", may_make=True)
    with pytest.raises(vault.WrongKey):
        db.session.get(make.Application, application_id).body  # noqa: B018 - reading it decrypts
