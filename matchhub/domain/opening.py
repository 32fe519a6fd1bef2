"""Opening what was sealed: who is named, two of three shares, what is found, and the certificate of it.

Plain functions inside a command; the commands are in features/openings. Nothing here can read an application before its
need's deadline: the moment is checked in `refusal`, in the same transaction that opens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, seal, vault
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _, _l
from matchhub.domain import reference, sealing
from matchhub.domain.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    Grant,
    HolderKey,
    KeyShare,
    LedgerEntry,
    Need,
    NeedKey,
    NeedState,
    OpeningMode,
    Role,
    User,
)
from matchhub.domain.scoring.canonical import canonical, digest

# Who holds the three shares unless the approver names others: one person of each role.
HOLDER_ROLES = (Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR)
NEEDED = 2
WORDS = {OpeningMode.ONE: _l("一人开启"), OpeningMode.TWO_OF_THREE: _l("三人持有，两人开启")}
# What became of a version at the opening.
COUNTS, REPLACED, RESTORED, BROKEN = "counts", "replaced", "restored", "broken"


def mode() -> OpeningMode:
    """How needs published from now on are opened."""
    return OpeningMode(str(reference.setting("opening")))


# --- who holds the shares ----------------------------------------------------------------------------------------


def current_key(user: User) -> HolderKey | None:
    """The person's own pair of keys that is in use."""
    return db.session.scalar(sa.select(HolderKey).where(HolderKey.user_id == user.id, HolderKey.ended_at.is_(None)))


def candidates() -> list[User]:
    """People who have set an opening passphrase and hold one of the three roles, by role, the longest-serving first."""
    found = (
        sa.select(User)
        .join(HolderKey, sa.and_(HolderKey.user_id == User.id, HolderKey.ended_at.is_(None)))
        .where(User.active, User.id.in_(sa.select(Grant.user_id).where(Grant.role.in_(HOLDER_ROLES))))
        .order_by(User.id)
    )
    return [user for user in db.session.scalars(found) if user.roles & set(HOLDER_ROLES)]


def default_holders() -> list[User]:
    """One person of each of the three roles; a role without one is filled by another candidate. At most three."""
    left, chosen = candidates(), []
    for role in HOLDER_ROLES:
        found = next((user for user in left if role in user.roles), None)
        if found is not None:
            chosen.append(found)
            left.remove(found)
    return [*chosen, *left][:3]


def why_no_key() -> str | None:
    """Why no need can be published now: in two-of-three opening three people must have set their passphrase."""
    if mode() is OpeningMode.ONE or len(default_holders()) == 3:
        return None
    return _(
        "申报要由三位开启人持有钥匙，现在只有 %(n)s 位设置了开启口令。请审批人、服务中心和监督审计人员各一位在“开启口令”里设置，"
        "或由管理员在参数设置里改为一人开启。",
        n=len(default_holders()),
    )


def make_key(need: Need, holders: Sequence[User] = ()) -> NeedKey:
    """The key of a need at its publication: with the setting's mode, or held by three named people.

    Raises NotNow when there are not three people with a passphrase.
    """
    if not holders and mode() is OpeningMode.ONE:
        return sealing.make_one_key(need)
    people = list(holders) or default_holders()
    if len({user.id for user in people}) != 3:
        raise NotNow(why_no_key() or _("请选择三位不同的开启人。"))
    made = seal.pair()
    key = NeedKey(need_id=need.id, mode=OpeningMode.TWO_OF_THREE, public=made.public, made_at=clock.now())
    db.session.add(key)
    _deal(key, need, people, made.private)
    return key


def _deal(key: NeedKey, need: Need, people: Sequence[User], private: bytes) -> None:
    """Give each of three people a share that only their passphrase opens; the whole key is kept nowhere."""
    key.shares = []
    db.session.flush()
    for user, (place, share) in zip(people, seal.split(private), strict=True):
        own = current_key(user)
        if own is None:
            raise NotNow(_("%(name)s还没有设置开启口令，不能做开启人。", name=user.name))
        sealed = seal.seal(own.public, share, share_label(need, place))
        key.shares.append(KeyShare(place=place, holder_id=user.id, holder_key_id=own.id, sealed=sealed))
    db.session.flush()


def share_label(need: Need, place: int) -> str:
    return f"{need.ref}|share|{place}"


def renew(need: Need, people: Sequence[User]) -> int:
    """Before the deadline: a new key held by these three, and everything submitted sealed to it; how many versions.

    For a share that was lost. The text does not change, so the receipt's hash of the text stays true.
    """
    key = sealing.key_of(need)
    made = seal.pair()
    key.mode, key.public, key.enclosed = OpeningMode.TWO_OF_THREE, made.public, None
    key.number += 1
    key.made_at = clock.now()
    _deal(key, need, people, made.private)
    rows = [(version, application) for application, versions in _submitted(need).items() for version in versions]
    for version, application in rows:
        sealing.put(version, application, version.own_text)
    return len(rows)


def share_of(need: Need, user: User) -> KeyShare | None:
    """The share that this person holds of the need's key."""
    return db.session.scalar(sa.select(KeyShare).where(KeyShare.need_id == need.id, KeyShare.holder_id == user.id))


# --- opening -----------------------------------------------------------------------------------------------------


def why_not(need: Need, now: datetime) -> str | None:
    """Why the need cannot be opened at this moment, whoever asks; None when it can."""
    if need.opened_at is not None:
        return _("申报已于 %(at)s 开启，不能再次开启。", at=f"{clock.local(need.opened_at):%Y-%m-%d %H:%M}")
    if need.state is not NeedState.OPEN or need.closes_at is None:
        return _("这条需求不在征集中，没有可以开启的申报。")
    if now < need.closes_at:
        return _("征集还没有截止，%(at)s 之后才能开启。", at=f"{clock.local(need.closes_at):%Y-%m-%d %H:%M}")
    return None


def give(need: Need, share: KeyShare, private: bytes) -> bytes | None:
    """Hand over one share; the need's private key when it was the second, else None.

    `private` is the holder's own key, already unlocked. Raises seal.WontOpen when it does not fit.
    """
    mine = seal.unseal(private, share.sealed or b"", share_label(need, share.place))
    other = next((one for one in share.key.shares if one.given is not None and one.id != share.id), None)
    share.given, share.given_at = (
        vault.protect(sealing.GIVEN, mine, share_label(need, share.place).encode()),
        clock.now(),
    )
    if other is None:
        return None
    theirs = vault.reveal(sealing.GIVEN, other.given or b"", share_label(need, other.place).encode())
    found = seal.combine((share.place, mine), (other.place, theirs))
    if seal.public_of(found) != share.key.public:
        raise seal.WontOpen("the shares do not give the need's key")
    return found


def rehearse(need: Need, share: KeyShare, private: bytes) -> None:
    """Try a share without using it. Raises seal.WontOpen when it does not fit."""
    seal.unseal(private, share.sealed or b"", share_label(need, share.place))
    share.rehearsed_at = clock.now()


def open_all(need: Need, private: bytes, openers: Sequence[User]) -> dict[str, Any]:
    """Open every submitted application of the need and write the certificate; the certificate.

    Each text must fit the hash of its receipt and of the ledger. One that was damaged is restored from the organisation's
    own copy when that fits; otherwise it is named as broken, and the others open all the same.
    """
    if why := why_not(need, clock.now()):
        raise NotNow(why)
    key = sealing.key_of(need)
    lines = [line for app, versions in _submitted(need).items() for line in _open(app, versions, private)]
    need.opened_at = key.opened_at = clock.now()
    key.enclosed = None
    for share in key.shares:
        share.given = None
    key.certificate = {
        "need": need.ref,
        "mode": key.mode.value,
        "key": {"number": key.number, "public": key.public.hex()},
        "closes_at": need.closes_at.isoformat() if need.closes_at else "",
        "opened_at": need.opened_at.isoformat(),
        "openers": [user.name for user in openers],
        "applications": sum(line["outcome"] != REPLACED for line in lines),
        "versions": sorted(lines, key=lambda line: (line["received_at"], line["sealed_sha256"])),
    }
    key.certificate_sha256 = digest(canonical(key.certificate))
    db.session.flush()
    return key.certificate


def standing(need: Need) -> list[Application]:
    """The applications of a need that stand submitted. Never for a page that anybody sees before the opening."""
    found = sa.select(Application).where(
        Application.need_id == need.id, Application.state == ApplicationState.SUBMITTED
    )
    return list(db.session.scalars(found.order_by(Application.id)))


def _submitted(need: Need) -> dict[Application, list[ApplicationVersion]]:
    """The versions of every application that stands submitted, oldest first."""
    found = (
        sa.select(Application, ApplicationVersion)
        .join(ApplicationVersion, ApplicationVersion.application_id == Application.id)
        .where(Application.need_id == need.id, Application.state == ApplicationState.SUBMITTED)
        .order_by(Application.id, ApplicationVersion.number)
    )
    grouped: dict[Application, list[ApplicationVersion]] = {}
    for application, version in db.session.execute(found):
        grouped.setdefault(application, []).append(version)
    return grouped


def _open(application: Application, versions: Sequence[ApplicationVersion], private: bytes) -> list[dict[str, Any]]:
    """Only the newest version is opened; what the organisation replaced stays sealed for ever."""
    hashes = _recorded(application)
    *earlier, newest = versions
    return [_line(version, REPLACED) for version in earlier] + [
        _line(newest, _open_one(application, newest, private, hashes.get(newest.number, "")))
    ]


def _open_one(application: Application, version: ApplicationVersion, private: bytes, recorded: str) -> str:
    if version.opened_text is not None:  # submitted before there were seals
        return COUNTS
    try:
        document, outcome = sealing.unsealed(version, application, private), COUNTS
    except seal.WontOpen:
        document, outcome = version.own_copy or {}, RESTORED
    if not sealing.fits(version, document) or recorded not in ("", version.sha256):
        document, outcome = {}, BROKEN
    version.document, version.own_copy = document, None
    return outcome


def _recorded(application: Application) -> dict[int, str]:
    """By number of the version the hash of the text that the ledger recorded when it was received."""
    rows = sa.select(LedgerEntry).where(
        LedgerEntry.subject == f"application:{application.ref}",
        LedgerEntry.deed.in_(("application.submit", "application.resubmit")),
    )
    return {row.details["version"]: row.details["sha256"] for row in db.session.scalars(rows)}


def _line(version: ApplicationVersion, outcome: str) -> dict[str, Any]:
    return {
        "sealed_sha256": version.sealed_sha256,
        "sha256": version.sha256,
        "received_at": version.submitted_at.isoformat(),
        "outcome": outcome,
    }


def still_true(key: NeedKey) -> bool:
    """Whether the certificate is the one that was written, and every sealed text in the database still has its hash."""
    if key.certificate is None or digest(canonical(key.certificate)) != key.certificate_sha256:
        return False
    listed = {line["sealed_sha256"] for line in key.certificate["versions"] if line["sealed_sha256"]}
    rows = (
        sa.select(ApplicationVersion.sealed)
        .join(Application, ApplicationVersion.application_id == Application.id)
        .where(Application.need_id == key.need_id, ApplicationVersion.sealed_sha256.in_(listed))
    )
    found = {hashlib.sha256(sealed or b"").hexdigest() for sealed in db.session.scalars(rows)}
    entry = proof(key.need)
    return found == listed and entry is not None and entry.details.get("certificate") == key.certificate_sha256


def proof(need: Need) -> LedgerEntry | None:
    """The ledger's row of the opening."""
    found = sa.select(LedgerEntry).where(
        LedgerEntry.subject == f"need:{need.ref}", LedgerEntry.deed == "need.open_applications"
    )
    return db.session.scalar(found)
