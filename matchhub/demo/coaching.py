"""The coaching log of the story."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.demo.stage import Line, NotYet, Stage, deed
from matchhub.domain.models import CoachingNote
from matchhub.features.channel import service_coaching as service


def _row(stage: Stage, key: str) -> dict[str, str]:
    return next(row for row in stage.table("coaching_texts") if row["key"] == key)


@deed("coach")
def coach(stage: Stage, line: Line) -> None:
    row, writer = _row(stage, line.subject), stage.user(line.actor)
    values = {
        "given_on": clock.today(), "kind": row["kind"], "minutes": int(row["minutes"]), "topic": row["topic"],
        "advice": row["advice"], "wants_reply": row["wants_reply"] == "yes",
    }  # fmt: skip
    service.give(writer, stage.project(row["project"]), values)


@deed("answer_coaching")
def answer_coaching(stage: Stage, line: Line) -> None:
    note = db.session.scalar(sa.select(CoachingNote).where(CoachingNote.topic == _row(stage, line.subject)["topic"]))
    if note is None:
        raise NotYet(f"nobody has written {line.subject}")
    service.reply(stage.user(line.actor), note, line.details["reply"])
