"""Accounts and organisations of the story."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from matchhub import demo_accounts
from matchhub.core import clock
from matchhub.demo.stage import Line, Stage, deed, listed
from matchhub.domain import accounts
from matchhub.domain.accounts import NewGrant
from matchhub.domain.models import Role
from matchhub.features.admin import service as admin
from matchhub.features.organisations import documents
from matchhub.features.organisations import service as organisations

DOCUMENT_YEARS = 4


def _grant(text: str) -> NewGrant:
    """`supervisor:backbone@yuanyuan` and the like."""
    role, _, scope = text.partition("@")
    role, _, variety = role.partition(":")
    wanted = Role(role)
    section = scope if wanted is Role.STREET_STAFF else None
    community = scope if wanted in (Role.NEIGHBOURHOOD, Role.SUPERVISOR) and scope else None
    return NewGrant(wanted, section, community, variety)


@deed("account")
def account(stage: Stage, line: Line) -> None:
    """The system makes the first administrator, who makes all others."""
    row = stage.people[line.subject]
    actor: Any = stage.user(line.actor) if line.actor in stage.users else accounts.SYSTEM
    fields = listed(row["expertise"].replace("、", ";"))
    made = admin.create_account(
        actor, row["name"], row["email"], row["phone"], [_grant(text) for text in listed(row["roles"])], row["employer"],
        demo_accounts.DEMO_PASSWORD, expertise=_known_fields(fields),
    )  # fmt: skip
    stage.users[line.subject] = made.user.id


def _known_fields(words: list[str]) -> list[str]:
    """The codes of those words of a person's expertise that are service fields."""
    from matchhub.domain import reference

    names = reference.codes("field")
    return [code for code, name in names.items() if any(word in name.zh or name.zh in word for word in words)]


@deed("register")
def register(stage: Stage, line: Line) -> None:
    """The organisation registers itself and fills its profile in."""
    row, person = stage.organisations[line.subject], stage.people[line.actor]
    made = organisations.register(
        row["name"],
        row["uscc"],
        row["type"],
        person["name"],
        person["email"],
        person["phone"],
        demo_accounts.DEMO_PASSWORD,
    )
    stage.users[line.actor] = made.user.id
    names = ("origin", "legal_representative", "address", "authority", "grade", "intro", "brand_project", "contact_name",
             "contact_phone")  # fmt: skip
    values: dict[str, Any] = (
        {name: row[name] for name in names if name in row}
        | {
            "org_class": row["class"],
            "registrar": row["authority"],
            "registered_on": date.fromisoformat(row["registered_on"]),
            "grade_until": date.fromisoformat(row["grade_until"]) if row["grade_until"] else None,
            "annual_check": f"{clock.today().year - 1} 年度合格",
            "contact_name": row["contact"],
            "contact_phone": row["phone"],
            "board": listed(row["board"]),
        }
        | {name: int(row[name] or 0) for name in ("staff_full", "staff_part", "social_workers", "capacity")}
    )
    organisations.save_profile(
        made.user, made.organisation, values, fields=listed(row["fields"]), groups=listed(row["groups"]),
        communities=listed(row["communities"]),
    )  # fmt: skip
    expires = line.today + timedelta(days=DOCUMENT_YEARS * 365 - len(row["key"]) * 30)
    if row["state"] != "draft":
        certificate = stage.picture("certificate", made.organisation.id)
        documents.add_document(made.user, made.organisation, "certificate", certificate, expires)


@deed("join")
def join(stage: Stage, line: Line) -> None:
    organisations.submit(stage.user(line.actor), stage.organisation(line.subject))


@deed("admit")
def admit(stage: Stage, line: Line) -> None:
    actor, organisation = stage.user(line.actor), stage.organisation(line.subject)
    standing = {"annual_check_passed": True, "is_hub": stage.organisations[line.subject]["hub"] == "1"}
    organisations.set_standing(actor, organisation, standing)
    organisations.decide(actor, organisation, "admit")


def _decide(action: str) -> Any:
    def play(stage: Stage, line: Line) -> None:
        organisation = stage.organisation(line.subject)
        organisations.decide(stage.user(line.actor), organisation, action, line.details["reason"])

    return play


deed("return_organisation")(_decide("return"))
deed("refuse_organisation")(_decide("refuse"))
deed("suspend_organisation")(_decide("suspend"))


@deed("leave")
def leave(stage: Stage, line: Line) -> None:
    organisations.leave(stage.user(line.actor), stage.organisation(line.subject), line.details["reason"])


@deed("add_member")
def add_member(stage: Stage, line: Line) -> None:
    person = stage.people[line.details["member"]]
    made = organisations.add_member(
        stage.user(line.actor), stage.organisation(line.subject), person["name"], person["email"], person["phone"],
        password=demo_accounts.DEMO_PASSWORD,
    )  # fmt: skip
    stage.users[line.details["member"]] = made.user.id
