"""Standing declarations (常备声明): what an organisation declares once, for how long, and which are in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import Refused
from matchhub.core.i18n import _, _l
from matchhub.core.workdays import months_later
from matchhub.domain import reference
from matchhub.domain.models import Organisation, StandingDeclaration, User

# Every organisation that applies declares all of these.
KINDS: dict[str, str] = {
    "lawful": _l("近三年没有重大违法违规，没有被列入严重失信名单"),
    "taxes": _l("依法缴纳税收和社会保险费，按章程独立核算"),
    "independent": _l("与街道工作人员、评审和督导人员没有隐瞒的利益关系，有变化及时说明"),
    "fair": _l("不行贿、不串通申报，提交的材料真实有效"),
}


def sign(
    organisation: Organisation, actor: User, kinds: Iterable[str], signed_name: str, allowed: Iterable[str]
) -> int:
    """Sign these declarations today, inside the present command; how many. `allowed`: names of those who may sign.

    Raises Refused for somebody else's name and for an empty choice.
    """
    wanted, names = [kind for kind in KINDS if kind in set(kinds)], list(allowed)
    if not wanted:
        raise Refused(_("请至少选择一项声明。"))
    if signed_name.strip() not in names:
        raise Refused(_("请由法定代表人或负责人签名：%(names)s。", names=_("或").join(names)))
    today = clock.today()
    last = months_later(today, int(reference.setting("declaration_months")))
    for kind in wanted:
        db.session.add(
            StandingDeclaration(
                organisation_id=organisation.id, kind=kind, signed_name=signed_name.strip(), signed_by_id=actor.id,
                signed_on=today, expires_on=last, signed_at=clock.now(),
            )
        )  # fmt: skip
    db.session.flush()
    return len(wanted)


def newest(organisation_id: int) -> dict[str, StandingDeclaration]:
    """By kind the declaration that lasts longest, in force or not. One statement."""
    found = (
        sa.select(StandingDeclaration)
        .where(StandingDeclaration.organisation_id == organisation_id)
        .order_by(StandingDeclaration.expires_on, StandingDeclaration.id)
    )
    return {row.kind: row for row in db.session.scalars(found)}


def in_force(organisation_id: int, on: date | None = None) -> dict[str, StandingDeclaration]:
    """By kind the declaration that counts on a day (today, when left out)."""
    day = on or clock.today()
    found = (
        sa.select(StandingDeclaration)
        .where(
            StandingDeclaration.organisation_id == organisation_id,
            StandingDeclaration.signed_on <= day,
            StandingDeclaration.expires_on >= day,
        )
        .order_by(StandingDeclaration.expires_on, StandingDeclaration.id)
    )
    return {row.kind: row for row in db.session.scalars(found)}


def listed(organisation_id: int) -> list[dict[str, str]]:
    """The declarations in force as a submitted text names them: with their day and their signer."""
    return [
        {"kind": kind, "signed_name": row.signed_name, "signed_on": row.signed_on.isoformat(),
         "expires_on": row.expires_on.isoformat()}
        for kind, row in sorted(in_force(organisation_id).items())
    ]  # fmt: skip
