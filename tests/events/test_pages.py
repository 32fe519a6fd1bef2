"""Events on their pages: what a visitor sees and never sees, signing up and checking in by phone, the desk, the feeds."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.files import Stored
from matchhub.domain import attachments, eventing
from matchhub.domain.models import EventKind, EventState, NeedState, Role, Signup
from matchhub.features.events import recording, running, service, signing
from tests import factories as make
from tests.events import scene

PAGE = Stored("0" * 64, "材料.pdf", "application/pdf", 10)


def test_the_calendar_lists_what_is_announced_by_list_and_by_month(app, client_as):
    shown, hidden = make.event(title="秋季推介会"), make.event(EventState.PLANNED, title="还没公布的会")
    visitor = client_as(None)
    for path in ("/events", f"/events?month={clock.local(shown.starts_at):%Y-%m}"):
        text = visitor.get(path).text
        assert "秋季推介会" in text
        assert "还没公布的会" not in text
    assert visitor.get(f"/events/{hidden.ref}").status_code == 404
    for strange in ("2026-13", "x", "0000-01", "99999-1"):
        assert visitor.get(f"/events?month={strange}").status_code == 200


def test_filters_find_kind_and_time(app, client_as):
    make.event(title="秋季推介会")
    make.event(EventState.ENDED, title="春季培训", kind=EventKind.TRAINING, starts_at=clock.now() - timedelta(days=30))
    visitor = client_as(None)
    assert "春季培训" not in visitor.get("/events?when=upcoming").text
    assert "秋季推介会" not in visitor.get("/events?when=past&kind=training").text
    assert "春季培训" in visitor.get("/events?kind=training").text


def test_a_visitor_never_reads_who_presents_before_the_result(app, client_as):
    made = scene.running()
    running.run(made.staff, made.items[0], "talk")
    secrets = {entry.organisation.name for entry in made.entries}
    ref = made.event.ref
    visitor = client_as(None)
    for path in (f"/events/{ref}", f"/events/{ref}/draw", f"/events/{ref}/countdown", f"/events/{ref}/clock", "/events",
                 f"/events/{ref}/calendar.ics", "/feeds/events.ics", "/feeds/events.atom"):  # fmt: skip
        text = visitor.get(path).text
        assert not any(name in text for name in secrets), path
    assert "评审结果公示以前不公开是哪几家" in visitor.get(f"/events/{ref}").text
    for path in ("run", "screen", "people", "sign-in-sheet"):
        assert visitor.get(f"/staff/events/{ref}/{path}").status_code == 302
        assert client_as(made.owners[0]).get(f"/staff/events/{ref}/{path}").status_code == 403
        assert client_as(make.staff(section_code="fgb")).get(f"/staff/events/{ref}/{path}").status_code == 404
    made.need.state = NeedState.NOTICE
    db.session.commit()
    assert secrets <= {name for name in secrets if name in visitor.get(f"/events/{ref}").text}


def test_a_resident_signs_up_and_cancels_by_the_page(app, client_as):
    event, visitor = make.event(capacity=1), client_as(None)
    form = {"name": "钱阿姨", "kind": "resident", "phone": "139 0000 0001", "people": "1", "agreed": "y"}
    answer = visitor.post(f"/events/{event.ref}/sign-up", data=form)
    assert answer.status_code == 303
    page = visitor.get(answer.headers["Location"])
    assert "报名成功" in page.text
    assert "钱**" in page.text
    assert "钱阿姨" not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    again = visitor.post(f"/events/{event.ref}/sign-up", data=form)
    assert again.status_code == 409
    assert "已经报过名" in again.text
    assert 'value="钱阿姨"' in again.text
    second = visitor.post(f"/events/{event.ref}/sign-up", data=form | {"phone": "13900000002"})
    assert "候补" in visitor.get(second.headers["Location"]).text
    assert visitor.post(answer.headers["Location"]).status_code == 303
    assert "报名已取消" in visitor.get(answer.headers["Location"]).text
    assert "报名成功" in visitor.get(second.headers["Location"]).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"phone": ""}, "请至少填一项"),
        ({"phone": "123"}, "11 位手机号"),
        ({"agreed": ""}, "请先勾选同意"),
        ({"people": "11"}, "不能大于 10"),
        ({"kind": "organisation"}, "请从列出的选项里选择"),
    ],
)
def test_a_form_says_what_to_repair(app, client_as, change, sentence):
    event = make.event()
    form = {"name": "钱阿姨", "kind": "resident", "phone": "13900000001", "people": "1", "agreed": "y"} | change
    answer = client_as(None).post(f"/events/{event.ref}/sign-up", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Signup)) == 0


def test_a_phone_checks_in_once_by_the_venues_code(app, client_as, later):
    event = make.event(EventState.RUNNING, ballots=True)
    code = eventing.door_code(event, clock.now())
    phone = client_as(None)
    page = phone.get(f"/check-in/{event.ref}?t={code}")
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    later(minutes=10)  # typing, or no network
    answer = phone.post(
        f"/check-in/{event.ref}", data={"ticket": ticket, "name": "钱阿姨", "kind": "resident", "known": ""}
    )
    assert answer.status_code == 303
    assert "签到成功" in phone.get(answer.headers["Location"]).text
    assert "给各家投票" in phone.get(answer.headers["Location"]).text
    fresh = eventing.door_code(event, clock.now())
    assert phone.get(f"/check-in/{event.ref}?t={fresh}").headers["Location"] == answer.headers["Location"]
    empty = phone.post(f"/check-in/{event.ref}", data={"ticket": ticket, "name": "", "kind": "resident", "known": ""})
    assert empty.status_code == 422
    assert "请填写报名时的手机号，或填写姓名" in empty.text
    other = client_as(None)
    assert "已经换了" in other.get(f"/check-in/{event.ref}?t={code}").text
    refused = other.post(
        f"/check-in/{event.ref}", data={"ticket": ticket, "name": "路人", "kind": "resident", "known": ""}
    )
    assert refused.status_code == 409
    assert "已经用过" in refused.text


def test_ballots_are_cast_by_the_page_and_refused_with_their_reason(app, client_as):
    made = scene.running()
    voter, item = scene.resident(made.event), made.items[0]
    url = f"/ballots/{voter.ballot_code}"
    visitor = client_as(None)
    assert "还没有开始陈述" in visitor.get(url).text
    running.run(made.staff, item, "talk")
    assert item.organisation.name in visitor.get(url).text
    assert made.items[1].organisation.name not in visitor.get(url).text
    assert visitor.post(url, data={"item": item.code, "points": "9"}).status_code == 303
    assert "您给了 9 分" in visitor.get(url).text
    changed = visitor.post(url, data={"item": item.code, "points": "1"})
    assert changed.status_code == 409
    for strange in ("", "x", "99", "-1"):
        assert visitor.post(url, data={"item": item.code, "points": strange}).status_code == 409
    assert visitor.post(url, data={"item": "nobody", "points": "9"}).status_code == 404
    assert visitor.get("/ballots/nobody").status_code == 404


def test_the_desk_and_the_screen_of_a_running_roadshow(app, client_as):
    made = scene.running()
    item = made.items[0]
    desk = client_as(made.staff)
    ref = made.event.ref
    assert "开始陈述：第 1 位" in desk.get(f"/staff/events/{ref}/run").text
    assert desk.post(f"/staff/events/{ref}/run/{item.code}/talk").status_code == 303
    shown = json.loads(desk.get(f"/staff/events/{ref}/screen/data").text)
    assert (shown["stage"], shown["title"], len(shown["codes"])) == ("talk", item.organisation.name, 10)
    assert [b["from"] - a["from"] for a, b in zip(shown["codes"], shown["codes"][1:], strict=False)] == [30_000] * 9
    assert shown["codes"][0]["from"] <= shown["now"] < shown["codes"][1]["from"]
    assert made.event.secret not in desk.get(f"/staff/events/{ref}/screen").text
    assert desk.post(f"/staff/events/{ref}/run/{item.code}/talk").status_code == 409
    for deed in ("answer", "pause", "resume", "finish"):
        assert desk.post(f"/staff/events/{ref}/run/{item.code}/{deed}").status_code == 303
    keyed = desk.post(f"/staff/events/{ref}/run/{item.code}/ballots", data={"count": "3", "total": "24"})
    assert keyed.status_code == 303
    assert "代填：3 张" in desk.get(f"/staff/events/{ref}/run/{item.code}/ballots").text
    assert desk.post(f"/staff/events/{ref}/run/{item.code}/close-ballots").status_code == 303
    assert "已截止：3 张，平均 8 分" in desk.get(f"/staff/events/{ref}/run").text
    assert "0 / 3 份" in desk.get(f"/staff/events/{ref}/run").text
    assert "未齐，密封中" in desk.get(f"/staff/events/{ref}/run").text


def test_an_event_is_planned_changed_and_cancelled_by_the_pages(app, client_as):
    desk = client_as(make.user(Role.CENTRE_STAFF))
    day = clock.today() + timedelta(days=9)
    form = {"kind": "promotion", "title": "冬季推介会", "place": "二楼", "on": day.isoformat(), "begins": "14:00",
            "finishes": "16:00", "audience": "public", "capacity": "30", "talk_minutes": "8", "answer_minutes": "0"}  # fmt: skip
    wrong = desk.post("/staff/events/new", data=form | {"finishes": "13:00"})
    assert wrong.status_code == 409
    assert "结束时间要晚于开始时间" in wrong.text
    assert 'value="冬季推介会"' in wrong.text
    assert desk.post("/staff/events/new", data=form | {"title": "", "begins": ""}).status_code == 422
    answer = desk.post("/staff/events/new", data=form)
    assert answer.status_code == 303
    home = answer.headers["Location"]
    ref = home.rsplit("/", 1)[1]
    project = make.project()
    assert desk.post(f"{home}/items", data={"project": project.ref, "title": "", "organisation": ""}).status_code == 303
    assert desk.post(f"{home}/items", data={"project": "XM-0000-000"}).status_code == 409
    assert project.title in desk.get(home).text
    assert desk.post(f"{home}/announce").status_code == 303
    assert project.title in client_as(None).get(f"/events/{ref}").text
    assert desk.get(f"{home}/edit").status_code == 200
    assert desk.post(f"{home}/edit", data=form | {"place": "三楼"}).status_code == 303
    for page in ("people", "sign-in-sheet", "poster", "files", "interests", "minutes", "cancel"):
        assert desk.get(f"{home}/{page}").status_code == 200, page
    assert desk.post(f"{home}/cancel", data={"reason": ""}).status_code == 422
    assert desk.post(f"{home}/cancel", data={"reason": "会场检修。"}).status_code == 303
    assert "会场检修" in client_as(None).get(f"/events/{ref}").text


def test_a_presenter_confirms_and_brings_slides_that_only_the_room_may_read(app, client_as):
    made = scene.roadshow()
    service.move(made.staff, made.event, "announce")
    item = next(p for p in made.items if p.organisation_id == made.owners[0].organisation_id)
    owner = client_as(made.owners[0])
    url = f"/my/presentations/{item.code}"
    assert "请确认会来陈述" in owner.get(url).text
    assert client_as(made.owners[1]).get(url).status_code == 404
    assert owner.post(url, data={"deed": "confirm"}).status_code == 303
    slides = {"deed": "upload", "files": (io.BytesIO(b"%PDF-1.4 slides"), "方案.pdf")}
    assert owner.post(url, data=slides, content_type="multipart/form-data").status_code == 303
    file = attachments.of(item, "event_slides")[0]
    readers = (made.owners[0], made.staff, made.centre, made.judges[0])
    strangers = (None, made.owners[1], make.org_admin(), make.user(Role.REVIEWER), make.user(Role.FOUNDATION))
    assert all(attachments.can_fetch(reader, file) for reader in readers)
    assert not any(attachments.can_fetch(stranger, file) for stranger in strangers)
    assert "活动和路演" in owner.get("/my/events").text
    assert item.title in owner.get("/my/events").text


def test_photos_are_public_with_the_minutes_and_internal_files_never(app, client_as):
    staff, event = make.staff(), make.event(EventState.ENDED, minutes="")
    with pytest.raises(Exception, match="照片里的人同意公开"):
        recording.keep_files(staff, event, "event_photo", [PAGE])
    recording.keep_files(staff, event, "event_photo", [PAGE], consent=True)
    recording.keep_files(staff, event, "event_public", [PAGE])
    recording.keep_files(staff, event, "event_staff", [PAGE])
    photo, public, inside = (attachments.of(event, p)[0] for p in ("event_photo", "event_public", "event_staff"))
    assert [attachments.can_fetch(None, file) for file in (photo, public, inside)] == [False, True, False]
    recording.publish_minutes(staff, event, "顺利举行。", {})
    assert [attachments.can_fetch(None, file) for file in (photo, public, inside)] == [True, True, False]
    assert attachments.can_fetch(staff, inside)
    page = client_as(None).get(f"/events/{event.ref}").text
    assert "顺利举行" in page
    assert f"/files/{photo.code}" in page


def test_calendar_files_and_the_feed_can_be_read(app, client_as):
    from icalendar import Calendar

    event = make.event(title="秋季推介会")
    cancelled = make.event(EventState.CANCELLED, title="取消的会")
    make.event(EventState.PLANNED, title="还没公布的会")
    visitor = client_as(None)
    one = Calendar.from_ical(visitor.get(f"/events/{event.ref}/calendar.ics").data)
    written = one.walk("VEVENT")[0]
    assert str(written["summary"]) == "秋季推介会"
    assert written["dtstart"].dt.replace(tzinfo=None) == event.starts_at
    feed = Calendar.from_ical(visitor.get("/feeds/events.ics").data).walk("VEVENT")
    assert {str(entry["summary"]): str(entry["status"]) for entry in feed} == {
        "秋季推介会": "CONFIRMED", cancelled.title: "CANCELLED",
    }  # fmt: skip
    atom = visitor.get("/feeds/events.atom")
    assert atom.mimetype == "application/atom+xml"
    assert "秋季推介会" in atom.text
    assert "还没公布的会" not in atom.text


def test_the_organisations_page_tells_what_it_presented(app, client_as):
    organisation = make.organisation()
    make.presentation(make.event(EventState.PUBLISHED, title="秋季推介会"), organisation=organisation, title="加梯计划")
    page = client_as(None).get(f"/orgs/{organisation.ref}").text
    assert "推介 1 次" in page
    assert "秋季推介会" in page


def test_what_waits_is_on_the_desk_of_host_presenter_and_judge(app, client_as, later):
    made = scene.roadshow(starts_at=clock.now() + timedelta(hours=1))
    assert "公布活动" in client_as(made.staff).get("/workbench").text
    service.move(made.staff, made.event, "announce")
    assert "路演抽签" in client_as(made.centre).get("/workbench").text
    assert "确认参加陈述" in client_as(made.owners[0]).get("/workbench").text
    assert "路演现场打分" in client_as(made.judges[0]).get("/workbench").text
    ended = make.event(EventState.ENDED)
    assert "发布活动纪要" in client_as(made.staff).get("/workbench").text
    assert ended.title in client_as(made.staff).get("/workbench").text


@pytest.mark.parametrize("rows", [2, 12])
def test_a_list_costs_the_same_however_long_it_is(app, client_as, rows):
    for _n in range(rows):
        make.presentation(make.event())
    statements: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda _c, _cur, text, *_m: statements.append(text))
    visitor, desk = client_as(None), client_as(make.staff())
    for client, path, most in ((visitor, "/events", 3), (desk, "/staff/events", 14)):
        assert client.get(path).status_code == 200  # the first one reads the reference data
        statements.clear()
        assert client.get(path).status_code == 200
        asked = [one for one in statements if one.lstrip().upper().startswith("SELECT")]
        assert len(asked) <= most, asked


def test_results_of_a_roadshow_cost_the_same_with_two_presentations_and_with_ten(app, client_as, statements):
    visitor, counted = client_as(None), {}
    for applicants in (2, 10):
        made = scene.running(applicants=applicants)
        made.event.state, made.event.published_at = EventState.PUBLISHED, clock.now()
        made.need.state = NeedState.NOTICE
        made.round.result = {"applications": [{"id": e.id, "stages": {"roadshow": {"mean": "81.50"}}}
                                              for e in made.entries]}  # fmt: skip
        db.session.commit()
        visitor.get(f"/events/{made.event.ref}")  # the first one reads the reference data
        statements()
        page = visitor.get(f"/events/{made.event.ref}").text
        counted[page.count("评委平均 81.5 分")] = len(statements())
    assert counted == {2: 7, 10: 7}


def test_the_seats_are_shown_and_a_full_event_offers_the_waiting_list(app, client_as):
    event = make.event(capacity=1)
    signing.sign_up(event, scene.resident_of(event))
    page = client_as(None).get(f"/events/{event.ref}").text
    assert "座位已满" in page
    assert "我要报名" in page
