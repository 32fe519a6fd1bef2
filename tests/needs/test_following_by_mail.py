"""Following a need by e-mail: only with its owner's word, left by one click, and forgotten at the end."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core import mail, outbox
from matchhub.core.db import db
from matchhub.core.errors import Missing, NotNow
from matchhub.domain import subscribing
from matchhub.domain.models import NeedFollow
from matchhub.domain.throttle import TooMany
from matchhub.features.needs import follow, service
from tests import factories as make
from tests.needs.followed import HERE, confirmed, path_in


def leave_path(payload) -> str:
    return payload["leave"]


# --- by e-mail --------------------------------------------------------------------------------------------------------


def test_an_address_follows_once_its_owner_has_confirmed(app, client_as, mails, later):
    need, staff, visitor = make.need(), make.staff(), client_as(None)
    answer = visitor.post(f"/needs/{need.ref}/follow", data={"way": "mail", "email": " Qian@Example.ORG "})
    assert answer.status_code == 303
    [letter] = mails()
    assert letter["to"] == "qian@example.org" and need.title in letter["subject"]
    service.draft_answer(staff, service.ask(make.org_admin(), need, "在哪里？"), "在源园。")
    assert follow.mail_news() == 0
    page = visitor.get(path_in(letter))
    assert page.status_code == 200 and "确认关注" in page.text
    assert db.session.scalars(sa.select(NeedFollow)).one().confirmed_at is None
    assert visitor.post(path_in(letter)).status_code == 303
    assert follow.mail_news() == 0
    service.publish_answers(staff, need)
    assert follow.mail_news() == 1 and follow.mail_news() == 0
    news = mails()[-1]
    assert "公布了一批答复" in news["subject"] and "1 条问题有了答复" in news["text"]
    assert f"https://site.example{leave_path(news)}" in news["text"]
    later(days=11)
    assert follow.mail_news() == 1
    assert "征集已经截止" in mails()[-1]["subject"]


def test_what_was_missed_comes_in_one_mail(app, mails, later):
    need, staff = make.need(), make.staff()
    confirmed(need, mails)
    for text in ("一", "二"):
        service.draft_answer(staff, service.ask(make.org_admin(), need, f"{text}问"), "答。")
        service.publish_answers(staff, need)
        later(minutes=1)
    later(days=11)
    before = len(mails())
    assert follow.mail_news() == 1
    assert len(mails()) == before + 1
    assert mails()[-1]["text"].count("公布了一批答复") == 2 and "征集已经截止" in mails()[-1]["text"]


def test_nobody_learns_from_this_page_who_follows_what(app, client_as, mails):
    """The same answer for an address that follows, one that waits and one that is new."""
    need = make.need()
    confirmed(need, mails, "known@example.org")
    follow.ask_by_mail(need, "waiting@example.org", HERE)
    sent = len(mails())
    answers = []
    for email in ("known@example.org", "waiting@example.org", "new@example.org"):
        client = client_as(None)
        answer = client.post(f"/needs/{need.ref}/follow", data={"way": "mail", "email": email})
        answers.append((answer.status_code, answer.location, client.get(answer.location).text.count("确认邮件")))
    assert len(set(answers)) == 1
    assert len(mails()) == sent + 1


def test_nobody_fills_another_ones_mailbox_from_here(app, mails, later):
    needs = [make.need() for _ in range(5)]
    for need in needs:
        follow.ask_by_mail(need, "victim@example.org", HERE)
    assert len(mails()) == subscribing.REQUESTS_A_DAY
    with pytest.raises(TooMany):
        for n in range(subscribing.MAILS_PER_ADDRESS):
            follow.ask_by_mail(needs[0], f"x{n}@example.org", HERE)


def test_an_address_that_nobody_confirms_is_deleted_after_three_days(app, mails, later):
    need = make.need()
    follow.ask_by_mail(need, "qian@example.org", HERE)
    token = path_in(mails()[-1]).rsplit("/", 1)[1]
    later(days=3, seconds=1)
    with pytest.raises(NotNow, match="链接已经失效"):
        follow.confirm(token)
    follow.mail_news()
    assert db.session.scalar(sa.select(sa.func.count(NeedFollow.id))) == 0


def test_one_post_leaves_and_the_address_is_gone(app, client_as, mails):
    """Also straight from a mail program, which has no form and no cookie; doing it twice is no error."""
    need, staff = make.need(), make.staff()
    confirmed(need, mails)
    service.draft_answer(staff, service.ask(make.org_admin(), need, "在哪里？"), "在源园。")
    service.publish_answers(staff, need)
    follow.mail_news()
    letter = mails()[-1]
    assert letter["leave"].startswith("/follow/leave/")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = client_as(None)
        assert "退订" in client.get(letter["leave"]).text
        done = client.post(letter["leave"], data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200 and "已退订" in done.text
        assert client.post(letter["leave"]).status_code == 200
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert db.session.scalar(sa.select(sa.func.count(NeedFollow.id))) == 0
    assert "qian@example.org" not in str([payload for payload in mails() if payload["leave"]])
    assert "已退订" in client_as(None).get(letter["leave"]).text


def test_the_mail_carries_the_headers_by_which_programs_leave(app, mails):
    message = mail._mail(
        {"to": "a@example.org", "subject": "x", "text": "y", "path": "", "leave": "/follow/leave/1-x.y"}
    )
    assert message["List-Unsubscribe"] == "<https://site.example/follow/leave/1-x.y>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "path", ["/follow/leave/1-abc.def", "/follow/confirm/1-abc.def", "/follow/leave/x", "/follow/confirm/."]
)
def test_a_made_up_link_does_nothing(app, client_as, mails, path):
    confirmed(make.need(), mails)
    assert client_as(None).get(path).status_code == 404
    assert client_as(None).post(path).status_code == 404
    assert db.session.scalar(sa.select(sa.func.count(NeedFollow.id))) == 1


def test_a_link_serves_its_own_purpose_and_its_own_row(app, mails):
    need = make.need()
    follow.ask_by_mail(need, "qian@example.org", HERE)
    token = path_in(mails()[-1]).rsplit("/", 1)[1]
    with pytest.raises(Missing):
        follow.leave(token)
    db.session.execute(sa.delete(NeedFollow))
    db.session.commit()
    later_row = follow._new(need, email="other@example.org")
    db.session.commit()
    assert follow.BY_MAIL.of_token(follow.BY_MAIL.confirm, token) is None
    assert later_row.confirmed_at is None


def test_with_the_end_of_a_need_its_addresses_are_deleted(app, mails):
    need, staff = make.need(), make.staff()
    confirmed(need, mails)
    service.withdraw(staff, need, None, "重复发布。")
    assert follow.mail_news() == 1
    letter = mails()[-1]
    assert "最后一封邮件" in letter["text"] and letter["leave"] == ""
    assert db.session.scalar(sa.select(sa.func.count(NeedFollow.id))) == 0


def test_without_a_mail_server_only_codes_are_offered(app, client_as):
    need = make.need()
    assert "用邮箱关注" not in client_as(None).get(f"/needs/{need.ref}/follow").text
    with pytest.raises(NotNow, match="没有开通邮件"):
        follow.ask_by_mail(need, "qian@example.org", HERE)


def test_a_wrong_address_says_how_to_write_it(app, client_as, mails):
    need = make.need()
    answer = client_as(None).post(f"/needs/{need.ref}/follow", data={"way": "mail", "email": "钱居民"})
    assert answer.status_code == 422 and "例如 zhang@example.org" in answer.text and "钱居民" in answer.text


def test_one_dead_address_does_not_send_the_others_again(app, mails, monkeypatch):
    import smtplib

    reached = []

    class Server:
        def __init__(self, *_args, **_more):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            return None

        def send_message(self, message):
            if "dead" in str(message["To"]):
                raise smtplib.SMTPRecipientsRefused({})
            reached.append(str(message["To"]))

    monkeypatch.setattr(smtplib, "SMTP", Server)
    need = make.need()
    for name in ("a", "dead", "b"):
        follow.ask_by_mail(need, f"{name}@example.org", f"203.0.113.{len(name)}")
    outbox.drain()
    assert reached == ["a@example.org", "b@example.org"]
    assert mails() == []
