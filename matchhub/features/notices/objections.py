"""Deeds around objections: anybody may raise one with a real name, which only the street ever sees."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from matchhub.core import clock, ids, mail
from matchhub.core.contact import EMAIL
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.core.ledger import VISITOR
from matchhub.domain import attachments, deadlines, lifecycle, messages, noticing, numbering, paths, reference, throttle
from matchhub.domain.models import Notice, Objection, User
from matchhub.domain.parties import Party

MOST_PER_CONTACT = 3
MOST_PER_ADDRESS = 5


@command
def object_to(notice: Notice, values: Mapping[str, str], stored: Sequence[Stored] = (), address: str = "") -> Objection:
    """An objection to a running notice: `values` holds name, contact, against, reason. The street is told.

    `address` is where the request comes from, for the throttle. Raises NotNow outside the period and for the fourth
    objection with the same contact.
    """
    if address:
        throttle.reserve({throttle.address_key(address, "objection"): MOST_PER_ADDRESS})
    if not noticing.is_running(notice):
        raise NotNow(_("只有公示期内可以提出异议。公示期以外请直接联系街道。"))
    known = sa.select(sa.func.count()).where(Objection.notice_id == notice.id, Objection.contact == values["contact"])
    if (db.session.scalar(known) or 0) >= MOST_PER_CONTACT:
        raise NotNow(_("您对这份公示已经提出过 %(n)s 条异议，街道会一并答复。", n=MOST_PER_CONTACT))
    now = clock.now()
    due_at = deadlines.objection_answer_due_at(now, reference.terms(), reference.calendar())
    objection = Objection(
        ref=numbering.sealed_ref(numbering.OBJECTION), notice=notice, follow_code=ids.public_code(16),
        name=values["name"], contact=values["contact"], against=values.get("against", ""), reason=values["reason"],
        received_at=now, answer_due_on=clock.local(due_at).date(),
        check_due_on=deadlines.objection_check_due_on(now, reference.terms(), reference.calendar()),
    )  # fmt: skip
    db.session.add(objection)
    for one in stored:
        attachments.attach(objection, "evidence", one, VISITOR)
    lifecycle.record(VISITOR, objection, "receive", {"notice": notice.ref})
    messages.tell(objection, "receive", (Party.OFFICE, Party.APPROVER), VISITOR)
    return objection


@command
def accept(actor: User, objection: Objection, seen: int | None = None) -> None:
    """The formal check is passed: the objection is investigated."""
    lifecycle.same_version(objection, seen)
    objection.checked_at, objection.checked_by_id = clock.now(), actor.id
    lifecycle.advance(objection, "accept", actor)
    _write(objection, _("您的异议已受理，正在核查。"))


@command
def answer(
    actor: User,
    objection: Objection,
    seen: int | None,
    answer_text: str,
    *,
    action: str = "answer",
    findings: str = "",
    upheld: bool | None = None,
    public_reason: str = "",
) -> None:
    """Answer an objection after its investigation, or with `action="reject"` say why it is not taken up.

    `findings` stay inside; `upheld` says whether it is right; `public_reason` is what everybody reads after the period.
    Raises NotNow for an answer that does not say so, and `Reveals` when the public words name the objector.
    """
    lifecycle.same_version(objection, seen)
    if action == "answer" and upheld is None:
        raise NotNow(_("请选择异议是否成立。"))
    if not public_reason.strip():
        raise NotNow(_("请写明对外公布的结论和理由。"))
    keep_unnamed(objection, public_reason, "public_reason")
    now = clock.now()
    objection.findings, objection.answer, objection.public_reason = findings, answer_text, public_reason
    objection.upheld = upheld if action == "answer" else None
    objection.answered_at, objection.answered_by_id = now, actor.id
    if action == "reject":
        objection.checked_at, objection.checked_by_id = now, actor.id
    lifecycle.advance(objection, action, actor, upheld=objection.upheld)
    _write(objection, _("您的异议已有答复。"))


class Reveals(NotNow):
    """Words that others will read give the objector away; `field` is where they stand."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(_("这段话里出现了提出人的姓名或联系方式。别人会看到这段话，请删去能认出提出人的内容。"))


def keep_unnamed(objection: Objection, text: str, field: str) -> None:
    """Raises Reveals when `text` holds the objector's name or contact, however it is spaced."""
    plain = _squeezed(text)
    known = [_squeezed(objection.name), _squeezed(objection.contact)]
    if any(len(word) > 1 and word in plain for word in known):
        raise Reveals(field)


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\-()（）.,，。·]", "", text).casefold()


def _write(objection: Objection, sentence: str) -> None:
    """Tell the objector by mail, when the contact is an address; everybody else follows by the code."""
    if EMAIL.fullmatch(objection.contact):
        mail.post(objection.contact, sentence, f"{sentence}\n{objection.notice.title}", paths.path(objection))
