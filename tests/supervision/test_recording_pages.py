"""Recording a visit by page: every gap is named, and nothing typed is lost."""

from __future__ import annotations

import io

import sqlalchemy as sa
from PIL import Image

from matchhub.core.db import db
from matchhub.domain import attachments, sheets
from matchhub.domain.models import Attachment, Rectification, VisitState
from matchhub.features.supervision import service
from tests import factories as make
from tests.supervision.scene import D, fresh, planned, posted, scene, submitted

# ---- by page -----------------------------------------------------------------------------------------------------


def test_the_form_shows_computed_items_in_words_and_what_is_left(app, client_as):
    at = scene()
    page = client_as(at.hub).get(f"/supervise/{planned(at).ref}").text
    assert "到 2026-09-15，计划开展 6 场，实际 0 场，达成 0%" in page
    assert "还有 11 项未打分" in page
    assert "80 分及以上绿灯，65 分及以上黄灯" in page
    assert 'name="line-B5-value"' not in page
    assert page.count('name="line-B6-value"') == 17  # every half point from 0 to 8, five of them big


def test_submitting_by_page(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    answer = browser.post(f"/supervise/{visit.ref}", data=posted(visit, submit="1"))
    assert answer.status_code == 303
    visit = fresh(visit)
    assert visit.state is VisitState.SUBMITTED
    assert (visit.minutes, visit.problems) == (90, [{"kind": "ledger", "severity": "medium", "text": "纪要缺日期"}])
    page = browser.get(f"/supervise/{visit.ref}").text
    assert "等待机构确认" in page
    assert "2026-09-18 17:00" in page
    assert 'name="submit"' not in page


def test_every_gap_is_named_beside_its_field_and_nothing_typed_is_lost(app, client_as):
    at = scene()
    visit = planned(at)
    data = posted(visit, submit="1", no_tie_declared=None, observation="", highlights="开头让一楼住户先说",
                  **{"suggestions-0-text": "", "line-B6-value": None, "line-B7-remark": "急救包过期"})  # fmt: skip
    answer = client_as(at.hub).post(f"/supervise/{visit.ref}", data=data)
    assert answer.status_code == 422
    for words in (
        "请写下观察记录",
        "请至少写一条改进建议",
        "请先声明没有利益关系",
        'href="#line-B6"',
        "开头让一楼住户先说",
        "急救包过期",
    ):
        assert words in answer.text
    assert fresh(visit).state is VisitState.PLANNED


def test_red_by_page_asks_for_the_rectification_in_the_same_form(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    answer = browser.post(f"/supervise/{visit.ref}", data=posted(visit, level=0, submit="1"))
    assert answer.status_code == 422
    assert "是红灯：必须同时开整改单" in answer.text
    half = posted(visit, level=0, submit="1") | {"orders-0-issue": "坡道被占"}
    answer = browser.post(f"/supervise/{visit.ref}", data=half)
    assert "请写明整改要求" in answer.text
    assert "坡道被占" in answer.text
    whole = half | {"orders-0-requirement": "当日恢复通道", "orders-0-severity": "severe"}
    assert browser.post(f"/supervise/{visit.ref}", data=whole).status_code == 303
    assert db.session.scalars(sa.select(Rectification)).one().visit_id == visit.id


def test_a_draft_by_page_needs_nothing_and_comes_back_whole(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    data = {"version": str(visit.version), "draft": "1", "observation": "刚到现场", "line-B6-value": "7",
            "line-B6-remark": "准备充分", "orders-0-issue": "坡道被占", "orders-0-severity": "severe"}  # fmt: skip
    assert browser.post(f"/supervise/{visit.ref}", data=data).status_code == 303
    page = browser.get(f"/supervise/{visit.ref}").text
    for words in ("刚到现场", "准备充分", "坡道被占", "还有 10 项未打分"):
        assert words in page


def test_the_enter_key_only_stores(app, client_as):
    """A post without a button's name is a draft."""
    at = scene()
    visit = planned(at)
    assert client_as(at.hub).post(f"/supervise/{visit.ref}", data=posted(visit)).status_code == 303
    assert fresh(visit).state is VisitState.PLANNED


def test_a_second_window_keeps_what_was_typed_and_may_then_win(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    old = str(visit.version)
    browser.post(f"/supervise/{visit.ref}", data={"version": old, "draft": "1", "observation": "一号窗口"})
    answer = browser.post(f"/supervise/{visit.ref}", data={"version": old, "draft": "1", "observation": "二号窗口"})
    assert answer.status_code == 409
    assert "二号窗口" in answer.text
    assert "另一个窗口存过" in answer.text
    now = str(fresh(visit).version)
    assert f'name="version" value="{now}"' in answer.text
    browser.post(f"/supervise/{visit.ref}", data={"version": now, "draft": "1", "observation": "二号窗口"})
    assert fresh(visit).observation == "二号窗口"


def test_rows_can_be_added_and_taken_away_without_script(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    data = posted(visit) | {"add-row": "suggestions"}
    answer = browser.post(f"/supervise/{visit.ref}", data=data)
    assert answer.status_code == 200
    assert 'name="suggestions-1-text"' in answer.text
    assert "补写时注明补记" in answer.text
    data = posted(visit) | {"suggestions-1-text": "第二条", "remove-row-0": "suggestions"}
    answer = browser.post(f"/supervise/{visit.ref}", data=data)
    assert "第二条" in answer.text
    assert "补写时注明补记" not in answer.text
    assert fresh(visit).suggestions == []


def picture():
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(out, "PNG")
    out.seek(0)
    return out


def test_photos_are_kept_at_once_even_when_the_rest_is_refused(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    data = {"version": str(visit.version), "submit": "1", "photos": (picture(), "现场.png"),
            "line-B6-photo": (picture(), "小组.png")}  # fmt: skip
    answer = browser.post(f"/supervise/{visit.ref}", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "现场.png" in answer.text
    assert {row.purpose for row in attachments.of(visit)} == {"visit_photo", "visit_photo_B6"}
    code = attachments.of(visit, "visit_photo")[0].code
    browser.post(f"/supervise/{visit.ref}", data={"drop-file": code, "observation": "还在"})
    assert [row.purpose for row in attachments.of(visit)] == ["visit_photo_B6"]


def test_a_bad_file_is_refused_beside_its_item(app, client_as):
    at = scene()
    visit = planned(at)
    data = {
        "version": str(visit.version),
        "draft": "1",
        "observation": "记录",
        "line-B6-photo": (io.BytesIO(b"x"), "假.png"),
    }
    answer = client_as(at.hub).post(f"/supervise/{visit.ref}", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "不是能识别的图片" in answer.text
    assert "记录" in answer.text
    assert db.session.scalars(sa.select(Attachment)).all() == []


def test_nothing_of_a_draft_is_seen_by_others(app, client_as):
    at = scene()
    visit = planned(at)
    service.save_draft(at.hub, visit, {"observation": "还没有写完的话"}, {"B6": sheets.Entry(D(3))}, ["半句"])
    for user, address in ((at.admin, f"/my/visits/{visit.ref}"), (at.staff, f"/staff/visits/{visit.ref}"),
                          (at.backbone, f"/supervise/{visit.ref}")):  # fmt: skip
        page = client_as(user).get(address)
        assert page.status_code == 200
        assert "还没有写完的话" not in page.text
        assert "半句" not in page.text


def test_strangers_do_not_even_learn_of_a_visit(app, client_as):
    from matchhub.domain.models import Role

    at = scene()
    visit = submitted(at)
    assert client_as(make.user(Role.SUPERVISOR)).get(f"/supervise/{visit.ref}").status_code == 404
    assert client_as(make.org_admin()).get(f"/my/visits/{visit.ref}").status_code == 404
    assert client_as(None).get(f"/supervise/{visit.ref}").status_code in (302, 303, 401)
    other = client_as(at.backbone)
    assert other.get(f"/supervise/{visit.ref}").status_code == 200
    assert other.post(f"/supervise/{visit.ref}", data={"draft": "1"}).status_code == 404
