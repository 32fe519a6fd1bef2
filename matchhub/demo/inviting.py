"""Invitations of the story."""

from __future__ import annotations

from matchhub.demo.stage import Line, Stage, deed
from matchhub.domain.models import InvitationAnswer
from matchhub.features.matching import service as matching


@deed("invite")
def invite(stage: Stage, line: Line) -> None:
    """The street asks the organisations that the details name (orgs=a|b; note=…) to look at a need."""
    wanted = [stage.organisation(key).id for key in line.details["orgs"].split("|")]
    matching.invite(stage.user(line.actor), stage.need(line.subject), wanted, line.details.get("note", ""))


@deed("answer_invitation")
def answer_invitation(stage: Stage, line: Line) -> None:
    said = InvitationAnswer(line.details["answer"])
    matching.answer(stage.user(line.actor), stage.need(line.subject), said, line.details.get("reason", ""))
