"""What holders and openers do. Passphrases are stretched before the commands: never inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from matchhub.core import clock, ledger, seal
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.core.i18n import _
from matchhub.domain import lifecycle, messages, opening, passwords, paths, sealing, throttle
from matchhub.domain.models import HolderKey, KeyShare, Need, NeedKey, NeedState, OpeningMode, User
from matchhub.domain.parties import Party, parties, people

MAY_OPEN = (Party.OFFICE, Party.APPROVER)


# --- one's own passphrase ----------------------------------------------------------------------------------------


def set_passphrase(actor: User, new: str) -> None:
    """The first passphrase, or a new one after a loss. Raises Refused when it is too easy to guess."""
    _may_hold(actor)
    if why := passwords.problem(new, [actor.name, actor.email or "", actor.phone or ""]):
        raise Refused(why)
    made = seal.pair()
    _keep_key(actor, made.public, seal.wrap(made.private, new))


def _may_hold(actor: User) -> None:
    if not actor.roles & set(opening.HOLDER_ROLES):
        raise NotYours(_("只有街道审批、服务中心和监督审计人员可以做开启人。"))


@command
def _keep_key(actor: User, public: bytes, wrapped: bytes) -> None:
    if opening.current_key(actor) is not None:
        raise NotNow(_("您已经设置过开启口令。要改口令请填写现在的口令；忘记了请先申报遗失。"))
    db.session.add(HolderKey(user_id=actor.id, public=public, wrapped=wrapped, made_at=clock.now()))
    ledger.record(actor, "account.set_passphrase", f"account:{actor.id}")


def change_passphrase(actor: User, current: str, new: str) -> None:
    """Another passphrase for the same key: every share stays usable. Raises Refused when `current` is wrong."""
    key = _own_key(actor)
    if why := passwords.problem(new, [actor.name, actor.email or "", actor.phone or ""]):
        raise Refused(why)
    private = _unlocked(actor, key, current)
    _rewrap(actor, key, seal.wrap(private, new))


@command
def _rewrap(actor: User, key: HolderKey, wrapped: bytes) -> None:
    key.wrapped = wrapped
    ledger.record(actor, "account.change_passphrase", f"account:{actor.id}")


def _own_key(actor: User) -> HolderKey:
    key = opening.current_key(actor)
    if key is None:
        raise NotNow(_("您还没有设置开启口令。"))
    return key


def _unlocked(actor: User, key: HolderKey, passphrase: str) -> bytes:
    """The holder's private key. Tries are counted before the passphrase is looked at; raises Refused."""
    _count_try(actor)
    try:
        return seal.unwrap(key.wrapped, passphrase)
    except seal.WontOpen as error:
        raise Refused(_("开启口令不对，请重新输入。区分大小写，注意输入法。")) from error


@command
def _count_try(actor: User) -> None:
    throttle.reserve({f"opening:{actor.id}": throttle.PER_ACCOUNT})


@command
def declare_lost(actor: User) -> int:
    """The passphrase is lost: its key ends, the shares that need it are marked, approvers are told; how many shares."""
    key = _own_key(actor)
    key.ended_at = clock.now()
    found = (
        sa.select(KeyShare)
        .join(NeedKey, KeyShare.need_id == NeedKey.need_id)
        .where(KeyShare.holder_key_id == key.id, NeedKey.opened_at.is_(None), NeedKey.destroyed_at.is_(None))
    )
    lost = list(db.session.scalars(found))
    for share in lost:
        share.lost_at = clock.now()
        need = share.key.need
        lifecycle.record(actor, need, "lose_share", {"place": share.place})
        messages.send("need.lose_share", people(need, Party.APPROVER), need.title, address(need), actor.name)
    ledger.record(actor, "account.lose_passphrase", f"account:{actor.id}", {"shares": len(lost)})
    return len(lost)


# --- the need's key ------------------------------------------------------------------------------------------------


def address(need: Need) -> str:
    """The page of a need's opening, for the street."""
    return f"{paths.path(need, paths.STAFF)}/opening"


@command
def renew(actor: User, need: Need, holders: Sequence[User], reason: str, seen: int | None = None) -> int:
    """Before the deadline: three (other) holders and a new key; how many sealed versions were sealed anew.

    Organisations that had submitted are told, for their receipts name the sealed text. Raises Refused.
    """
    lifecycle.same_version(need, seen)
    if Party.APPROVER not in parties(actor, need):
        raise NotYours(_("只有街道审批人可以更换开启人。"))
    if need.state is not NeedState.OPEN or need.closes_at is None or clock.now() >= need.closes_at:
        raise NotNow(_("征集截止后不能再更换开启人。"))
    if len({user.id for user in holders}) != 3:
        raise Refused(_("请选择三位不同的开启人。"))
    count = opening.renew(need, holders)
    lifecycle.record(actor, need, "renew_key", {"holders": [user.id for user in holders], "reason": reason})
    messages.send("need.renew_key", holders, need.title, address(need))
    for application in opening.standing(need):
        messages.send("application.reseal", people(application, Party.OWNER), need.title,
                      paths.path(application, paths.MY))  # fmt: skip
    return count


# --- rehearsal and opening -----------------------------------------------------------------------------------------


def rehearse(actor: User, need: Need, passphrase: str) -> None:
    """Try one's share of a need without opening anything. Raises Refused when it does not open."""
    share = _share(actor, need)
    private = _unlocked(actor, share.holder_key, passphrase)
    _rehearsed(actor, need, share, private)


@command
def _rehearsed(actor: User, need: Need, share: KeyShare, private: bytes) -> None:
    try:
        opening.rehearse(need, share, private)
    except seal.WontOpen as error:
        raise Refused(_("您的那一份钥匙打不开，请告诉街道审批人更换开启人。")) from error
    throttle.clear(f"opening:{actor.id}")
    lifecycle.record(actor, need, "rehearse_opening", {"place": share.place})


def _share(actor: User, need: Need) -> KeyShare:
    share = opening.share_of(need, actor)
    if share is None:
        raise NotYours(_("您不是这条需求的开启人。"))
    if share.sealed is None:
        raise NotNow(_("这条需求没有开启就结束了，钥匙已经销毁。"))
    return share


def give_share(actor: User, need: Need, passphrase: str) -> bool:
    """Hand over one's share after the deadline; whether it was the second, with which the applications are open."""
    share = _share(actor, need)
    if why := opening.why_not(need, clock.now()):
        raise NotNow(why)
    private = _unlocked(actor, share.holder_key, passphrase)
    return _give(actor, need, share, private)


@command
def _give(actor: User, need: Need, share: KeyShare, private: bytes) -> bool:
    if why := opening.why_not(need, clock.now()):
        raise NotNow(why)
    if share.given is not None:
        raise NotNow(_("您已经交过这一份，请等另一位开启人。"))
    try:
        key = opening.give(need, share, private)
    except seal.WontOpen as error:
        raise Refused(_("您的那一份钥匙打不开，请改由另外两位开启人开启。")) from error
    throttle.clear(f"opening:{actor.id}")
    lifecycle.record(actor, need, "give_share", {"place": share.place})
    if key is None:
        waiting = [one.holder for one in share.key.shares if one.given is None and one.lost_at is None]
        messages.send("need.give_share", waiting, need.title, address(need), actor.name)
        return False
    first = next(one.holder for one in share.key.shares if one.given is not None and one.id != share.id)
    _open(actor, need, key, [first, actor])
    return True


@command
def open_with_one_key(actor: User, need: Need) -> None:
    """Open after the deadline where the installation keeps the key: one click of one named person."""
    if not set(MAY_OPEN) & parties(actor, need):
        raise NotYours(_("只有主办科室和街道审批人可以开启申报。"))
    if why := opening.why_not(need, clock.now()):
        raise NotNow(why)
    key = sealing.key_of(need)
    if key.mode is not OpeningMode.ONE:
        raise NotNow(_("这条需求要由三位开启人中的两位用口令开启。"))
    _open(actor, need, sealing.private_of_one_key(key), [actor])


def _open(actor: User, need: Need, private: bytes, openers: Sequence[User]) -> None:
    certificate = opening.open_all(need, private, openers)
    key = sealing.key_of(need)
    facts = {"mode": key.mode.value, "openers": [user.id for user in openers], "certificate": key.certificate_sha256,
             "applications": certificate["applications"], "versions": len(certificate["versions"])}  # fmt: skip
    lifecycle.record(actor, need, "open_applications", facts)
    told = [user for user in people(need, Party.OFFICE) + people(need, Party.APPROVER) if user.id != actor.id]
    messages.send("need.open_applications", told, need.title, address(need))
    for application in opening.standing(need):
        messages.send("application.opened", people(application, Party.OWNER), need.title,
                      f"{paths.path(need)}/opening")  # fmt: skip
