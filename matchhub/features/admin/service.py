"""What administrators do to accounts. Every deed leaves its row in the ledger, naming accounts by number only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from matchhub.core import clock, ledger
from matchhub.core.contact import plain_email, plain_phone
from matchhub.core.db import command
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.core.i18n import _
from matchhub.core.ledger import Actor, Verdict
from matchhub.domain import accounts, coding, logins, passwords
from matchhub.domain.accounts import NewGrant
from matchhub.domain.models import Grant, Organisation, User


@dataclass(frozen=True, slots=True)
class Made:
    """An account with the password to hand over; `initial_password` is kept nowhere else."""

    user: User
    initial_password: str


def create_account(
    actor: Actor,
    name: str,
    email: str | None,
    phone: str | None,
    grants: Sequence[NewGrant] = (),
    employer: str = "",
    password: str | None = None,
    *,
    organisation: Organisation | None = None,
    expertise: Iterable[str] = (),
) -> Made:
    """Make an account with its roles; its owner must replace the initial password at the first sign-in.

    `password` gives a lasting one instead (demonstration and command line only); then `initial_password` is empty.
    `expertise` are codes of fields. Raises accounts.Taken, Refused for roles that do not fit.
    """
    initial = "" if password else passwords.initial()
    hashed = passwords.hashed(password or initial)
    user = _create(actor, name, email, phone, grants, employer, hashed, bool(initial), organisation, list(expertise))
    return Made(user, initial)


@command
def _create(
    actor: Actor,
    name: str,
    email: str | None,
    phone: str | None,
    grants: Sequence[NewGrant],
    employer: str,
    hashed: str,
    initial: bool,
    organisation: Organisation | None,
    expertise: list[str],
) -> User:
    user = accounts.make(name, email, phone, hashed, initial=initial, employer=employer, organisation=organisation)
    for wanted in grants:
        accounts.grant(actor, user, wanted)
    coding.set_codes(user, "field", expertise)
    accounts.note(actor, "create", user, roles=accounts.describe(grants))
    return user


@command
def change_account(
    actor: Actor, user: User, name: str, email: str | None, phone: str | None, employer: str, expertise: Iterable[str]
) -> None:
    """Correct what is known of a person. Raises accounts.Taken."""
    email, phone = plain_email(email), plain_phone(phone)
    if email is None and phone is None:
        raise Refused(_("邮箱和手机号至少留一个，用来登录。"))
    accounts.check_free(email, phone, but=user)
    wanted = {"name": name, "email": email, "phone": phone, "employer": employer}
    changed = [field for field, value in wanted.items() if getattr(user, field) != value]
    for field in changed:
        setattr(user, field, wanted[field])
    before, after = set(coding.codes_of(user).get("field", [])), set(expertise)
    if before != after:
        coding.set_codes(user, "field", sorted(after))
        changed.append("expertise")
    if changed:
        accounts.note(actor, "change", user, fields=changed)


@command
def grant_role(actor: Actor, user: User, wanted: NewGrant) -> None:
    """Give a role; the account's logins end. Raises NotYours for oneself, Refused for what does not fit."""
    accounts.grant(actor, user, wanted)
    accounts.note(actor, "grant", user, roles=accounts.describe([wanted]))


@command
def end_role(actor: Actor, user: User, grant_id: int) -> None:
    """Take a role away from now on; the account's logins end. Raises NotYours for oneself."""
    if actor.id == user.id:
        raise NotYours(_("不能结束自己的角色，请由另一位管理员办理。"))
    row = next((row for row in user.grants if row.id == grant_id and not ended(row)), None)
    if row is None:
        raise NotNow(_("这个角色已经结束了，请刷新页面。"))
    wanted = NewGrant(row.role, row.section_code, row.community_code, row.variety)
    if row.starts_on is not None and row.starts_on > clock.today():
        user.grants.remove(row)
    else:  # the row stays: what was done in this role keeps its meaning
        row.ends_on = clock.today() - timedelta(days=1)
    user.epoch += 1
    accounts.note(actor, "end_role", user, roles=accounts.describe([wanted]))


@command
def set_active(actor: Actor, user: User, active: bool) -> None:
    """Close an account or open it again; its logins end at once. Raises NotYours for oneself."""
    if actor.id == user.id:
        raise NotYours(_("不能停用自己的账号，请由另一位管理员办理。"))
    if user.active is active:
        raise NotNow(_("账号已经是这个状态了，请刷新页面。"))
    user.active = active
    user.epoch += 1
    if not active:
        logins.forget(user)
    accounts.note(actor, "reactivate" if active else "deactivate", user)


def reset_password(actor: Actor, user: User) -> str:
    """Give the account a new initial password, which is returned and kept nowhere; its logins end.

    Raises NotYours for oneself: that is what "change password" is for.
    """
    initial = passwords.initial()
    _reset(actor, user, passwords.hashed(initial))
    return initial


@command
def _reset(actor: Actor, user: User, hashed: str) -> None:
    if actor.id == user.id:
        raise NotYours(_("自己的密码请在“我的设置”里修改。"))
    accounts.set_password(user, hashed, initial=True)
    accounts.note(actor, "reset_password", user)


def ended(grant: Grant) -> bool:
    """Whether the period of a role is over."""
    return grant.ends_on is not None and grant.ends_on < clock.today()


@command
def verify_ledger(actor: Actor) -> Verdict:
    """Recompute the whole chain of deeds, and record who did so and what was found."""
    verdict = ledger.verify()
    found = {"rows": verdict.rows, "head": verdict.head, "broken_at": verdict.broken_at}
    ledger.record(actor, ledger.VERIFIED, "ledger:chain", found)
    return verdict
