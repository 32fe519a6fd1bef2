"""Being written to at an address, without an account: asked for, confirmed by a link, left with one deed.

What is followed (a need, a search) is its own module's; who may be written to, and how long an address is kept, is said
here once. Whether an address is known is never told to whoever types it in. An address that nobody confirms is deleted
after three days, and leaving deletes the address together with every mail to it that still waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, ids, links, mail
from matchhub.core.db import db
from matchhub.core.errors import Missing, NotNow
from matchhub.core.i18n import _l
from matchhub.core.outbox import OutboxRow
from matchhub.domain import throttle

CONFIRM_WITHIN = timedelta(days=3)
# To one address at most so many unconfirmed requests within a day, of whatever kind: nobody can fill another's mailbox.
REQUESTS_A_DAY = 3
MAILS_PER_ADDRESS = 10
LEAVE_LINE = _l("不想再收到：打开 %(url)s 一键退订，您的邮箱随即从本站删除。")  # mails are in the source language

_kinds: list[Kind] = []


def new_nonce() -> str:
    """What makes the links of one row its own, even when a later row takes the same number."""
    return ids.public_code(16)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of following by e-mail. Its rows have `id`, `email`, `nonce`, `created_at` and `confirmed_at`.

    `path` is where its two pages lie: <path>/confirm/<token> and <path>/leave/<token>.
    """

    name: str
    model: Any
    path: str

    @property
    def confirm(self) -> str:
        """The purpose of its links that confirm."""
        return f"{self.name}-confirm"

    @property
    def leave(self) -> str:
        """The purpose of its links that leave."""
        return f"{self.name}-leave"

    def token(self, purpose: str, row: Any) -> str:
        return links.sign(purpose, f"{row.id}-{row.nonce}")

    def leave_path(self, row: Any) -> str:
        return f"{self.path}/leave/{self.token(self.leave, row)}"

    def dedupe(self, row: Any, what: str) -> str:
        """The lasting name of a mail to this row, by which it is found again while it waits."""
        return f"{self.name}:{row.id}:{what}"

    def of_token(self, purpose: str, token: str) -> Any:
        """The row that a link of this purpose stands for; None when it is gone. Raises Missing for a made-up token."""
        text = links.read(purpose, token)
        if text is None:
            raise Missing("follow")
        number, _dash, nonce = text.partition("-")
        row = db.session.get(self.model, int(number))
        return row if row is not None and row.nonce == nonce else None

    def forgotten(self) -> tuple[sa.ColumnElement[bool], ...]:
        """The rows whose address nobody has confirmed in time."""
        model = self.model
        old = model.created_at <= clock.now() - CONFIRM_WITHIN
        return model.email.is_not(None), model.confirmed_at.is_(None), old


def kind(name: str, model: Any, path: str) -> Kind:
    """Name a kind of following by e-mail, once, when its module is loaded."""
    made = Kind(name, model, path)
    _kinds.append(made)
    return made


def ask(of: Kind, email: str, address: str, known: Any, new: Callable[[], Any], subject: str, text: str) -> None:
    """Inside a command: send a link to confirm; nothing where it follows already or was asked too often today.

    `known` is the row that there is already; else `new` makes it. The caller tells the person the same in every case.
    Raises throttle.TooMany for too many requests from one network address.
    """
    throttle.reserve({throttle.address_key(address, "follow-mail"): MAILS_PER_ADDRESS})
    since = clock.now() - timedelta(days=1)
    asked_already = known is not None and (known.confirmed_at is not None or known.created_at > since)
    if asked_already or _waiting_for(email) >= REQUESTS_A_DAY:
        return
    row = known if known is not None else new()
    row.created_at = clock.now()
    db.session.flush()
    path = f"{of.path}/confirm/{of.token(of.confirm, row)}"
    mail.post(email, subject, text, path, of.dedupe(row, "confirm"))


def _waiting_for(email: str) -> int:
    """How many requests of the last day, of all kinds, wait for this address to confirm."""
    since = clock.now() - timedelta(days=1)
    return sum(
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(of.model)
            .where(of.model.email == email, of.model.confirmed_at.is_(None), of.model.created_at > since)
        )
        or 0
        for of in _kinds
    )


def confirmed(of: Kind, token: str, too_late: str) -> tuple[Any, bool]:
    """Inside a command: the row whose owner has confirmed now, and whether it was the first time.

    Raises NotNow with the sentence `too_late` for a link that is too old or whose row is gone.
    """
    row = of.of_token(of.confirm, token)
    if row is None or (row.confirmed_at is None and row.created_at <= clock.now() - CONFIRM_WITHIN):
        raise NotNow(too_late)
    first = row.confirmed_at is None
    row.confirmed_at = row.confirmed_at or clock.now()
    return row, first


def left(of: Kind, token: str) -> None:
    """Inside a command: delete the row with its address. Doing it twice changes nothing."""
    row = of.of_token(of.leave, token)
    if row is not None:
        forget(of, row)


def forget(of: Kind, row: Any) -> None:
    """Delete a row and every mail to its address that still waits."""
    db.session.execute(sa.delete(OutboxRow).where(OutboxRow.dedupe.like(of.dedupe(row, "%"))))
    db.session.delete(row)


def forget_unconfirmed(of: Kind) -> None:
    """Inside a command: delete the rows whose address nobody has confirmed in time."""
    for row in db.session.scalars(sa.select(of.model).where(*of.forgotten())).all():
        forget(of, row)
