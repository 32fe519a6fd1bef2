"""The green channel of the story: the directory, what projects asked, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.demo.stage import Line, NotYet, Stage, deed
from matchhub.domain.models import HelpOutcome, HelpRequest, HelpResource, Urgency
from matchhub.features.channel import service


def _row(stage: Stage, table: str, key: str) -> dict[str, str]:
    return next(row for row in stage.table(table) if row["key"] == key)


def _resource(stage: Stage, key: str) -> HelpResource:
    name = _row(stage, "help_resources", key)["name"]
    return db.session.scalars(sa.select(HelpResource).where(HelpResource.name == name)).one()


def _request(stage: Stage, key: str) -> HelpRequest:
    title = _row(stage, "help_texts", key)["title"]
    request = db.session.scalar(sa.select(HelpRequest).where(HelpRequest.title == title))
    if request is None:
        raise NotYet(f"nobody has asked for {key}")
    return request


@deed("add_resource")
def add_resource(stage: Stage, line: Line) -> None:
    row = _row(stage, "help_resources", line.subject)
    values = {name: text for name, text in row.items() if name != "key"}
    service.keep_resource(stage.user(line.actor), None, values | {"active": True})


@deed("stop_resource")
def stop_resource(stage: Stage, line: Line) -> None:
    service.keep_resource(stage.user(line.actor), _resource(stage, line.subject), {"active": False})


@deed("ask_help")
def ask_help(stage: Stage, line: Line) -> None:
    row, asker = _row(stage, "help_texts", line.subject), stage.user(line.actor)
    values = {
        "kind": row["kind"], "urgency": Urgency(row["urgency"]), "title": row["title"], "details": row["details"],
        "contact_name": asker.name, "contact_phone": asker.phone or "",
    }  # fmt: skip
    service.raise_(asker, stage.project(row["project"]), values)


@deed("answer_help")
def answer_help(stage: Stage, line: Line) -> None:
    service.answer(stage.user(line.actor), _request(stage, line.subject), line.details["words"])


@deed("refer_help")
def refer_help(stage: Stage, line: Line) -> None:
    request, resource = _request(stage, line.subject), _resource(stage, line.details["resource"])
    service.refer(stage.user(line.actor), request, resource, line.details["words"])


@deed("add_help_words")
def add_help_words(stage: Stage, line: Line) -> None:
    service.add_words(stage.user(line.actor), _request(stage, line.subject), line.details["words"])


@deed("conclude_help")
def conclude_help(stage: Stage, line: Line) -> None:
    outcome = HelpOutcome(line.details["outcome"])
    service.conclude(stage.user(line.actor), _request(stage, line.subject), outcome, line.details["words"])


@deed("confirm_help")
def confirm_help(stage: Stage, line: Line) -> None:
    service.close(stage.user(line.actor), _request(stage, line.subject))


@deed("reopen_help")
def reopen_help(stage: Stage, line: Line) -> None:
    service.end(stage.user(line.actor), _request(stage, line.subject), "reopen", line.details["words"])


@deed("withdraw_help")
def withdraw_help(stage: Stage, line: Line) -> None:
    service.end(stage.user(line.actor), _request(stage, line.subject), "withdraw", line.details["words"])
