"""A saved search: its feed and its mails carry what a visitor finds, each hit once, and an address leaves no trace."""

from __future__ import annotations

import shutil
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from matchhub.core import clock, mail
from matchhub.core.db import db
from matchhub.core.errors import NotNow, Refused
from matchhub.domain import subscribing
from matchhub.domain.models import FollowedSearch, LedgerEntry, NeedState, OutboxRow
from matchhub.domain.throttle import TooMany
from matchhub.features.needs import follow
from matchhub.features.site import saved
from matchhub.search import site
from tests import factories as make
from tests.site.test_feeds import ATOM, entries

HERE = "203.0.113.7"
LIFT = "q=%E5%8A%A0%E6%A2%AF"
SEARCH = f"/search/follow?{LIFT}"


@pytest.fixture
def mails(app):
    """This site sends mail; what waits in the outbox."""
    mail.configure("127.0.0.1:1", "noreply@example.org", "https://site.example")
    yield waiting
    mail.configure("", "noreply@example.org", "")


def waiting():
    found = sa.select(OutboxRow).where(OutboxRow.kind == "mail").order_by(OutboxRow.id)
    return [row.payload for row in db.session.scalars(found)]


@pytest.fixture(params=["whoosh", "database"])
def engine(request, app, index, monkeypatch):
    """Both engines; bring rows into the one that is asked."""
    monkeypatch.setattr(site, "_engine", [request.param])
    site.reindex()
    mail_rows = sa.delete(OutboxRow).where(OutboxRow.kind == "index")

    def bring(*rows):
        site.reindex()
        db.session.execute(mail_rows)
        db.session.commit()
        return rows

    return bring


def token_of(payload) -> str:
    return payload["path"].rsplit("/", 1)[1]


def confirmed(asked=LIFT, email="qian@example.org") -> FollowedSearch:
    saved.ask_by_mail(asked, email, HERE)
    return saved.confirm(token_of(waiting()[-1]))


def count() -> int:
    return db.session.scalar(sa.select(sa.func.count(FollowedSearch.id)))


# --- the feed ---------------------------------------------------------------------------------------------------------


def test_the_feed_of_a_search_carries_what_a_visitor_finds(engine, client_as):
    engine(
        make.need(title="加装电梯 <征询> & “协商”"),
        make.notice(title="停车公示"),
        make.need(NeedState.DRAFT, title="加装电梯的草稿"),
    )
    assert list(entries(client_as(None), "/feeds/search.atom?q=加梯")) == ["加装电梯 <征询> & “协商”"]
    assert list(entries(client_as(make.staff()), "/feeds/search.atom?q=加梯")) == ["加装电梯 <征询> & “协商”"]
    assert list(entries(client_as(None), "/feeds/search.atom?q=加梯&kind=notice")) == []
    assert len(entries(client_as(None), "/feeds/search.atom?kind=need&kind=notice")) == 2


def test_two_searches_are_two_feeds_with_the_newest_first(index, client_as, later):
    first = make.need(title="停车甲", published_at=clock.now() - timedelta(days=3))
    index(first, make.need(title="停车乙"))
    feeds = [client_as(None).get(f"/feeds/search.atom?q={word}").text for word in ("停车", "停车甲")]
    assert feeds[0].index("停车乙") < feeds[0].index("停车甲")
    names = [ElementTree.fromstring(text.encode()).find(f"{ATOM}id").text for text in feeds]
    assert names[0].endswith("/feeds/search.atom?q=%E5%81%9C%E8%BD%A6") and names[1] != names[0]


def test_the_page_of_a_search_names_its_feed_and_leads_to_its_mails(index, page):
    index(make.need(title="加装电梯"))
    text = page("/search?kind=need&q=加梯&sort=date&page=1&field=nonsense")
    assert f'type="application/atom+xml" href="/feeds/search.atom?{LIFT}&amp;kind=need"' in text
    assert f'href="/search/follow?{LIFT}&amp;kind=need"' in text
    assert "/search/follow" not in page("/search")


def test_without_an_index_the_feed_says_nothing_rather_than_something_else(app, client_as):
    shutil.rmtree(app.config["INSTANCE"] / "index", ignore_errors=True)
    make.need(title="加装电梯")
    assert client_as(None).get("/feeds/search.atom?q=加梯").status_code == 503


# --- by e-mail --------------------------------------------------------------------------------------------------------


def test_an_address_hears_of_new_hits_once_a_day_and_of_each_once(engine, client_as, mails, later):
    engine(make.need(title="加装电梯，早就在了"))
    visitor = client_as(None)
    answer = visitor.post(SEARCH, data={"email": " Qian@Example.ORG "})
    assert answer.status_code == 303 and answer.location == f"/search?{LIFT}"
    [letter] = mails()
    assert letter["to"] == "qian@example.org" and "“加梯”" in letter["subject"]
    page = visitor.get(letter["path"])
    assert "确认关注" in page.text and "“加梯”" in page.text and page.headers["Cache-Control"] == "no-store"
    assert db.session.scalars(sa.select(FollowedSearch)).one().confirmed_at is None
    later(days=1)
    assert saved.mail_hits() == 0, "nothing before it is confirmed"
    assert visitor.post(letter["path"]).status_code == 303
    new = make.need(title="加装电梯，新来的")
    engine(new, make.notice(title="停车，别的事"), make.need(NeedState.DRAFT, title="加装电梯，草稿"))
    assert saved.mail_hits() == 0, "the next morning has not come"
    later(days=1)
    assert saved.mail_hits() == 1 and saved.mail_hits() == 0
    news = mails()[-1]
    assert news["subject"] == "1 条新结果：“加梯”"
    assert "加装电梯，新来的" in news["text"] and f"https://site.example/needs/{new.ref}" in news["text"]
    assert not any(word in news["text"] for word in ("早就在了", "别的事", "草稿"))
    assert f"https://site.example{news['leave']}" in news["text"]
    later(days=1)
    assert saved.mail_hits() == 0
    engine(make.need(title="加装电梯，第三条"))
    later(hours=1)
    assert saved.mail_hits() == 0, "one mail a day at most"
    later(days=1)
    assert saved.mail_hits() == 1
    assert "第三条" in mails()[-1]["text"] and "新来的" not in mails()[-1]["text"]


def test_what_was_withdrawn_before_the_mail_is_not_told(engine, mails, later):
    engine()
    confirmed()
    need = make.need(title="加装电梯")
    engine(need)
    need.state = NeedState.DRAFT
    db.session.commit()
    later(days=1)
    assert saved.mail_hits() == 0
    need.state = NeedState.OPEN
    db.session.commit()
    engine(need)
    later(days=1)
    assert saved.mail_hits() == 1


def test_more_than_one_mail_holds_comes_with_the_next(index, mails, later, monkeypatch):
    monkeypatch.setattr(saved, "MOST", 2)
    confirmed()
    index(*(make.need(title=f"加装电梯 {n}") for n in range(3)))
    told = []
    for _ in range(3):
        later(days=1)
        told.append(saved.mail_hits())
    assert told == [1, 1, 0]
    assert [letter["text"].count("需求：加装电梯") for letter in mails() if letter["leave"]] == [2, 1]


def test_while_the_index_cannot_be_asked_nothing_is_told_and_nothing_lost(app, index, mails, later):
    follow_ = confirmed()
    index(make.need(title="加装电梯"))
    later(days=1)
    shutil.rmtree(app.config["INSTANCE"] / "index")
    assert saved.mail_hits() == 0
    site.reindex()
    later(minutes=10)
    assert saved.mail_hits() == 1
    shutil.rmtree(app.config["INSTANCE"] / "index")
    other = confirmed(email="sun@example.org")
    assert other.known is None
    site.reindex()
    later(days=1)
    assert saved.mail_hits() == 0, "what was there at the beginning is not news"
    assert db.session.get_one(FollowedSearch, other.id).known == follow_.known


def test_one_post_leaves_and_the_address_is_gone(app, index, client_as, mails, later):
    confirmed()
    index(make.need(title="加装电梯"))
    later(days=1)
    saved.mail_hits()
    leave = mails()[-1]["leave"]
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = client_as(None)
        page = client.get(leave)
        assert "退订" in page.text and "“加梯”" in page.text and count() == 1
        done = client.post(leave, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200 and "已退订" in done.text
        assert client.post(leave).status_code == 200
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert count() == 0
    assert "qian@example.org" not in str(mails())
    assert "已退订" in client_as(None).get(leave).text


def test_an_address_that_nobody_confirms_is_deleted_after_three_days(app, client_as, mails, later):
    saved.ask_by_mail(LIFT, "qian@example.org", HERE)
    letter = mails()[-1]
    later(days=3, seconds=1)
    with pytest.raises(NotNow, match="链接已经失效"):
        saved.confirm(token_of(letter))
    assert saved.mail_hits() == 0
    assert count() == 0 and mails() == []
    assert "这个链接已经失效" in client_as(None).get(letter["path"]).text


def test_nobody_learns_from_this_page_who_follows_what(app, index, client_as, mails):
    confirmed(email="known@example.org")
    saved.ask_by_mail(LIFT, "waiting@example.org", HERE)
    sent, answers = len(mails()), []
    for email in ("known@example.org", "waiting@example.org", "new@example.org"):
        client = client_as(None)
        answer = client.post(SEARCH, data={"email": email})
        answers.append((answer.status_code, answer.location, client.get(answer.location).text.count("确认邮件")))
    assert len(set(answers)) == 1
    assert len(mails()) == sent + 1


def test_nobody_fills_another_ones_mailbox_with_searches_and_needs_together(app, mails):
    for word in ("a", "b"):
        saved.ask_by_mail(f"q={word}", "victim@example.org", HERE)
    for need in (make.need(), make.need()):
        follow.ask_by_mail(need, "victim@example.org", HERE)
    assert len(mails()) == subscribing.REQUESTS_A_DAY
    with pytest.raises(TooMany):
        for n in range(subscribing.MAILS_PER_ADDRESS):
            saved.ask_by_mail(LIFT, f"x{n}@example.org", HERE)


def test_too_many_requests_are_answered_as_such_with_what_was_typed(app, client_as, mails, monkeypatch):
    monkeypatch.setattr(subscribing, "MAILS_PER_ADDRESS", 1)
    visitor = client_as(None)
    assert visitor.post(SEARCH, data={"email": "a@example.org"}).status_code == 303
    answer = visitor.post(SEARCH, data={"email": "b@example.org"})
    assert answer.status_code == 429 and "尝试次数太多" in answer.text and "b@example.org" in answer.text


def test_a_search_for_nothing_cannot_be_followed(app, client_as, mails):
    answer = client_as(None).get("/search/follow?sort=date&field=nonsense")
    assert answer.status_code == 303 and answer.location == "/search"
    with pytest.raises(Refused, match="先输入要找的词"):
        saved.ask_by_mail("", "qian@example.org", HERE)


def test_without_a_mail_server_only_the_feed_is_offered(app, client_as):
    text = client_as(None).get(SEARCH).text
    assert "用邮箱订阅" not in text and f"/feeds/search.atom?{LIFT}" in text
    answer = client_as(None).post(SEARCH, data={"email": "qian@example.org"})
    assert answer.status_code == 409
    with pytest.raises(NotNow, match="没有开通邮件"):
        saved.ask_by_mail(LIFT, "qian@example.org", HERE)


def test_a_wrong_address_says_how_to_write_it(app, client_as, mails):
    answer = client_as(None).post(SEARCH, data={"email": "钱居民"})
    assert answer.status_code == 422 and "例如 zhang@example.org" in answer.text and "钱居民" in answer.text


@pytest.mark.parametrize("path", ["/search/follow/leave/1-abc.def", "/search/follow/confirm/1-abc.def"])
def test_a_made_up_link_does_nothing(app, client_as, mails, path):
    confirmed()
    assert client_as(None).get(path).status_code == 404
    assert client_as(None).post(path).status_code == 404
    assert count() == 1


def test_a_link_of_a_need_leaves_no_search(app, client_as, mails):
    row = confirmed()
    token = follow.BY_MAIL.token(follow.BY_MAIL.leave, row)
    assert client_as(None).post(f"/search/follow/leave/{token}").status_code == 404
    assert count() == 1


def test_nothing_of_it_is_on_record(app, index, mails, later):
    before = db.session.scalar(sa.select(sa.func.count(LedgerEntry.seq)))
    row = confirmed()
    saved.leave(saved.BY_MAIL.token(saved.BY_MAIL.leave, row))
    assert db.session.scalar(sa.select(sa.func.count(LedgerEntry.seq))) == before
