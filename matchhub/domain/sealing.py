"""Sealing what was submitted, and reading it again: the only place that fills and opens `ApplicationVersion`.

For other rooms:
  `put(version, application, document)`  seal a new version (after the opening it is stored readable)
  `version.document`                     the text for street and reviewers; raises StillSealed before the opening
  `version.own_text`                     the text for the organisation that wrote it, at any time
  `files.save(…, secret=True)`           how a file of an application is stored
The ceremony of opening is in domain/opening.py, the reasons are in docs/decisions/0009-sealed-applications.md.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from matchhub.core import clock, seal, vault
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _
from matchhub.domain.models import Application, ApplicationVersion, Need, NeedKey, OpeningMode
from matchhub.domain.scoring.canonical import canonical

# Purposes of the server's key (core/vault.py).
ENCLOSED, GIVEN = "opening key", "given share"


def label(application: Application, number: int) -> str:
    """What binds a sealed text to its place: it opens for no other need, organisation or version."""
    return f"{application.need.ref}|{application.organisation.ref}|{number}"


def put(version: ApplicationVersion, application: Application, document: dict[str, Any]) -> None:
    """Fill a new version with its text: sealed to the need's key, or readable when the need has been opened.

    Inside the present command; about 0.3 ms. Raises NotNow when the need's key was destroyed.
    """
    if application.need.opened_at is not None:
        version.document = document
        return
    key = key_of(application.need)
    version.sealed = seal.seal(key.public, canonical(document).encode(), label(application, version.number))
    version.sealed_sha256 = hashlib.sha256(version.sealed).hexdigest()
    version.own_copy = document


def key_of(need: Need) -> NeedKey:
    """The need's key. One that was published before there were keys gets one that the server's key encloses."""
    key = db.session.get(NeedKey, need.id)
    if key is None:
        key = make_one_key(need)
    if key.destroyed_at is not None:
        raise NotNow(_("这条需求已经停止征集，不再接收申报。"))
    return key


def make_one_key(need: Need) -> NeedKey:
    """A key for opening by one person; its private part is enclosed by the server's key."""
    made = seal.pair()
    enclosed = vault.protect(ENCLOSED, made.private, need.ref.encode())
    key = NeedKey(need_id=need.id, mode=OpeningMode.ONE, public=made.public, enclosed=enclosed, made_at=clock.now())
    db.session.add(key)
    db.session.flush()
    return key


def private_of_one_key(key: NeedKey) -> bytes:
    """The private key that the server's key encloses."""
    if key.enclosed is None:
        raise LookupError("this need is not opened with one key")
    return vault.reveal(ENCLOSED, key.enclosed, key.need.ref.encode())


def unsealed(version: ApplicationVersion, application: Application, private: bytes) -> dict[str, Any]:
    """The sealed text of a version. Raises seal.WontOpen when key, place or text do not fit."""
    text = seal.unseal(private, version.sealed or b"", label(application, version.number))
    document: dict[str, Any] = json.loads(text)
    return document


def fits(version: ApplicationVersion, document: dict[str, Any]) -> bool:
    """Whether this text is the one that the receipt and the ledger name."""
    return hashlib.sha256(canonical(document).encode()).hexdigest() == version.sha256


def destroy_key(need: Need) -> None:
    """For a need that ends unopened: nobody will ever read what was sealed to its key. The organisations keep their copies."""
    key = db.session.get(NeedKey, need.id)
    if key is None or need.opened_at is not None:
        return
    key.enclosed, key.destroyed_at = None, clock.now()
    for share in key.shares:
        share.sealed = share.given = None
