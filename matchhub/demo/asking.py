"""Needs of the story beyond the plain ones: declined, copied, corrected and followed; and what the clock tells people."""

from __future__ import annotations

from datetime import timedelta

from matchhub.core import clock
from matchhub.demo.stage import Line, Stage, deed
from matchhub.domain import reminding
from matchhub.features.matching import digest
from matchhub.features.needs import follow as following
from matchhub.features.needs import service as needs


@deed("decline_need")
def decline_need(stage: Stage, line: Line) -> None:
    needs.decline(stage.user(line.actor), stage.need(line.subject), None, line.details["reason"])


@deed("copy_need")
def copy_need(stage: Stage, line: Line) -> None:
    """Begin a new need with an earlier one; `as` names it in the story."""
    copied = needs.copy(stage.user(line.actor), stage.need(line.subject))
    stage.needs[line.details["as"]] = copied.id


@deed("correct_need")
def correct_need(stage: Stage, line: Line) -> None:
    """Publish a correction; `days` moves the end of the call by so many days."""
    need, days = stage.need(line.subject), int(line.details.get("days", 0))
    assert need.closes_at is not None
    closes_on = clock.local(need.closes_at).date() + timedelta(days=days) if days else None
    needs.correct(stage.user(line.actor), need, None, line.details["text"], closes_on=closes_on)


@deed("follow_need")
def follow_need(stage: Stage, line: Line) -> None:
    following.with_account(stage.user(line.actor), stage.need(line.subject))


@deed("clockwork")
def clockwork(_stage: Stage, _line: Line) -> None:
    """What is due by the clock is sent, as the site does every few minutes: here once a week."""
    reminding.tick()
    digest.tell_fitting()
