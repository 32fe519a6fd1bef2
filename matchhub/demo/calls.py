"""Needs, questions, applications and the eligibility check of the story."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from matchhub.core import money
from matchhub.core.db import db
from matchhub.core.files import Stored
from matchhub.demo import enclosures
from matchhub.demo.sealing import opened
from matchhub.demo.stage import Line, Stage, deed, listed
from matchhub.domain import declarations
from matchhub.domain.models import Need, Question, User
from matchhub.features.applications import checking, excluding, submitting
from matchhub.features.applications import service as applications
from matchhub.features.needs import service as needs
from matchhub.features.organisations import declaring

DAYS_OF_A_MONTH = 30


def table_rows(text: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    """`indicator|baseline|target;…` as rows."""
    return [dict(zip(names, part.split("|"), strict=False)) for part in text.split(";") if part]


def _period(row: dict[str, str], today: date) -> tuple[date, date]:
    published = today - timedelta(days=int(row["publish_day"] or 0))
    first = published + timedelta(days=int(row["start_offset_days"]))
    return first, first + timedelta(days=int(row["months"]) * DAYS_OF_A_MONTH + 45)


@deed("draft_need")
def draft_need(stage: Stage, line: Line) -> None:
    row = stage.need_rows[line.subject]
    first, last = _period(row, line.today) if row["months"] else (None, None)
    values: dict[str, Any] = {
        "title": row["title"], "summary": row["summary"], "background": row["background"],
        "target_count": int(row["target_count"]), "target_note": row["target_note"],
        "outcomes": table_rows(row["outcomes"], ("indicator", "baseline", "target")),
        "requirements": row["requirements"], "essential": listed(row["must"]), "preferred": listed(row["prefer"]),
        "problem": row["problem"], "urgency": row["urgency"], "starts_on": first, "ends_on": last,
        "budget_fen": money.parse_yuan(row["budget_yuan"]) if row["budget_yuan"] else None, "budget_public": row["budget_public"] == "1",
        "funding": row["funding"], "procurement": row["procurement"], "joint_allowed": row["joint_ok"] == "1",
        "review_mode": row["review_mode"], "section_code": row["section"], "contact_name": row["contact"],
        "contact_phone": row["phone"], "source": row["source"], "communities": listed(row["communities"]),
        "target_groups": listed(row["target_groups"]), "fields": listed(row["fields"]),
    }  # fmt: skip
    actor = stage.user(line.actor)
    by_neighbourhood = line.actor.startswith("nb_")
    need = needs.raise_need(actor, values) if by_neighbourhood else needs.draft(actor, values, _enclosures(stage, line))
    stage.needs[line.subject] = need.id


def _enclosures(stage: Stage, line: Line) -> list[Stored]:
    rows = [row for row in stage.table("files") if row["need"] == line.subject]
    return [enclosures.stored(stage.instance, row["name"], row["text"]) for row in rows]


def _move(action: str) -> Any:
    def play(stage: Stage, line: Line) -> None:
        needs.move(stage.user(line.actor), stage.need(line.subject), action)

    return play


deed("submit_need")(_move("submit"))


@deed("publish")
def publish(stage: Stage, line: Line) -> None:
    needs.publish(stage.user(line.actor), stage.need(line.subject))


def _with_reason(service: Any) -> Any:
    def play(stage: Stage, line: Line) -> None:
        service(stage.user(line.actor), stage.need(line.subject), None, line.details["reason"])

    return play


deed("send_back_need")(_with_reason(needs.send_back))
deed("withdraw_need")(_with_reason(needs.withdraw))
deed("cancel_need")(_with_reason(needs.cancel))


@deed("fail_need")
def fail_need(stage: Stage, line: Line) -> None:
    actor, need = stage.user(line.actor), stage.need(line.subject)
    opened(actor, need)
    needs.fail(actor, need, None, line.details["reason"])


@deed("ask")
def ask(stage: Stage, line: Line) -> None:
    row = stage.texts["questions"][line.subject][int(line.details["question"])]
    needs.ask(stage.user(line.actor), stage.need(line.subject), row["question"])


@deed("draft_answer")
def draft_answer(stage: Stage, line: Line) -> None:
    """Write an answer that is published with a later one of the same need."""
    row = stage.texts["questions"][line.subject][int(line.details["question"])]
    found = db.session.query(Question).filter_by(need_id=stage.needs[line.subject], text=row["question"]).one()
    needs.draft_answer(stage.user(line.actor), found, row["answer"])


@deed("answer")
def answer(stage: Stage, line: Line) -> None:
    """Write an answer and publish it, together with those that wait."""
    draft_answer(stage, line)
    needs.publish_answers(stage.user(line.actor), stage.need(line.subject))


# --- applications ----------------------------------------------------------------------------------------------------


def document(stage: Stage, need: Need, key: str) -> dict[str, dict[str, Any]]:
    """The parts of the application form as the tables of the demonstration describe them."""
    need_key, organisation_key = key.split("/")
    row = stage.application_rows[need_key, organisation_key]
    organisation = stage.organisations[organisation_key]

    def mine(table: str) -> list[dict[str, str]]:
        return [one for one in stage.texts[table].get(need_key, []) if one["org"] == organisation_key]

    assert need.starts_on is not None
    first, months = need.starts_on, int(stage.need_rows[need_key]["months"])
    team = [{"name": one["name"], "qualification": one["qualification"], "role": one["role"],
             "share": int(one["share_percent"])} for one in mine("team_rows")]  # fmt: skip
    return {
        "organisation": {
            "contact_name": organisation["contact"], "contact_phone": organisation["phone"],
            "experience": organisation["brand_project"],
        },
        "project": {
            "title": row["title"], "summary": row["summary"], "analysis": row["analysis"],
            "goals": table_rows(row["goals"], ("indicator", "baseline", "target", "measure")),
            "beneficiaries": need.target_note, "beneficiary_count": int(row["beneficiaries"]),
            "places": _places(stage, need_key), "approach": row["approach"], "participation": row["participation"],
            "sustainability": row["sustainability"], "innovation": row["innovation"],
        },
        "plan": {
            "starts_on": first, "ends_on": first + timedelta(days=months * DAYS_OF_A_MONTH),
            "rows": [
                {"name": one["name"], "form": one["form"], "times": int(one["times"]), "people_each": int(one["people_each"]),
                 "from_month": _month(first, int(one["start_month"]) - 1), "to_month": _month(first, int(one["end_month"]) - 1),
                 "lead": one["lead"], "expected": one["expected"]}
                for one in mine("plan_rows")
            ],
        },
        "budget": {
            "amount_fen": money.parse_yuan(row["amount_yuan"]),
            "rows": [
                {"category": one["category"], "item": one["item"], "unit_price_fen": money.parse_yuan(one["unit_price_yuan"]),
                 "quantity": int(one["quantity"]), "source": one["source"], "note": one["note"]}
                for one in mine("budget_rows")
            ],
        },
        "team": {"rows": team, "volunteers": row["participation"]},
        "risks": {"risks": row["risks"], "safety": row["safety"]},
        "declaration": {"ties": "与街道、评审人员没有利益关系。", "honest": True,
                        "signed_name": organisation["legal_representative"]},
    }  # fmt: skip


def _places(stage: Stage, need_key: str) -> str:
    from matchhub.domain import reference

    names = reference.codes("community")
    return "、".join(names[code].zh for code in listed(stage.need_rows[need_key]["communities"]) if code in names)


def _month(first: date, n: int) -> str:
    index = first.year * 12 + first.month - 1 + n
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


@deed("apply")
def apply(stage: Stage, line: Line) -> None:
    actor, need = stage.user(line.actor), stage.need(line.parts[0])
    started = applications.start(actor, need)
    whole = stage.application_rows[line.parts[0], line.parts[1]]["outcome"] != "draft"
    for number, (part, values) in enumerate(document(stage, need, line.subject).items()):
        if whole or number < 3:
            problems = applications.save_part(actor, started, part, _confirmed(need, part, values), done=whole)
            assert not (whole and problems), problems
    if whole:
        applications.attach(actor, started, "survey", [stage.secret_picture("survey", need.id)])


def _confirmed(need: Need, part: str, values: dict[str, Any]) -> dict[str, Any]:
    """Whoever applies confirms every essential condition of the need."""
    from matchhub.domain import application_form as form

    names = {field.name for field in form.BY_CODE[part].fields}
    return values | ({"essential": list(need.essential)} if "essential" in names else {})


@deed("submit_application")
def submit_application(stage: Stage, line: Line) -> None:
    _declare(stage.user(line.actor))
    submitting.submit(stage.user(line.actor), stage.application(line.subject))


def _declare(actor: User) -> None:
    """Sign the standing declarations anew when any of them has run out; the next application uses them again."""
    organisation = actor.organisation
    assert organisation is not None
    missing = [kind for kind in declarations.KINDS if kind not in declarations.in_force(organisation.id)]
    if missing:
        declaring.sign(actor, organisation, missing, organisation.legal_representative)


@deed("object_to_exclusion")
def object_to_exclusion(stage: Stage, line: Line) -> None:
    excluding.file_objection(stage.user(line.actor), stage.application(line.subject), line.details["reason"])


@deed("decide_exclusion")
def decide_exclusion(stage: Stage, line: Line) -> None:
    upheld = line.details["upheld"] == "yes"
    excluding.decide_objection(stage.user(line.actor), stage.application(line.subject), upheld, line.details["answer"])


@deed("withdraw_application")
def withdraw_application(stage: Stage, line: Line) -> None:
    submitting.withdraw(stage.user(line.actor), stage.application(line.subject))


@deed("correct")
def correct(stage: Stage, line: Line) -> None:
    actor, application = stage.user(line.actor), stage.application(line.subject)
    applications.attach(actor, application, "proof", [stage.secret_picture("certificate", application.id)])
    submitting.submit(actor, application)


# --- eligibility ------------------------------------------------------------------------------------------------------

EVIDENCE = {True: "核对登记证书和声明，符合。", False: "材料缺项或业务范围不含本项服务，不符合。"}


@deed("check")
def check(stage: Stage, line: Line) -> None:
    """Decide every rule that a person decides; `fail=1` finds one of them wrong."""
    actor, application = stage.user(line.actor), stage.application(line.subject)
    opened(actor, application.need)
    if not application.checks:
        checking.open_checklist(actor, application)
    else:
        checking.recheck(actor, application)
    manual = [row.rule for row in application.checks if not row.computed]
    for number, rule in enumerate(manual):
        passed = not ("fail" in line.details and number == 0)
        checking.decide_rule(actor, application, rule, passed, EVIDENCE[passed])


@deed("ask_correction")
def ask_correction(stage: Stage, line: Line) -> None:
    application = stage.application(line.subject)
    checking.ask_correction(stage.user(line.actor), application, line.details["note"], ["files", "organisation"])


@deed("qualify")
def qualify(stage: Stage, line: Line) -> None:
    checking.qualify(stage.user(line.actor), stage.application(line.subject))


@deed("disqualify")
def disqualify(stage: Stage, line: Line) -> None:
    checking.disqualify(stage.user(line.actor), stage.application(line.subject), line.details["reason"])
