"""Public notices and objections of the story."""

from __future__ import annotations

from matchhub.core.db import db
from matchhub.demo.stage import Line, NotYet, Stage, deed
from matchhub.domain import noticing
from matchhub.domain.models import Notice, NoticeKind, NoticePhase, Objection
from matchhub.features.notices import objections
from matchhub.features.notices import service as notices


def _notice(stage: Stage, key: str) -> Notice:
    if key not in stage.notices:
        raise NotYet(f"no notice {key}")
    return db.session.get_one(Notice, stage.notices[key])


@deed("publish_notice")
def publish_notice(stage: Stage, line: Line) -> None:
    notices.publish(stage.user(line.actor), _notice(stage, line.subject))


@deed("notice")
def notice(stage: Stage, line: Line) -> None:
    """A notice written by hand; `orgs` are named in its table."""
    values = {
        "title": line.details["title"],
        "body": line.details["body"],
        "basis": "依据《街道社会组织参与社区治理项目管理办法（演示）》。",
        "rows": [
            {"rank": str(n), "organisation": stage.organisations[key]["name"], "result": line.details.get("result", "")}
            for n, key in enumerate(filter(None, line.details.get("orgs", "").split("|")), 1)
        ],
    }
    actor = stage.user(line.actor)
    made = notices.draft(actor, NoticeKind(line.details["kind"]), values)
    notices.publish(actor, made)
    stage.notices[line.subject] = made.id


@deed("conclude_notice")
def conclude_notice(stage: Stage, line: Line) -> None:
    if _notice(stage, line.subject).phase is not NoticePhase.ENDED:
        raise NotYet
    upheld = line.details.get("upheld") == "1"
    outcome = "异议成立，退回重新研究。" if upheld else "公示期满，按公示结果执行。"
    notices.conclude(stage.user(line.actor), _notice(stage, line.subject), None, outcome, upheld)


@deed("amend_notice")
def amend_notice(stage: Stage, line: Line) -> None:
    found = _notice(stage, line.subject)
    values = {"title": found.title, "body": line.details["body"], "rows": found.rows}
    notices.amend(stage.user(line.actor), found, None, values, line.details["reason"])


@deed("revoke_notice")
def revoke_notice(stage: Stage, line: Line) -> None:
    notices.revoke(stage.user(line.actor), _notice(stage, line.subject), None, line.details["reason"])


def _row(stage: Stage, key: str) -> dict[str, str]:
    kind, _, need = key.partition(":")
    return next(row for row in stage.objection_rows if row["kind"] == kind and row["need"] == need)


@deed("object")
def object_to(stage: Stage, line: Line) -> None:
    if not noticing.is_running(_notice(stage, line.subject)):
        raise NotYet
    row = _row(stage, line.subject)
    values = {"name": row["objector"], "contact": "19900001111", "against": "公示结果", "reason": row["reason"]}
    stage.objections[line.subject] = objections.object_to(_notice(stage, line.subject), values).id


def _objection(stage: Stage, key: str) -> Objection:
    if key not in stage.objections:
        raise NotYet
    return db.session.get_one(Objection, stage.objections[key])


@deed("accept_objection")
def accept_objection(stage: Stage, line: Line) -> None:
    objections.accept(stage.user(line.actor), _objection(stage, line.subject))


@deed("answer_objection")
def answer_objection(stage: Stage, line: Line) -> None:
    row = _row(stage, line.subject)
    objections.answer(
        stage.user(line.actor), _objection(stage, line.subject), None, row["answer"],
        findings="已调阅原始材料并向有关各方核实。", upheld=row["decision"] == "upheld", public_reason=row["public"],
    )  # fmt: skip


@deed("reject_objection")
def reject_objection(stage: Stage, line: Line) -> None:
    row = _row(stage, line.subject)
    objections.answer(
        stage.user(line.actor), _objection(stage, line.subject), None, row["answer"], action="reject",
        public_reason=row["public"],
    )  # fmt: skip
