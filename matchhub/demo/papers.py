"""The agreement template and a call published anew, as the story tells them."""

from __future__ import annotations

from matchhub.demo.stage import Line, Stage, deed
from matchhub.domain import agreeing
from matchhub.features.admin import agreements
from matchhub.features.needs import service as needs


@deed("agreement_template")
def agreement_template(stage: Stage, line: Line) -> None:
    """`add` a paragraph after the one that contains `after`."""
    newest = agreeing.newest()
    lines = newest.body.split("\n")
    place = next(n for n, text in enumerate(lines) if line.details["after"] in text)
    body = "\n".join([*lines[: place + 1], line.details["add"], *lines[place + 1 :]])
    agreements.new_version(stage.user(line.actor), newest.title, body, line.details["note"], newest.number)


@deed("republish")
def republish(stage: Stage, line: Line) -> None:
    """A failed need as a new draft, known to the story as `as`."""
    made = needs.copy(stage.user(line.actor), stage.need(line.subject))
    stage.needs[line.details["as"]] = made.id
