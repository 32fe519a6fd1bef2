"""Accounts: finding one by what people type, making one, and the rules about which roles a person may hold.

Everything that writes runs inside the caller's command. Passwords come here hashed (domain/passwords.py), because
hashing takes longer than a transaction should.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.contact import plain_email, plain_phone
from matchhub.core.db import db
from matchhub.core.errors import NotYours, Refused
from matchhub.core.i18n import _, _l
from matchhub.domain import passwords
from matchhub.domain.models import Grant, Organisation, User
from matchhub.domain.roles import BY_OTHERS, Role

VARIETIES = ("hub", "backbone")


class Taken(Refused):
    """Another account has this; `field` is `email` or `phone`."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(slots=True)
class System:
    """Who the ledger names when no person acted: the command line of the installation.

    Whoever runs it acts for the street, as an approver would.
    """

    id: None = None
    name: str = _l("系统")
    active: bool = True
    roles: frozenset[Role] = frozenset({Role.STREET_APPROVER})


SYSTEM = System()


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A role to be given, with its scope and its period (both days included; None leaves that side open)."""

    role: Role
    section_code: str | None = None
    community_code: str | None = None
    variety: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


def by_login(login: str) -> User | None:
    """The account with this e-mail (in any case) or phone number."""
    column, value = (
        (User.email, plain_email(login)) if "@" in login or "＠" in login else (User.phone, plain_phone(login))
    )
    return db.session.scalars(sa.select(User).where(column == value)).first() if value else None


def check_free(email: str | None, phone: str | None, but: User | None = None) -> None:
    """Raises Taken when another account than `but` has this e-mail or phone number."""
    for field, column, value, sentence in (
        ("email", User.email, email, _("已有账号使用这个邮箱，请换一个，或者直接登录。")),
        ("phone", User.phone, phone, _("已有账号使用这个手机号，请换一个，或者直接登录。")),
    ):
        if value is None:
            continue
        owner = db.session.scalar(sa.select(User.id).where(column == value))
        if owner is not None and (but is None or owner != but.id):
            raise Taken(field, sentence)


def make(
    name: str,
    email: str | None,
    phone: str | None,
    hashed: str,
    *,
    initial: bool,
    employer: str = "",
    organisation: Organisation | None = None,
) -> User:
    """A new account without roles. `initial`: the password was handed over, so its owner must set another one.

    Raises Taken, and Refused when there is neither e-mail nor phone number to sign in with.
    """
    email, phone = plain_email(email), plain_phone(phone)
    if email is None and phone is None:
        raise Refused(_("邮箱和手机号至少填一个，用来登录。"))
    check_free(email, phone)
    user = User(name=name, email=email, phone=phone, employer=employer, organisation=organisation)
    set_password(user, hashed, initial=initial)
    db.session.add(user)
    db.session.flush()
    return user


def set_password(user: User, hashed: str, *, initial: bool) -> None:
    """Store another password; every login of the account ends. An initial one opens the account for some days."""
    user.password_hash = hashed
    user.must_set_password = initial
    user.initial_until = clock.now() + passwords.INITIAL_FOR if initial else None
    user.epoch = (user.epoch or 0) + 1  # a new row has no number before it is written


def grant(actor: ledger.Actor, user: User, wanted: NewGrant) -> Grant:
    """Give one role; every login of the account ends. Raises NotYours for oneself, Refused for what does not fit."""
    if actor.id is not None and actor.id == user.id:
        raise NotYours(_("不能给自己授予角色，请由另一位管理员办理。"))
    if problem := grant_problem(user, wanted):
        raise Refused(problem)
    row = Grant(
        role=wanted.role,
        section_code=wanted.section_code or None,
        community_code=wanted.community_code or None,
        variety=wanted.variety if wanted.role is Role.SUPERVISOR else "",
        starts_on=wanted.starts_on,
        ends_on=wanted.ends_on,
        granted_by_id=actor.id,
    )
    user.grants.append(row)
    user.epoch += 1
    db.session.flush()
    return row


def grant_problem(user: User, wanted: NewGrant) -> str | None:
    """Why this role cannot be given to this person, or None."""
    if wanted.starts_on and wanted.ends_on and wanted.ends_on < wanted.starts_on:
        return _("角色的结束日期不能早于开始日期。")
    held = [row for row in user.grants if row.ends_on is None or row.ends_on >= clock.today()]
    if any(same_grant(row, wanted) for row in held):
        return _("已经有这个角色了。要改期限，请先结束原来的。")
    return _scope_problem(user, wanted) or mix_problem([*(row.role for row in held), wanted.role])


def same_grant(row: Grant, wanted: NewGrant) -> bool:
    scope = (wanted.role, wanted.section_code or None, wanted.community_code or None, wanted.variety)
    return (row.role, row.section_code, row.community_code, row.variety) == scope


def _scope_problem(user: User, wanted: NewGrant) -> str | None:
    match wanted.role:
        case Role.STREET_STAFF if not wanted.section_code:
            return _("街道经办须选择所属科室。")
        case Role.NEIGHBOURHOOD if not wanted.community_code:
            return _("居民区角色须选择社区。")
        case Role.SUPERVISOR if wanted.variety not in VARIETIES:
            return _("督导须选择来自枢纽机构还是自治骨干。")
        case Role.ORG_ADMIN | Role.ORG_MEMBER if user.organisation_id is None and user.organisation is None:
            return _("机构角色只能给机构自己的人，由机构负责人在“成员”页添加。")
    return None


def mix_problem(roles: Iterable[Role]) -> str | None:
    """Why these roles cannot be in one hand, or None: nobody applies and judges, and who audits does nothing else."""
    held = set(roles)
    if held & BY_OTHERS and held - BY_OTHERS:
        return _("机构的人不能同时担任街道、评审、督导等角色，请另开账号并由本人声明回避。")
    if Role.AUDITOR in held and held != {Role.AUDITOR}:
        return _("监督审计只看不改，不能同时担任别的角色。")
    return None


def describe(wanted: Sequence[NewGrant]) -> list[str]:
    """Roles as the ledger keeps them: "street_staff@zzb", "supervisor:hub"."""
    return [
        "".join([one.role.value, f":{one.variety}" if one.variety else "", f"@{scope}" if scope else ""])
        for one in wanted
        for scope in [one.section_code or one.community_code]
    ]


def note(actor: ledger.Actor, deed: str, user: User, **data: object) -> None:
    """A ledger row about an account, which is named by its number only."""
    ledger.record(actor, f"account.{deed}", f"account:{user.id}", data)
