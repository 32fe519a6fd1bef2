"""Files: fetched by whoever may see their record, and harmless whatever they contain."""

from __future__ import annotations

import io
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from PIL import Image

from matchhub.core import files
from matchhub.core.db import command, db
from matchhub.domain import attachments
from matchhub.domain.models import (
    AssessmentState,
    Attachment,
    EventState,
    NeedState,
    NoticeState,
    OrganisationState,
)
from matchhub.domain.roles import Role
from tests import factories as make

PDF = b"%PDF-1.4 a charter"


def stored(app, content: bytes, name: str, secret: bool = False) -> files.Stored:
    return files.save(app.config["INSTANCE"], io.BytesIO(content), name, 10**7, secret=secret)


@pytest.fixture
def keep(app):
    """`keep(subject, purpose, content, name)` is the code of a file of that record."""

    def put(subject, purpose: str, content: bytes = PDF, name: str = "章程（2024 年修订）.pdf") -> str:
        @command
        def attach() -> str:
            return attachments.attach(subject, purpose, stored(app, content, name, kind(subject)), actor).code

        actor = make.user()
        return attach()

    def kind(subject) -> bool:
        return type(subject).__tablename__ == "application"

    return put


def picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (20, 20), "#0e5a5f").save(content, "PNG")
    return content.getvalue()


def test_a_pdf_opens_in_the_browser_under_its_chinese_name(app, keep):
    code = keep(make.need(), "need")
    answer = app.test_client().get(f"/files/{code}")
    assert (answer.status_code, answer.data) == (200, PDF)
    assert answer.content_type == "application/pdf"
    full = quote("章程（2024 年修订）.pdf", safe="")
    assert answer.headers["Content-Disposition"] == f"inline; filename=\"file-{code[:8]}.pdf\"; filename*=UTF-8''{full}"


def test_every_file_is_fenced_in(app, keep):
    answer = app.test_client().get(f"/files/{keep(make.need(), 'need')}")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert "allow-" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_picture_is_shown_and_named_after_what_it_became(app, keep):
    code = keep(make.need(), "need", picture(), "现场照片.png")
    answer = app.test_client().get(f"/files/{code}")
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["Content-Disposition"].endswith(quote("现场照片.jpg", safe=""))


def test_everything_else_is_saved_as_it_is(app, keep):
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    code = keep(make.need(), "need", content.getvalue(), "预算.docx")
    answer = app.test_client().get(f"/files/{code}")
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("name", ['a"b.pdf', "a\r\nSet-Cookie: x=1.pdf", "../../etc/passwd.pdf", "ａ；b.pdf", "𠮷.pdf"])
def test_no_name_breaks_the_header(app, keep, name):
    answer = app.test_client().get(f"/files/{keep(make.need(), 'need', PDF, name)}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Disposition"].isascii()
    assert "\n" not in answer.headers["Content-Disposition"]
    assert ".." not in answer.headers["Content-Disposition"]


def test_unchanged_content_is_not_sent_again_but_the_right_is_checked_each_time(app, keep, client_as):
    admin = make.org_admin()
    code = keep(admin.organisation, "certificate")
    client = client_as(admin)
    first = client.get(f"/files/{code}")
    again = client.get(f"/files/{code}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    client.post("/logout")
    assert client.get(f"/files/{code}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 404


def test_part_of_a_file_can_be_asked_for(app, keep):
    answer = app.test_client().get(f"/files/{keep(make.need(), 'need')}", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (206, b"%PDF")


@pytest.mark.parametrize("code", ["nonsense", "0" * 64, "../uploads", "%2e%2e%2fmatchhub.sqlite"])
def test_only_codes_are_addresses(app, code):
    assert app.test_client().get(f"/files/{code}").status_code == 404


def test_the_content_hash_is_no_address(app, keep):
    keep(make.need(), "need")
    sha256 = stored(app, PDF, "a.pdf").sha256
    assert app.test_client().get(f"/files/{sha256}").status_code == 404


def test_a_file_whose_content_is_lost_is_not_there(app, keep, caplog):
    code = keep(make.need(), "need", b"%PDF-1.4 lost", "a.pdf")
    place = files.path_of(app.config["INSTANCE"], stored(app, b"%PDF-1.4 lost", "a.pdf").sha256)
    place.unlink()
    assert app.test_client().get(f"/files/{code}").status_code == 404
    assert "the store lacks" in caplog.text


VISITOR, OWNER, OTHER, STAFF, CENTRE, AUDITOR, REVIEWER, SYSADMIN, SUPERVISOR = (
    "visitor", "owner", "other organisation", "staff", "centre", "auditor", "reviewer", "sysadmin", "supervisor",
)  # fmt: skip
EVERYBODY = {VISITOR, OWNER, OTHER, STAFF, CENTRE, AUDITOR, REVIEWER, SYSADMIN, SUPERVISOR}
INSIDE = {STAFF, CENTRE, AUDITOR}


def test_each_file_is_for_those_who_may_see_its_record(app, keep, client_as):
    owner = make.org_admin()
    project = make.project(organisation=owner.organisation)
    supervisor = make.user(Role.SUPERVISOR, variety="hub")
    make.supervision(project, supervisor)
    people = {
        VISITOR: None, OWNER: owner, OTHER: make.org_admin(), STAFF: make.staff(), CENTRE: make.user(Role.CENTRE_STAFF),
        AUDITOR: make.user(Role.AUDITOR), REVIEWER: make.user(Role.REVIEWER), SYSADMIN: make.user(Role.SYSADMIN),
        SUPERVISOR: supervisor,
    }  # fmt: skip
    table = {
        "open need": (make.need(), "need", EVERYBODY),
        "draft need": (make.need(NeedState.DRAFT), "need", INSIDE),
        "certificate": (owner.organisation, "certificate", INSIDE | {OWNER}),
        "certificate of a draft": (make.organisation(OrganisationState.DRAFT), "certificate", INSIDE),
        "activity": (make.activity(project), "photo", INSIDE | {OWNER, SUPERVISOR}),
        "application": (make.application(organisation=owner.organisation), "application", INSIDE | {OWNER}),
    }
    for what, (subject, purpose, allowed) in table.items():
        code = keep(subject, purpose)
        may = {who for who, user in people.items() if client_as(user).get(f"/files/{code}").status_code == 200}
        assert may == allowed, what


def test_a_file_of_a_sealed_application_is_the_applicants_alone(app, keep, client_as):
    owner = make.org_admin()
    sealed = make.application(organisation=owner.organisation, need=make.need())
    code = keep(sealed, "application")
    assert client_as(owner).get(f"/files/{code}").status_code == 200
    for user in (
        None,
        make.org_admin(),
        make.staff(),
        make.approver(),
        make.user(Role.AUDITOR),
        make.user(Role.SYSADMIN),
    ):
        assert client_as(user).get(f"/files/{code}").status_code == 404


def test_the_clause_for_everybody_says_the_same_as_the_question_for_one_visitor(app):
    holders = [
        *(make.need(state) for state in NeedState),
        *(make.notice(state) for state in NoticeState),
        *(make.event(state) for state in EventState),
        *(make.presentation(make.event(state)) for state in (EventState.OPEN, EventState.PUBLISHED)),
        *(make.presentation(make.event(EventState.PUBLISHED, need=make.need(state))) for state in NeedState),
        *(make.organisation(state) for state in OrganisationState),
        make.application(), make.project(), make.activity(make.project()), make.report(), make.closing_report(),
        make.assessment(AssessmentState.FINAL),
    ]  # fmt: skip
    applied = make.application()
    holders.append(make.presentation(make.event(EventState.PUBLISHED), application=applied))
    own = {"need": ["need"], "notice": ["notice"], "event": ["event_public", "event_photo", "event_inside"]}
    for holder in holders:
        for purpose in own.get(type(holder).__tablename__, ["event_slides", "certificate", "evidence", "photo"]):
            make.paper(holder, purpose)
    rows = db.session.scalars(sa.select(Attachment)).all()
    clause = set(db.session.scalars(sa.select(Attachment.id).where(attachments.for_everybody())))
    wrong = {(row.subject_kind, row.purpose) for row in rows if attachments.can_fetch(None, row) != (row.id in clause)}
    assert wrong == set()
    assert 0 < len(clause) < len(rows)
