"""How people are told: their own choices, what is told in any case, and one mail a day."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core import clock, mail, outbox
from matchhub.core.db import command, db
from matchhub.domain import messages, reminding, telling
from matchhub.domain.models import DigestLine, Message, Role, User
from matchhub.domain.telling import Way
from tests import factories as make

NOTHING = Way(on_site=False, by_mail=False)


@pytest.fixture(autouse=True)
def mails_on(app, monkeypatch):
    monkeypatch.setitem(mail._settings, "server", "localhost:25")


@command
def send(event: str, *users: User, title: str = "社区花园", note: str = "") -> None:
    messages.send(event, users, title, "/x", note)


@command
def choose(user: User, ways: dict[str, Way], daily: bool = False) -> None:
    telling.choose(user, ways, daily)


def mails(user: User) -> list[dict]:
    db.session.rollback()
    rows = db.session.scalars(
        sa.select(outbox.OutboxRow).where(outbox.OutboxRow.kind == "mail").order_by(outbox.OutboxRow.id)
    )
    return [row.payload for row in rows if row.payload["to"] == user.email]


def on_site(user: User) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id).order_by(Message.id)))


def test_without_a_choice_staff_get_message_and_mail_at_once():
    staff = make.staff()
    send("report.submit", staff)
    assert on_site(staff) == ["report.submit"] and len(mails(staff)) == 1


@pytest.mark.parametrize(
    ("way", "told", "mailed"), [(Way(True, False), 1, 0), (Way(False, True), 0, 1), (NOTHING, 0, 0), (Way(), 1, 1)]
)
def test_each_event_can_be_switched_for_each_person_and_each_way(way, told, mailed):
    one, other = make.staff(), make.staff()
    choose(one, {"report.submit": way})
    send("report.submit", one, other)
    send("report.accept", one)
    assert (len(on_site(one)) - 1, len(mails(one)) - 1) == (told, mailed)
    assert (len(on_site(other)), len(mails(other))) == (1, 1)


@pytest.mark.parametrize("event", sorted(telling.FIXED))
def test_what_runs_against_somebody_or_decides_about_them_cannot_be_switched_off(event):
    admin = make.org_admin()
    choose(admin, {event: NOTHING}, daily=True)
    send(event, admin)
    assert on_site(admin) == [event] and len(mails(admin)) == 1


def test_organisations_get_one_mail_a_day_and_urgent_ones_at_once():
    admin = make.org_admin()
    send("need.published_match", admin)
    send("application.closes_in_6h", admin)
    assert on_site(admin) == ["need.published_match", "application.closes_in_6h"]
    assert [payload["subject"] for payload in mails(admin)] == [
        f"{messages.EVENTS['application.closes_in_6h']}：社区花园"
    ]
    choose(admin, {}, daily=False)
    send("need.published_match", admin)
    assert len(mails(admin)) == 2


def test_the_daily_mail_leaves_in_the_morning_once_with_all_that_came_before(later):
    admin = make.org_admin()  # Tuesday, 10:00
    send("need.published_match", admin, title="花园")
    later(hours=1)
    send("report.accept", admin, title="加梯", note="写得清楚")
    send("need.answer", admin, title="花园")
    later(hours=20, minutes=59)  # Wednesday, 7:59
    reminding.tick()
    assert mails(admin) == []
    later(minutes=1)
    reminding.tick()
    reminding.tick()
    assert len(mails(admin)) == 1
    text = mails(admin)[0]["text"]
    assert mails(admin)[0]["subject"] == "您有 3 条新消息"
    assert text.index("花园") < text.index("加梯"), "what was newest comes first"
    assert text.index("您关注的需求有新的答复") < text.index("有新需求可能适合贵机构")
    assert text.count("花园") == 1 and "（写得清楚）" in text


def test_what_comes_after_eight_waits_for_tomorrow(later):
    admin = make.org_admin()
    later(hours=22)  # Wednesday, 8:00
    send("report.accept", admin)
    later(seconds=1)
    send("need.answer", admin)
    reminding.tick()
    assert [payload["subject"] for payload in mails(admin)] == ["您有 1 条新消息"], (
        "8:00 itself belongs to the day before"
    )
    later(days=1)
    reminding.tick()
    assert len(mails(admin)) == 2


def test_a_missed_morning_is_made_up_for_and_no_line_is_lost_at_the_end_of_a_week(later):
    admin = make.org_admin()
    for _day in range(7):
        send("report.accept", admin)
        later(days=1)
    reminding.tick()
    assert [payload["subject"] for payload in mails(admin)] == ["您有 7 条新消息"]
    assert telling.waiting(clock.now()) is False
    for _day in range(3):
        send("report.accept", admin)
        later(days=1)
        reminding.tick()
    assert len(mails(admin)) == 4


def test_whoever_left_gets_no_daily_mail_and_sent_lines_do_not_pile_up(later):
    admin = make.org_admin()
    send("report.accept", admin)
    admin.active = False
    db.session.commit()
    later(days=1)
    reminding.tick()
    assert mails(admin) == []
    later(days=40)
    other = make.org_admin()
    send("report.accept", other)
    later(days=1)
    reminding.tick()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DigestLine)) == 1


def test_without_a_mail_server_nothing_is_gathered(monkeypatch):
    monkeypatch.setitem(mail._settings, "server", "")
    admin = make.org_admin()
    send("report.accept", admin)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DigestLine)) == 0


@pytest.mark.parametrize("event", sorted(messages.EVENTS))
def test_every_event_is_for_somebody_and_has_its_topic(event):
    assert telling.audience(event)
    assert telling.TOPICS.get(event.partition(".")[0]), event


def test_what_is_fixed_and_urgent_exists():
    assert set(messages.EVENTS) >= telling.AT_ONCE


def test_the_page_shows_ones_own_events_and_keeps_the_choice(client_as):
    admin = make.org_admin()
    mine = client_as(admin)
    page = mine.get("/my/notifications").text
    assert messages.EVENTS["report.accept"] in page and "必须告知" in page
    assert messages.EVENTS["review_round.propose"] not in page, "that is for the street"
    assert 'value="application.reject"' not in page, "nothing to switch off"
    answer = mine.post("/my/notifications", data={"rhythm": "now", "on_site": ["report.accept"], "by_mail": []})
    assert answer.status_code == 303
    db.session.rollback()
    chosen = telling.choices_of(admin)
    assert chosen["report.accept"] == Way(True, False) and chosen["report.return"] == NOTHING
    assert not telling.gets_one_a_day(admin) and not set(chosen) & telling.FIXED
    page = mine.get("/my/notifications").text
    assert 'name="on_site" value="report.accept" aria-describedby="e-report-accept" checked' in page
    assert "请选择邮件怎样发" in mine.post("/my/notifications", data={"rhythm": ""}).text


def test_each_role_has_its_page(client_as):
    for role in Role:
        assert client_as(make.user(role)).get("/my/notifications").status_code == 200
    assert client_as(None).get("/my/notifications").status_code == 302


def test_a_message_costs_one_statement_for_the_choices_of_all():
    people = [make.staff() for _n in range(6)]
    asked: list[str] = []
    listener = lambda _c, _k, sql, *_rest: asked.append(sql)  # noqa: E731
    sa.event.listen(db.engine, "before_cursor_execute", listener)
    telling.ways("report.submit", people)
    sa.event.remove(db.engine, "before_cursor_execute", listener)
    assert sum("message_choice" in sql for sql in asked) == 1
