"""Sealed applications of the story: passphrases, rehearsals and openings."""

from __future__ import annotations

from matchhub.demo.stage import Line, NotYet, Stage, deed
from matchhub.demo_accounts import OPENING_PASSPHRASE
from matchhub.domain import sealing
from matchhub.domain.models import Need, NeedPhase, OpeningMode, User
from matchhub.features.admin import settings
from matchhub.features.openings import service as openings


@deed("set_opening")
def set_opening(stage: Stage, line: Line) -> None:
    """How needs published from now on are opened; the subject is `one` or `two_of_three`."""
    seen = settings.fingerprint(settings.together("opening"))
    settings.change(stage.user(line.actor), "opening", {"opening": line.subject}, seen)


@deed("set_passphrase")
def set_passphrase(stage: Stage, line: Line) -> None:
    openings.set_passphrase(stage.user(line.actor), OPENING_PASSPHRASE)


@deed("rehearse_opening")
def rehearse(stage: Stage, line: Line) -> None:
    openings.rehearse(stage.user(line.actor), stage.need(line.subject), OPENING_PASSPHRASE)


@deed("give_share")
def give_share(stage: Stage, line: Line) -> None:
    need = stage.need(line.subject)
    if need.opened_at is None:
        openings.give_share(stage.user(line.actor), need, OPENING_PASSPHRASE)


@deed("open_applications")
def open_applications(stage: Stage, line: Line) -> None:
    """Open by one click, or by two holders where three hold the key."""
    opened(stage.user(line.actor), stage.need(line.subject))


def opened(actor: User, need: Need) -> None:
    """See that a need whose call is over is open, before its applications are looked at. Raises NotYet before."""
    if need.opened_at is not None:
        return
    if need.phase is NeedPhase.OPEN:
        raise NotYet
    key = sealing.key_of(need)
    if key.mode is OpeningMode.ONE:
        openings.open_with_one_key(actor, need)
        return
    for share in [one for one in key.shares if one.given is None and one.lost_at is None][:2]:
        if openings.give_share(share.holder, need, OPENING_PASSPHRASE):
            return
