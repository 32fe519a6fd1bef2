"""Before the deadline nobody but the applicant learns content, existence or number of applications; nor after a withdrawal.

Every GET route is asked as every role, with every identifier that exists. The pages must be the same, to the letter,
whether or not anybody has applied.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import db
from matchhub.domain import lifecycle, policy
from matchhub.domain.models import (
    Application,
    ApplicationState,
    LedgerEntry,
    Message,
    NeedState,
    OutboxRow,
    Role,
    User,
)
from matchhub.features.applications import service, submitting
from tests import factories as make
from tests.applications.conftest import a_file, applicant, with_certificate

TOKEN = "金丝雀"
# Pages that say how long the ledger and the outbox are as a whole. Every deed of anybody lengthens them, so their numbers
# and hashes tell nothing about applications; their words must still be the same.
COUNTERS = ("/healthz", "/admin/health")
READERS = [(role,) for role in Role if role not in (Role.ORG_ADMIN, Role.ORG_MEMBER)]


def marked_document() -> dict[str, Any]:
    """A complete document with the token in every text."""

    def mark(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: mark(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [mark(one, name) for one in value]
        plain = name in (
            "form",
            "category",
            "source",
            "from_month",
            "to_month",
            "starts_on",
            "ends_on",
            "contact_phone",
        )
        return f"{TOKEN}{value}" if isinstance(value, str) and not plain else value

    document = mark(make.document())
    document["project"]["title"] = f"{TOKEN}项目"
    # Only the organisation's own head can sign, and that name is public.
    document["declaration"]["signed_name"] = make.document()["declaration"]["signed_name"]
    return document


def readers() -> list[User | None]:
    people: list[User | None] = [None, *(make.user(*roles) for roles in READERS)]
    competitor = make.organisation(name="竞争机构")
    people += [make.org_admin(competitor), make.user(Role.ORG_MEMBER, organisation=competitor)]
    return people


def addresses(app: Any, names: list[str], plain: bool = True) -> list[str]:
    """Every GET route, its places filled with each of the identifiers; `plain`: also those that have no place."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(("/assets", "/prefs")):
            continue
        if not rule.arguments:
            found += [rule.rule] if plain else []
            continue
        for value in names:
            filled = re.sub(r"<any\(([a-z_]+)[^>]*>", r"\1", rule.rule)
            filled = re.sub(r"<int[^>]*>", "1", filled)
            found.append(re.sub(r"<[^>]+>", value, filled))
    return sorted(set(found))


def pages(clients: list[Any], urls: list[str]) -> dict[tuple[int, str], str]:
    seen = {}
    for number, client in enumerate(clients):
        for url in urls:
            answer = client.get(url)
            text = answer.content_type.startswith(("text", "application/json"))
            seen[number, url] = (
                f"{answer.status_code} {_comparable(url, answer.get_data(as_text=True) if text else '')}"
            )
    return seen


def _comparable(url: str, body: str) -> str:
    """Without what differs at every request (tokens against forgery), on COUNTERS also without numbers and hashes."""
    body = re.sub(r'(csrf_token" value=)"[^"]*"', r"\1", body)
    body = re.sub(r'"X-CSRFToken": "[^"]*"', "", body)
    return re.sub(r"[0-9a-f]{64}|\d+", "#", body) if url in COUNTERS else body


@pytest.mark.slow
def test_no_page_shows_or_betrays_a_submitted_application(app, client_as):
    """The competitor's and every other reader's pages before and after somebody applied are compared letter by letter."""
    need = make.need(title="加梯协商")
    org = applicant(need, name="封存机构")
    with_certificate(org)
    people = readers()
    clients = [client_as(person) for person in people]
    known = [need.ref, org.admin.organisation.ref]
    urls = addresses(app, known)
    before = pages(clients, urls)
    application = service.start(org.admin, need)
    for part, values in marked_document().items():
        assert service.save_part(org.admin, application, part, values) == []
    (row,) = service.attach(org.admin, application, "survey", [a_file(f"{TOKEN}.pdf")])
    submitting.submit(org.admin, application)
    after = pages(clients, urls)
    different = sorted({url for number, url in before if before[number, url] != after[number, url]})
    assert different == []
    guessed = addresses(app, [application.ref, row.code], plain=False)
    for (number, url), body in (after | pages(clients, guessed)).items():
        assert TOKEN not in body, (url, people[number])
    for url in (f"/my/applications/{application.ref}", f"/files/{row.code}"):
        for client in clients:
            assert client.get(url).status_code in (302, 303, 403, 404), url
    assert TOKEN in client_as(org.admin).get(f"/my/applications/{application.ref}/versions/1").text


def test_no_message_ledger_row_or_index_mark_betrays_it(app):
    org, people = applicant(), readers()
    application = org.filled(**marked_document())
    submitting.submit(org.admin, application)
    told = {user_id for (user_id,) in db.session.execute(sa.select(Message.user_id))}
    assert told == {org.member.id} and not told & {person.id for person in people if person}
    for row in db.session.scalars(sa.select(LedgerEntry)):
        assert TOKEN not in row.data and org.need.ref not in row.data + row.subject
        assert org.admin.organisation.name not in row.data + row.subject
    for row in db.session.scalars(sa.select(OutboxRow).where(OutboxRow.kind == "index")):
        assert set(row.payload) == {"kind", "id"}


def test_ledger_pages_leave_out_the_rows_of_sealed_applications(app, later):
    org = applicant()
    application = org.submitted()
    draft = applicant(org.need).start()

    def shown():
        rows = sa.select(LedgerEntry.subject).where(LedgerEntry.subject.not_in(policy.sealed_subjects()))
        return set(db.session.scalars(rows))

    assert shown() == set()
    assert ledger.verify().rows > 0
    later(days=11)
    assert shown() == set()
    make.opened(org.need)
    assert shown() == {f"application:{application.ref}"}
    assert draft.state is ApplicationState.DRAFT


def test_the_sections_moves_tell_no_number_before_the_deadline(app, later):
    need, staff = make.need(), make.staff()
    before = [(offer.move.action, offer.why) for offer in lifecycle.moves_for(need, staff)]
    for _n in range(2):
        applicant(need).submitted()
    assert [(offer.move.action, offer.why) for offer in lifecycle.moves_for(need, staff)] == before
    later(days=11)
    (why,) = [offer.why for offer in lifecycle.moves_for(need, staff) if offer.move.action == "start_review"]
    assert "还没有开启" in why and "份" not in why.replace("一份", "")
    make.opened(need)
    (why,) = [offer.why for offer in lifecycle.moves_for(need, staff) if offer.move.action == "start_review"]
    assert "还有 2 份申报没有完成资格审查" in why


@pytest.mark.parametrize("role", [Role.STREET_STAFF, Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR])
def test_after_the_deadline_the_street_reads_it_but_never_one_withdrawn(app, client_as, later, role):
    org = applicant()
    other = applicant(org.need)
    application, withdrawn = org.submitted(), other.submitted()
    submitting.withdraw(other.admin, withdrawn)
    later(days=11)
    client = client_as(make.user(role))
    assert client.get(f"/staff/applications/{application.ref}").status_code == 404
    make.opened(org.need)
    assert client.get(f"/staff/applications/{application.ref}").status_code == 200
    assert client.get(f"/staff/applications/{withdrawn.ref}").status_code == 404
    assert withdrawn.ref not in client.get("/staff/applications").text


def test_a_withdrawn_need_never_opens_its_applications(app, client_as, later):
    org = applicant()
    application = org.submitted()
    org.need.state = NeedState.WITHDRAWN
    db.session.commit()
    later(days=11)
    assert client_as(make.staff()).get(f"/staff/applications/{application.ref}").status_code == 404


def test_visible_and_can_see_agree_about_the_seal(app, later):
    org = applicant()
    org.submitted()
    applicant(org.need).start()
    people = [*readers(), org.admin]
    for _moment in range(2):
        for person in people:
            listed = set(db.session.scalars(sa.select(Application.id).where(policy.visible(person, Application))))
            assert listed == {a.id for a in db.session.scalars(sa.select(Application)) if policy.can_see(person, a)}
        later(days=11)
        make.opened(org.need)
