"""From the organisation's side: the needs that fit it, with every reason; and telling it of each such need once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, in_source
from matchhub.domain import messages, needing, paths, phases, policy, reference, reminding
from matchhub.domain.models import Need, NeedPhase, Organisation, User
from matchhub.matching import facts, scoring, words

EVENT = "need.published_match"
Parts = list[tuple[str, Decimal, Decimal, str]]
# By organisation its score and the sentence of the message.
Reasons = dict[int, tuple[Decimal, str]]


@dataclass(frozen=True, slots=True)
class Fit:
    """A need that an organisation fits: its score, and each part as (title, points, most, sentence)."""

    need: Need
    score: Decimal
    parts: Parts

    @property
    def reasons(self) -> list[str]:
        """The sentences of what speaks most for it."""
        best = sorted((part for part in self.parts if part[1]), key=lambda part: -part[1])
        return [sentence for *_rest, sentence in best[:2]]


def parts_of(match: scoring.Match) -> Parts:
    return [(words.title(s.part), s.points, s.most, words.why(s.part, s.facts)) for s in match.shares]


def fits(organisation_id: int, needs: Sequence[Need]) -> list[Fit]:
    """These needs in the order in which the organisation fits them; empty for one that may not apply."""
    ranking, asked, found = facts.ranking(), facts.wanted_of(needs), []
    try:
        for need in needs:
            match = ranking.one(asked[need.id], organisation_id)
            found.append(Fit(need, match.score, parts_of(match)))
    except KeyError:
        return []
    return sorted(found, key=lambda fit: (-fit.score, fit.need.id))


def taking_applications() -> list[Need]:
    """The needs for which organisations can apply now, the ones that close first at the top."""
    found = sa.select(Need).where(phases.need_in([NeedPhase.OPEN]), policy.visible(None, Need))
    return list(db.session.scalars(found.order_by(Need.closes_at, Need.id)))


def best_for(user: User, many: int) -> list[Fit]:
    """The open needs that fit this person's organisation best, as far as they reach the setting; else none."""
    if not user.organisation_id or not user.roles & needing.ORGANISATION_ROLES:
        return []
    needs = taking_applications()
    found = fits(user.organisation_id, needs) if needs else []
    return [fit for fit in found if fit.score >= _least()][:many]


def _least() -> Decimal:
    """The score from which a need is said to fit."""
    return Decimal(reference.setting("match_tell_score"))


# --- telling them -----------------------------------------------------------------------------------------------------


def key(need: Need) -> str:
    """By which a person's message about this need is known: there is one."""
    return f"fits:{need.ref}"


def reasons(needs: Sequence[Need]) -> dict[int, Reasons]:
    """By need and organisation how well it fits, and why in the words of a message.

    In the source language, like all that is kept; a fixed number of statements.
    """
    if not needs:
        return {}
    ranking, asked = facts.ranking(), facts.wanted_of(needs)
    with in_source():
        return {
            need.id: {match.candidate.key: (match.score, _in_short(match)) for match in ranking.of(asked[need.id])}
            for need in needs
        }


def _in_short(match: scoring.Match) -> str:
    best = sorted((share for share in match.shares if share.points), key=lambda share: -share.points)[:3]
    said = "".join(words.why(share.part, share.facts) for share in best)
    return _("合适程度 %(score)s 分（满分 100，供参考）：%(why)s", score=match.score, why=said)


def tell(need: Need, users: Iterable[User], why: Reasons) -> int:
    """Inside a command: one message to each of `users` who has had none about this need; how many."""
    sent = 0
    for user in users:
        note = why[user.organisation_id][1] if user.organisation_id in why else ""
        build = partial(messages.send, EVENT, [user], need.title, paths.path(need), note)
        sent += reminding.remind(key(need), user, clock.now(), build)
    return sent


def publish(need: Need) -> None:
    """Inside the command that publishes: who works in one of its fields hears of it at once, whatever the score."""
    tell(need, needing.matching_people(need), reasons([need])[need.id])


def who_fits(why: Reasons) -> list[User]:
    """The people of the organisations whose score reaches the setting."""
    least = _least()
    wanted = [organisation for organisation, (score, _why) in why.items() if score >= least]
    return needing.people_of(sa.select(Organisation.id).where(Organisation.id.in_(wanted)))
