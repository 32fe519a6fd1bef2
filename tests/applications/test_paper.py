"""The application form as PDF: for its organisation at any time; for the street when its page may be read, never before."""

from __future__ import annotations

import pytest

from matchhub.domain import application_form
from matchhub.domain.models import Role
from tests import factories as make
from tests.documents import reading


def text(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return reading.text_of_pdf(answer.data)


def test_a_draft_is_printed_as_a_draft(org, client_as):
    application = org.filled()
    address = f"/my/applications/{application.ref}/form.pdf"
    said = text(client_as(org.member), address)
    for words in ("项目申报书", "草稿", org.admin.organisation.name, org.need.ref, "申报单位（盖章）"):
        assert words in said
    assert address in client_as(org.member).get(f"/my/applications/{application.ref}").text


def test_every_answer_and_every_row_stands_on_the_paper(org, client_as):
    application = org.filled()
    said = text(client_as(org.member), f"/my/applications/{application.ref}/form.pdf")
    for part in application_form.shown(make.document()):
        assert part.title in said
        for entry in part.entries:
            assert entry.label.replace(" ", "") in said
            for row in entry.table.rows if entry.table else []:
                for cell in row:
                    assert "".join(cell.split()) in said


def test_a_submitted_version_carries_its_time_and_checksum(org, client_as):
    application = org.submitted()
    version = application_form.latest(application)
    said = text(client_as(org.admin), f"/my/applications/{application.ref}/versions/1.pdf")
    assert version.sha256 in said
    assert "第1版" in said
    assert "草稿" not in said
    assert client_as(org.admin).get(f"/my/applications/{application.ref}/versions/2.pdf").status_code == 404


def test_the_street_prints_it_only_once_it_is_opened(closed, client_as):
    ref = closed.application.ref
    said = text(client_as(closed.staff), f"/staff/applications/{ref}/form.pdf")
    assert closed.org.admin.organisation.name in said
    assert "申报单位（盖章）" not in said
    assert f"/staff/applications/{ref}/form.pdf" in client_as(closed.staff).get(f"/staff/applications/{ref}").text


@pytest.mark.parametrize("role", [Role.STREET_STAFF, Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR])
def test_before_the_deadline_there_is_no_paper_for_anybody_else(org, client_as, role):
    application = org.submitted()
    client = client_as(make.user(role, section_code="fgb") if role is Role.STREET_STAFF else make.user(role))
    assert client.get(f"/staff/applications/{application.ref}/form.pdf").status_code == 404
    assert client.get(f"/my/applications/{application.ref}/form.pdf").status_code in (403, 404)
    assert client_as(make.org_admin()).get(f"/my/applications/{application.ref}/form.pdf").status_code == 404
