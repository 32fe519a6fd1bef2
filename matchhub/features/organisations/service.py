"""An organisation on the platform: it registers, fills in its profile, is verified, and manages its own people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.core.i18n import _
from matchhub.domain import (
    accounts,
    coding,
    journal,
    lifecycle,
    logins,
    numbering,
    passwords,
    throttle,
    uscc,
)
from matchhub.domain.accounts import NewGrant
from matchhub.domain.models import Organisation, User
from matchhub.domain.parties import Party, parties
from matchhub.domain.roles import Role
from matchhub.features.organisations.rules import S, require_admin, require_editable
from matchhub.features.organisations.words import uscc_sentence

REGISTRATIONS_PER_ADDRESS = 20
# What the street has verified: only until then may the organisation itself correct it.
IDENTITY = ("name", "uscc", "type")
PROFILE = (
    "org_class", "origin", "registrar", "registered_on", "legal_representative", "address", "office_address", "authority",
    "is_charity", "may_raise_funds", "is_tax_exempt", "party_branch", "grade", "grade_on", "grade_until", "annual_check",
    "staff_full", "staff_part", "social_workers", "capacity", "intro", "brand_project", "abilities", "contact_name",
    "contact_phone", "board", "bank_account",
)  # fmt: skip
CODES = ("field", "target_group", "community")
STANDING = ("in_bad_standing", "credit_note", "annual_check", "annual_check_passed", "is_hub", "incubation_note")


class Taken(Refused):
    """Another organisation has this; `field` is `name` or `uscc`."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Registered:
    """A new organisation and its first person; `token` opens the login when one was asked for."""

    organisation: Organisation
    user: User
    token: str


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member with the password to hand over; `initial_password` is kept nowhere else."""

    user: User
    initial_password: str


def register(
    name: str,
    code: str,
    type_: str,
    person: str,
    email: str | None,
    phone: str | None,
    password: str,
    *,
    address: str | None = None,
    device: str | None = None,
) -> Registered:
    """An organisation registers itself: its draft, and the account of its first admin.

    `address` is where the request comes from, to be counted; `device` names the browser when a login shall be
    started at once. Raises Taken, accounts.Taken, throttle.TooMany, and Refused for a wrong code.
    """
    if address is not None:
        _count(address)
    code = uscc.normalise(code)
    if problem := uscc.problem(code):
        raise Refused(uscc_sentence(problem))
    made = _register(name, code, type_, person, email, phone, passwords.hashed(password), device)
    if made.token:
        journal.write("sign_in", made.user.id, "registered")
    return made


@command
def _count(address: str) -> None:
    throttle.reserve({throttle.address_key(address, "register"): REGISTRATIONS_PER_ADDRESS})


@command
def _register(
    name: str, code: str, type_: str, person: str, email: str | None, phone: str | None, hashed: str, device: str | None
) -> Registered:
    _check_free(name, code)
    organisation = Organisation(
        ref=numbering.next_ref(numbering.ORGANISATION), name=name, uscc=code, type=type_, contact_name=person,
        contact_phone=phone or "",
    )  # fmt: skip
    db.session.add(organisation)
    user = accounts.make(person, email, phone, hashed, initial=False, employer=name, organisation=organisation)
    accounts.grant(accounts.SYSTEM, user, NewGrant(Role.ORG_ADMIN))
    lifecycle.record(user, organisation, "register", {"uscc": code, "type": type_})
    return Registered(organisation, user, logins.start(user, device) if device is not None else "")


def _check_free(name: str, code: str, but: Organisation | None = None) -> None:
    for field, column, value in (("uscc", Organisation.uscc, code), ("name", Organisation.name, name)):
        other = db.session.scalar(sa.select(Organisation).where(column == value))
        if other is None or (but is not None and other.id == but.id):
            continue
        if field == "uscc":
            raise Taken("uscc", _("这个统一社会信用代码已经注册过了。请向本机构负责人要账号，或联系街道核对。"))
        raise Taken("name", _("已有同名机构。请核对名称与登记证书一致，或联系街道核对。"))


@command
def save_profile(
    actor: User,
    organisation: Organisation,
    values: Mapping[str, Any],
    *,
    fields: Iterable[str] | None = None,
    groups: Iterable[str] | None = None,
    communities: Iterable[str] | None = None,
    seen: int | None = None,
) -> None:
    """Change the profile; `values` by name from PROFILE, and from IDENTITY as long as nothing was verified.

    Lists of codes that are None stay as they are. Raises Taken, Stale, NotNow, NotYours, Refused for a wrong code.
    """
    require_admin(actor, organisation)
    lifecycle.same_version(organisation, seen)
    require_editable(organisation)
    wanted = {name: value for name, value in values.items() if name in PROFILE}
    if organisation.state in (S.DRAFT, S.RETURNED):
        wanted |= _identity(organisation, values)
    changed = [name for name, value in wanted.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, wanted[name])
    changed += _set_codes(organisation, zip(CODES, (fields, groups, communities), strict=True))
    if changed:
        lifecycle.record(actor, organisation, "save_profile", {"fields": changed})


def _identity(organisation: Organisation, values: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {name: values[name] for name in IDENTITY if values.get(name)}
    if "uscc" in wanted:
        wanted["uscc"] = uscc.normalise(wanted["uscc"])
        if problem := uscc.problem(wanted["uscc"]):
            raise Refused(uscc_sentence(problem))
    _check_free(wanted.get("name", organisation.name), wanted.get("uscc", organisation.uscc), but=organisation)
    return wanted


def _set_codes(organisation: Organisation, lists: Iterable[tuple[str, Iterable[str] | None]]) -> list[str]:
    """Replace the lists that are given; the kinds that differ now."""
    before, changed = coding.codes_of(organisation), []
    for kind, codes in lists:
        if codes is not None and set(wanted := list(codes)) != set(before.get(kind, [])):
            coding.set_codes(organisation, kind, wanted)
            changed.append(kind)
    return changed


@command
def submit(actor: User, organisation: Organisation, seen: int | None = None) -> None:
    """Hand the profile in for verification."""
    lifecycle.same_version(organisation, seen)
    organisation.submitted_at = clock.now()
    lifecycle.advance(organisation, "submit", actor)


@command
def leave(actor: User, organisation: Organisation, reason: str, seen: int | None = None) -> None:
    """Leave the platform for good."""
    lifecycle.same_version(organisation, seen)
    organisation.decision_reason = reason
    lifecycle.advance(organisation, "leave", actor, reason=reason)


NEEDS_REASON = {"return", "refuse", "suspend"}


@command
def decide(actor: User, organisation: Organisation, action: str, reason: str = "", seen: int | None = None) -> None:
    """The street's decision: `admit`, `return`, `refuse`, `suspend` or `resume`; all but two need their reason."""
    lifecycle.same_version(organisation, seen)
    if action in NEEDS_REASON and not reason.strip():
        raise Refused(_("请写明理由，机构会看到。"))
    organisation.decision_reason = reason
    if action == "admit" and organisation.admitted_at is None:
        organisation.admitted_at = clock.now()
    lifecycle.advance(organisation, action, actor, **({"reason": reason} if reason else {}))


@command
def set_standing(actor: User, organisation: Organisation, values: Mapping[str, Any], seen: int | None = None) -> None:
    """What the street knows: credit, annual inspection, hub or not, incubation. `values` by name from STANDING."""
    if not parties(actor, organisation) & {Party.OFFICE, Party.APPROVER}:
        raise NotYours(_("只有街道工作人员可以登记。"))
    lifecycle.same_version(organisation, seen)
    wanted = {name: value for name, value in values.items() if name in STANDING}
    if wanted.get("in_bad_standing") and not str(wanted.get("credit_note", organisation.credit_note)).strip():
        raise Refused(_("列入异常或失信时，请在信用说明里写明依据和日期。"))
    changed = [name for name, value in wanted.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, wanted[name])
    if changed:
        flags = {name: wanted[name] for name in changed if isinstance(wanted[name], bool)}
        lifecycle.record(actor, organisation, "set_standing", {"fields": changed} | flags)


def add_member(
    actor: User,
    organisation: Organisation,
    name: str,
    email: str | None,
    phone: str | None,
    *,
    admin: bool = False,
    password: str | None = None,
) -> NewMember:
    """Add a person of one's own; the initial password is for handing over.

    `password` gives a lasting one instead (demonstration only). Raises accounts.Taken, NotYours.
    """
    initial = "" if password else passwords.initial()
    hashed = passwords.hashed(password or initial)
    return NewMember(_add_member(actor, organisation, name, email, phone, admin, hashed, bool(initial)), initial)


@command
def _add_member(
    actor: User,
    organisation: Organisation,
    name: str,
    email: str | None,
    phone: str | None,
    admin: bool,
    hashed: str,
    initial: bool,
) -> User:
    require_admin(actor, organisation)
    if organisation.state in (S.REFUSED, S.LEFT):
        raise NotNow(_("机构已不在平台上，不能再添加成员。"))
    user = accounts.make(
        name, email, phone, hashed, initial=initial, employer=organisation.name, organisation=organisation
    )
    role = Role.ORG_ADMIN if admin else Role.ORG_MEMBER
    accounts.grant(actor, user, NewGrant(role))
    accounts.note(actor, "create", user, roles=[role.value])
    return user


def _member(actor: User, organisation: Organisation, account_id: int) -> User:
    """One's own person, but not oneself. Raises NotYours."""
    require_admin(actor, organisation)
    user = db.session.get(User, account_id)
    if user is None or user.organisation_id != organisation.id:
        raise NotYours(_("这不是本机构的成员。"))
    if user.id == actor.id:
        raise NotYours(_("不能停用或重置自己，请由本机构另一位负责人办理。"))
    return user


@command
def set_member_active(actor: User, organisation: Organisation, account_id: int, active: bool) -> None:
    """Close a member's account or open it again; its logins end at once. Raises NotYours, NotNow."""
    user = _member(actor, organisation, account_id)
    if user.active is active:
        raise NotNow(_("账号已经是这个状态了，请刷新页面。"))
    user.active = active
    user.epoch += 1
    accounts.note(actor, "reactivate" if active else "deactivate", user)


def reset_member_password(actor: User, organisation: Organisation, account_id: int) -> NewMember:
    """Give a member a new initial password; the member's logins end. Raises NotYours."""
    initial = passwords.initial()
    return NewMember(_reset(actor, organisation, account_id, passwords.hashed(initial)), initial)


@command
def _reset(actor: User, organisation: Organisation, account_id: int, hashed: str) -> User:
    user = _member(actor, organisation, account_id)
    accounts.set_password(user, hashed, initial=True)
    accounts.note(actor, "reset_password", user)
    return user
