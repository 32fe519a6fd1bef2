"""An earlier application is a beginning: parts are taken whole, and what does not fit the new need is named, not dropped."""

from __future__ import annotations

from datetime import date

import pytest

from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import application_form as form
from matchhub.features.applications import copying, service
from tests import factories as make
from tests.applications.conftest import applicant


@pytest.fixture
def earlier(org):
    """An application of last year, handed in, for a need that is over."""
    application = org.submitted()
    org.need = make.need(starts_on=date(2027, 3, 1), ends_on=date(2027, 12, 31), budget_fen=80_000_00)
    return application


def url(application, query=""):
    return f"/my/applications/{application.ref}/copy{query}"


def part(application, code):
    db.session.expire_all()
    return form.part_of(application.body.document, code)


def test_parts_are_taken_whole_and_what_does_not_fit_is_named(org, earlier, client_as):
    application, client = org.start(), client_as(org.member)
    assert earlier.ref in client.get(url(application)).text
    page = client.get(url(application, f"?from={earlier.ref}")).text
    assert "需求的实施周期从 2027-03-01 开始" in page
    assert "申请金额比预算上限 80,000 元多 10,000 元" in page
    answer = client.post(url(application, f"?from={earlier.ref}"), data={"parts": ["project", "plan", "budget"]})
    assert answer.status_code == 303 and answer.location.endswith("/plan?check=1")
    told = client.get(answer.location).text
    assert "已照搬，有" in told and "请把计划开始日期改到这一天或之后" in told
    given = make.document()
    assert part(application, "plan") == form.part_of(given, "plan")
    assert part(application, "budget")["amount_fen"] == 90_000_00
    assert part(application, "team")["rows"] == []
    assert not set(application.body.done_parts) & {"project", "plan", "budget"}


def test_the_declaration_and_the_files_are_made_anew(org, earlier, client_as):
    application = org.start()
    page = client_as(org.admin).get(url(application, f"?from={earlier.ref}")).text
    assert 'value="declaration"' not in page
    answer = client_as(org.admin).post(url(application, f"?from={earlier.ref}"), data={"parts": ["declaration"]})
    assert answer.status_code == 422
    assert part(application, "declaration")["signed_name"] == "" and service.present_files(application) == []


def test_what_is_written_already_is_replaced_only_when_asked_for(org, earlier, client_as):
    application, client = org.start(), client_as(org.admin)
    service.save_part(org.admin, application, "risks", {"risks": "新写的预案"})
    page = client.get(url(application, f"?from={earlier.ref}")).text
    assert "这里已经写了内容，照搬会替换它" in page
    client.post(url(application, f"?from={earlier.ref}"), data={"parts": ["team"]})
    assert part(application, "risks")["risks"] == "新写的预案"
    assert part(application, "team")["rows"][0]["name"] == "方静"


def test_what_was_handed_in_is_copied_not_what_was_written_after_it(org, earlier):
    service.save_part(org.admin, earlier, "risks", {"risks": "没有提交的修改"})
    application = org.start()
    copying.copy(org.admin, application, earlier, ["risks"])
    assert part(application, "risks")["risks"] == "意见不一。"


def test_nothing_is_copied_across_organisations_or_after_the_deadline(org, earlier, client_as, later):
    other = applicant(org.need)
    application = other.start()
    assert client_as(other.admin).get(url(application, f"?from={earlier.ref}")).status_code == 404
    with pytest.raises(NotYours):
        copying.copy(other.admin, application, earlier, ["risks"])
    assert earlier.ref not in client_as(other.admin).get(url(application)).text
    own = org.start()
    later(days=30)
    with pytest.raises(NotNow, match="征集已经截止"):
        copying.copy(org.admin, own, earlier, ["risks"])


def test_the_first_application_has_nothing_to_copy(org, client_as):
    assert "还没有可以照搬的申报书" in client_as(org.admin).get(url(org.start())).text
