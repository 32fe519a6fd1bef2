"""Organisations write their application part by part, together, and lose nothing."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.domain import attachments
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Attachment,
    LedgerEntry,
    NeedState,
    OrganisationState,
    ProjectState,
)
from matchhub.features.applications import service, submitting
from tests import factories as make
from tests.applications.conftest import a_file, applicant


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def url(application, rest=""):
    return f"/my/applications/{application.ref}{rest}"


# --- starting ----------------------------------------------------------------------------------------------------


def test_one_organisation_has_one_draft_for_a_need(org, client_as):
    client = client_as(org.admin)
    address = f"/my/applications/new?need={org.need.ref}"
    assert "开始填写" in client.get(address).text
    first, second = client.post(address), client.post(address)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert count(Application) == 1
    assert client.get(address).location == first.location
    assert client_as(org.member).post(address).location == first.location


def test_a_draft_begins_with_profile_and_earlier_projects(org):
    make.project(ProjectState.CLOSED, organisation=org.admin.organisation, title="旧楼协商陪伴")
    values = org.start().body.document["organisation"]
    assert values["contact_name"] == org.admin.organisation.contact_name
    assert "旧楼协商陪伴" in values["experience"]


def test_what_was_written_about_experience_is_kept_for_the_next_application(org):
    application = org.start()
    service.save_part(org.admin, application, "organisation", {"experience": "办过三届睦邻节"})
    following = service.start(org.admin, make.need())
    assert following.body.document["organisation"]["experience"] == "办过三届睦邻节"


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"state": OrganisationState.SUSPENDED}, "不是“已入驻”状态"),
        ({"barred_until": make.clock.today().replace(year=2030)}, "不能新申报"),
    ],
)
def test_an_organisation_that_is_not_admitted_or_barred_starts_nothing(app, client_as, over, told):
    org = applicant(**over)
    answer = client_as(org.admin).post(f"/my/applications/new?need={org.need.ref}")
    assert answer.status_code == 409 and told in answer.text
    assert count(Application) == 0


def test_nothing_is_started_after_the_deadline(org, later):
    later(days=11)
    with pytest.raises(NotNow, match="征集已经截止"):
        org.start()
    assert count(Application) == 0


def test_needs_that_are_open_are_offered(org, client_as):
    make.need(NeedState.REVIEWING, title="早就截止的需求")
    page = client_as(org.admin).get("/my/applications/new").text
    assert org.need.title in page and "早就截止的需求" not in page


# --- saving ------------------------------------------------------------------------------------------------------


def typed(application, **more):
    return {"version": application.body.version, "seen": ""} | more


def test_a_draft_may_be_saved_half_empty_and_is_found_again(org, client_as):
    application, client = org.start(), client_as(org.member)
    answer = client.post(url(application, "/project"), data=typed(application, title="邻里加梯", later="1"))
    assert answer.location.endswith(url(application))
    assert 'value="邻里加梯"' in client.get(url(application, "/project")).text
    page = client.get(url(application)).text
    assert "填写中" in page and "还不能开始" in page


def test_a_part_marked_as_done_is_checked_and_saved_all_the_same(org, client_as):
    application, client = org.start(), client_as(org.admin)
    answer = client.post(url(application, "/risks"), data=typed(application, risks="情绪激动", done="y"))
    assert answer.status_code == 422
    assert "请填写安全与隐私承诺" in answer.text and "内容已存下" in answer.text
    db.session.expire_all()
    assert application.body.document["risks"]["risks"] == "情绪激动"
    assert "risks" not in application.body.done_parts
    client.post(url(application, "/risks"), data=typed(application, risks="情绪激动", safety="两人同行", done="y"))
    db.session.expire_all()
    assert application.body.done_parts == ["risks"]


def test_a_wrong_number_keeps_what_was_typed(org, client_as):
    application = org.start()
    data = typed(application, amount_fen="八万", **{"rows-0-item": "协商会"})
    answer = client_as(org.admin).post(url(application, "/budget"), data=data)
    assert answer.status_code == 422
    assert "金额请只填数字" in answer.text and 'value="八万"' in answer.text and 'value="协商会"' in answer.text
    assert "budget" not in application.body.document


def test_budget_rows_are_read_in_fen_and_added_up(org, client_as):
    application, client = org.start(), client_as(org.admin)
    row = {"category": "activity", "item": "协商会", "unit_price_fen": "500.5", "quantity": "4", "source": "applied"}
    rows = {f"rows-0-{name}": value for name, value in row.items()} | {"rows-1-item": ""}
    client.post(url(application, "/budget"), data=typed(application, amount_fen="2,002", **rows))
    db.session.expire_all()
    kept = application.body.document["budget"]
    assert kept["amount_fen"] == 2_002_00
    assert kept["rows"] == [row | {"unit_price_fen": 500_50, "quantity": 4, "note": ""}]
    assert ">2,002</output>" in client.get(url(application, "/budget")).text


def test_rows_are_added_and_taken_away_without_script(org, client_as):
    application, client = org.start(), client_as(org.admin)
    data = typed(application, **{"rows-0-name": "甲", "rows-1-name": "乙", "rows-1-share": "abc"})
    added = client.post(url(application, "/team"), data=data | {"add-row": "rows"})
    assert added.status_code == 200 and 'name="rows-2-name"' in added.text and 'value="abc"' in added.text
    gone = client.post(url(application, "/team"), data=data | {"remove-row-0": "rows"})
    assert (
        'name="rows-0-name" value="乙"' in gone.text and "甲" not in gone.text and 'name="rows-1-name"' not in gone.text
    )
    db.session.expire_all()
    assert "team" not in application.body.document


def test_months_are_read_as_people_type_them(org, client_as):
    application, client = org.start(), client_as(org.admin)
    data = typed(application, **{"rows-0-from_month": "2026年11月", "rows-0-to_month": "2027/2"})
    client.post(url(application, "/plan"), data=data)
    db.session.expire_all()
    row = application.body.document["plan"]["rows"][0]
    assert (row["from_month"], row["to_month"]) == ("2026-11", "2027-02")
    wrong = client.post(url(application, "/plan"), data=typed(application, **{"rows-0-from_month": "下个月"}))
    assert wrong.status_code == 422 and "例如 2026-03" in wrong.text


def test_two_people_on_one_part_both_see_both_texts(org, client_as):
    application = org.start()
    seen = typed(application) | {"seen": service.fingerprint(application.body.document, "risks")}
    client_as(org.member).post(url(application, "/risks"), data=seen | {"risks": "同事写的预案"})
    answer = client_as(org.admin).post(url(application, "/risks"), data=seen | {"risks": "我写的预案"})
    assert answer.status_code == 409
    shown = re.sub(r"<span class=\"visually-hidden\">[^<]*</span>|<[^>]+>", "", answer.text)
    assert "同事写的预案" in shown and "我写的预案" in shown
    db.session.expire_all()
    assert application.body.document["risks"]["risks"] == "同事写的预案"
    version = application.body.version
    assert f'name="version" value="{version}"' in answer.text
    client_as(org.admin).post(url(application, "/risks"), data={"version": version, "risks": "两份合起来"})
    db.session.expire_all()
    assert application.body.document["risks"]["risks"] == "两份合起来"


def test_two_people_on_different_parts_do_not_disturb_each_other(org, client_as):
    application = org.start()
    seen = {
        part: typed(application) | {"seen": service.fingerprint(application.body.document, part)}
        for part in ("risks", "team")
    }
    client_as(org.member).post(url(application, "/risks"), data=seen["risks"] | {"risks": "预案"})
    answer = client_as(org.admin).post(url(application, "/team"), data=seen["team"] | {"volunteers": "十人"})
    assert answer.status_code == 303
    db.session.expire_all()
    assert application.body.document["risks"]["risks"] == "预案"
    assert application.body.document["team"]["volunteers"] == "十人"


def test_text_sent_after_the_deadline_is_shown_but_not_saved(org, client_as, later):
    application, data = org.start(), None
    data = typed(application, risks="最后一刻写的")
    later(days=11)
    answer = client_as(org.admin).post(url(application, "/risks"), data=data)
    assert answer.status_code == 409
    assert "征集已经截止" in answer.text and "最后一刻写的" in answer.text and "保存并继续" not in answer.text
    db.session.expire_all()
    assert "risks" not in application.body.document
    assert client_as(org.admin).get(url(application)).status_code == 200


def test_other_organisations_and_the_street_find_nothing(org, client_as):
    application = org.start()
    other = applicant(org.need)
    for person in (other.admin, other.member):
        for rest in ("", "/risks", "/files", "/check", "/done"):
            assert client_as(person).get(url(application, rest)).status_code == 404
        assert client_as(person).post(url(application, "/risks"), data={"risks": "改"}).status_code == 404
        with pytest.raises(NotYours):
            service.save_part(person, application, "risks", {"risks": "改"})
    assert client_as(make.staff()).get(f"/staff/applications/{application.ref}").status_code == 404


def test_saving_leaves_no_text_in_the_ledger(org):
    application = org.start()
    service.save_part(org.admin, application, "risks", {"risks": "只有我们知道的预案"})
    rows = db.session.scalars(
        sa.select(LedgerEntry).where(LedgerEntry.subject == f"application:{application.ref}").order_by(LedgerEntry.seq)
    ).all()
    assert [row.deed for row in rows] == ["application.start", "application.save"]
    assert not any("预案" in row.data for row in rows)


# --- files -------------------------------------------------------------------------------------------------------

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def test_files_are_uploaded_listed_and_taken_away(org, client_as):
    application, client = org.start(), client_as(org.member)
    data = {"purpose": "survey", "files": (io.BytesIO(PDF), "访谈.pdf")}
    assert client.post(url(application, "/files"), data=data).status_code == 303
    (row,) = attachments.of(application)
    assert "访谈.pdf" in client.get(url(application, "/files")).text
    assert client.post(url(application, f"/files/{row.code}/remove")).status_code == 303
    assert count(Attachment) == 0


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"purpose": "survey"}, "请选择要上传的文件"),
        ({"files": (io.BytesIO(PDF), "a.pdf")}, "请选择材料种类"),
        ({"purpose": "survey", "files": (io.BytesIO(b"<html>"), "a.pdf")}, "不是 PDF 文件"),
    ],
)
def test_a_wrong_upload_says_what_to_do(org, client_as, data, told):
    application = org.start()
    answer = client_as(org.admin).post(url(application, "/files"), data=data)
    assert answer.status_code == 422 and told in answer.text
    assert count(Attachment) == 0


def test_there_is_a_most_number_of_files(org):
    application = org.start()
    service.attach(org.admin, application, "other", [a_file(f"{n}.pdf") for n in range(service.MOST_FILES)])
    with pytest.raises(Refused, match="最多 20 个附件"):
        service.attach(org.admin, application, "other", [a_file()])
    assert count(Attachment) == service.MOST_FILES


def test_the_same_file_sent_twice_is_there_once(org):
    application = org.start()
    for _click in range(2):
        service.attach(org.admin, application, "survey", [a_file("访谈.pdf"), a_file("问卷.pdf")])
    assert sorted(row.name for row in service.present_files(application)) == ["访谈.pdf", "问卷.pdf"]


def test_a_submitted_file_stays_for_its_readers_when_taken_out_of_the_draft(org):
    application = org.submitted()
    (row,) = service.present_files(application)
    service.detach(org.admin, application, row.code)
    assert service.present_files(application) == []
    assert [one.sha256 for one in attachments.of(application)] == ["b" * 64]
    assert application.state is ApplicationState.SUBMITTED and submitting.has_changed(application)


def test_no_file_changes_hands_after_the_deadline(org, later):
    application = org.submitted()
    (row,) = service.present_files(application)
    later(days=11)
    with pytest.raises(NotNow):
        service.attach(org.admin, application, "other", [a_file()])
    with pytest.raises(NotNow):
        service.detach(org.admin, application, row.code)
    assert [one.name for one in service.present_files(application)] == ["调研.pdf"]
