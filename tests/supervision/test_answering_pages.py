"""Confirming, contesting, answering and settling by page."""

from __future__ import annotations

import io

from matchhub.domain import attachments, sheets
from matchhub.domain.models import VisitState
from tests import factories as make
from tests.supervision.scene import SUGGESTIONS, busy, contested, fresh, scene, submitted

# ---- by page -----------------------------------------------------------------------------------------------------


def test_confirming_by_page(app, client_as):
    at = scene()
    visit, browser = submitted(at), client_as(at.admin)
    page = browser.get(f"/my/visits/{visit.ref}").text
    assert f'action="/visits/{visit.ref}/confirm"' in page
    assert "机构在 2026-09-18 17:00 前可以确认或提出异议；过期不答复，视为确认。" in page
    assert f'action="/visits/{visit.ref}/confirm"' not in client_as(at.member).get(f"/my/visits/{visit.ref}").text
    stale = browser.post(f"/visits/{visit.ref}/confirm", data={"version": "1"})
    assert stale.status_code == 409
    assert browser.post(f"/visits/{visit.ref}/confirm", data={"version": visit.version}).status_code == 303
    assert fresh(visit).state is VisitState.CONFIRMED
    assert client_as(at.hub).post(f"/visits/{visit.ref}/confirm").status_code == 403


def test_every_item_is_explained_to_the_organisation(app, client_as):
    at = scene()
    visit = submitted(at)
    page = client_as(at.admin).get(f"/my/visits/{visit.ref}").text
    for item in sheets.newest_rubric("B").items:
        assert item.name_zh in page
    assert "到 2026-09-15，计划开展 6 场，实际 0 场，达成 0%（不足 60%）。" in page
    assert SUGGESTIONS[0] in page


def test_contesting_by_page_with_papers(app, client_as):
    at = scene()
    visit, browser = submitted(at), client_as(at.admin)
    empty = browser.post(f"/my/visits/{visit.ref}/contest", data={"reason": "", "version": visit.version})
    assert empty.status_code == 422
    assert "请写明异议理由" in empty.text
    data = {"reason": "B8 只问了两个人。", "version": visit.version, "papers": (io.BytesIO(b"%PDF-1.7 x"), "名单.pdf")}
    answer = browser.post(f"/my/visits/{visit.ref}/contest", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert fresh(visit).state is VisitState.CONTESTED
    assert [row.name for row in attachments.of(visit, "contest")] == ["名单.pdf"]
    assert "B8 只问了两个人。" in client_as(at.staff).get(f"/staff/visits/{visit.ref}").text


def test_answering_a_suggestion_by_page(app, client_as):
    at = scene()
    visit, browser = submitted(at), client_as(at.member)
    refused = browser.post(f"/my/visits/{visit.ref}/suggestions/1", data={"answer": ""})
    assert refused.status_code == 422
    assert "请写明答复" in refused.text
    assert browser.post(f"/my/visits/{visit.ref}/suggestions/1", data={"answer": "十月起改。"}).status_code == 303
    assert browser.post(f"/my/visits/{visit.ref}/suggestions/9", data={"answer": "没有这条"}).status_code == 404
    assert "十月起改。" in client_as(at.hub).get(f"/supervise/{visit.ref}").text


def test_settling_by_page_shows_both_values_to_the_organisation(app, client_as):
    at = scene()
    busy(at)
    visit, browser = contested(at, level=3), client_as(at.approver)
    assert "B8" in browser.get(f"/staff/visits/{visit.ref}/settle").text
    data = {"decision": "correct", "answer": "核对照片，B8 应为 6 分。", "version": visit.version}
    nothing = browser.post(f"/staff/visits/{visit.ref}/settle", data=data)
    assert nothing.status_code == 422
    assert "请在下面填写要更正的分数" in nothing.text
    wrong = browser.post(f"/staff/visits/{visit.ref}/settle", data=data | {"fix-B8": "八分"})
    assert wrong.status_code == 422
    assert "请填 0 到 6 之间" in wrong.text
    assert 'value="八分"' in wrong.text
    assert browser.post(f"/staff/visits/{visit.ref}/settle", data=data | {"fix-B8": "6"}).status_code == 303
    page = client_as(at.admin).get(f"/my/visits/{visit.ref}").text
    assert "总分由 94.21 分更正为 94.74 分" in page
    assert "核对照片，B8 应为 6 分。" in page
    assert "5.5</s> 更正为 <b>6</b>" in page


def test_an_officer_is_offered_no_correction(app, client_as):
    at = scene()
    visit = contested(at)
    browser = client_as(make.staff())
    page = browser.get(f"/staff/visits/{visit.ref}/settle").text
    assert "更正分数要由街道审批人决定" in page
    assert 'name="fix-B8"' not in page
    data = {"decision": "correct", "answer": "改", "fix-B8": "5", "version": visit.version}
    assert browser.post(f"/staff/visits/{visit.ref}/settle", data=data).status_code == 422
    assert fresh(visit).state is VisitState.CONTESTED
    assert browser.post(f"/staff/visits/{visit.ref}/settle", data=data | {"decision": "keep"}).status_code == 303
    assert fresh(visit).state is VisitState.FINAL
