"""Support of the story: what projects ask for, what foundations pledge, and what became of it; and what notices add."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.demo.publishing import _notice, _objection
from matchhub.demo.stage import Line, NotYet, Stage, deed
from matchhub.domain import supporting
from matchhub.domain.models import Hearing, Pledge, SupportKind, SupportLine
from matchhub.features.notices import hearings
from matchhub.features.notices import service as notices
from matchhub.features.support import service


def _row(stage: Stage, key: str) -> dict[str, str]:
    return next(row for row in stage.table("support_texts") if row["key"] == key)


def _line(stage: Stage, key: str) -> SupportLine:
    title = _row(stage, key)["title"]
    line = db.session.scalar(sa.select(SupportLine).where(SupportLine.title == title))
    if line is None:
        raise NotYet(f"no support line {key}")
    return line


def _pledge(stage: Stage, key: str, foundation: str) -> Pledge:
    found = sa.select(Pledge).where(
        Pledge.line_id == _line(stage, key).id, Pledge.foundation_id == supporting.foundation_id(stage.user(foundation))
    )
    one = db.session.scalar(found.order_by(Pledge.id.desc()))
    if one is None:
        raise NotYet(f"no pledge of {foundation} for {key}")
    return one


def _quantity(line: SupportLine, text: str) -> int:
    """Hours as they are, money and goods in fen."""
    return int(text) if line.kind is SupportKind.EXPERTISE else int(text) * 100


@deed("ask_support")
def ask_support(stage: Stage, line: Line) -> None:
    row = _row(stage, line.subject)
    project, kind = stage.project(row["project"]), SupportKind(row["kind"])
    last = project.ends_on or clock.today()
    values = {
        "kind": kind, "title": row["title"], "details": row["details"], "why": row["why"], "budget_row": None,
        "quantity": int(row["quantity"]) * (1 if kind is SupportKind.EXPERTISE else 100),
        "until": min(clock.today() + timedelta(days=int(row["days"])), last),
    }  # fmt: skip
    service.propose(stage.user(line.actor), project, values)


@deed("confirm_support")
def confirm_support(stage: Stage, line: Line) -> None:
    service.confirm(stage.user(line.actor), _line(stage, line.subject))


@deed("end_support")
def end_support(stage: Stage, line: Line) -> None:
    """`action` is send_back or close."""
    service.end_line(stage.user(line.actor), _line(stage, line.subject), line.details["action"], line.details["reason"])


@deed("pledge")
def pledge(stage: Stage, line: Line) -> None:
    wanted = _line(stage, line.subject)
    service.pledge(
        stage.user(line.actor), wanted, _quantity(wanted, line.details["quantity"]), line.details.get("details", ""),
        line.details.get("conditions", ""),
    )  # fmt: skip


@deed("accept_pledge")
def accept_pledge(stage: Stage, line: Line) -> None:
    service.accept(stage.user(line.actor), _pledge(stage, line.subject, line.details["from"]))


@deed("end_pledge")
def end_pledge(stage: Stage, line: Line) -> None:
    """`action` is decline or withdraw."""
    one = _pledge(stage, line.subject, line.details["from"])
    service.end_pledge(stage.user(line.actor), one, line.details["action"], line.details["reason"])


@deed("receive_pledge")
def receive_pledge(stage: Stage, line: Line) -> None:
    one = _pledge(stage, line.subject, line.details["from"])
    quantity = _quantity(one.line, line.details["quantity"])
    service.receive(stage.user(line.actor), one, clock.today(), quantity, line.details["words"])


@deed("use_pledge")
def use_pledge(stage: Stage, line: Line) -> None:
    one = _pledge(stage, line.subject, line.details["from"])
    quantity = _quantity(one.line, line.details["quantity"])
    stored = [stage.picture("sign_in", one.id)]
    service.use(stage.user(line.actor), one, clock.today(), quantity, line.details["words"], stored)


@deed("report_pledge")
def report_pledge(stage: Stage, line: Line) -> None:
    one = _pledge(stage, line.subject, line.details["from"])
    service.report(stage.user(line.actor), one, line.details["outcome"], line.details.get("remainder", ""))


@deed("ask_organisation")
def ask_organisation(stage: Stage, line: Line) -> None:
    """Ask the organisation concerned about an objection, in the street's own words."""
    objection = _objection(stage, line.subject)
    organisation = stage.organisation(line.details["org"])
    hearings.ask(stage.user(line.actor), objection, None, organisation, line.details["statement"])


@deed("explain")
def explain(stage: Stage, line: Line) -> None:
    found = sa.select(Hearing).where(Hearing.objection_id == _objection(stage, line.subject).id)
    hearing = db.session.scalar(found.order_by(Hearing.id.desc()))
    if hearing is None:
        raise NotYet
    hearings.reply(stage.user(line.actor), hearing, None, line.details["reply"])


@deed("change_notice")
def change_notice(stage: Stage, line: Line) -> None:
    """A change of a project, announced; its conclusion is a line of its own."""
    details, staff = line.details, stage.user(line.actor)
    rows = [{"title": details["what"], "before": details["before"], "after": details["after"]}]
    made = notices.draft_change(
        staff, stage.project(details["project"]), details["kind"], rows, details["reason"], None
    )
    notices.publish(staff, made)
    stage.notices[line.subject] = made.id


@deed("correct_words")
def correct_words(stage: Stage, line: Line) -> None:
    """A correction of mere words: the period stays."""
    found = _notice(stage, line.subject)
    values = {"title": found.title, "body": found.body.replace(line.details["wrong"], line.details["right"])}
    made = notices.amend(stage.user(line.actor), found, None, values, line.details["reason"], substantial=False)
    stage.notices[line.subject] = made.id


@deed("admission_notice")
def admission_notice(stage: Stage, line: Line) -> None:
    """The draft of the notice of an organisation that waits for its admission."""
    stage.notices[line.subject] = notices.draft_admission(
        stage.user(line.actor), stage.organisation(line.details["org"])
    ).id
