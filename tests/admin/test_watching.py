"""Ledger, health and the page of who may do what."""

from __future__ import annotations

import re

import pytest

from matchhub.core import clock, ledger, outbox
from matchhub.core.access import table
from matchhub.core.db import command, db
from matchhub.core.ledger import LedgerEntry, Verdict
from matchhub.domain import lifecycle
from matchhub.domain.models import OutboxRow, Setting
from matchhub.domain.roles import Role
from matchhub.features.admin import settings as rules
from tests import factories as make


@pytest.fixture
def admin(app):
    return make.user(Role.SYSADMIN, name="毕云舟")


@pytest.fixture
def auditor(app):
    return make.user(Role.AUDITOR, name="严正清")


@pytest.fixture
def written(admin):
    """Three deeds of two people on two days."""
    staff = make.staff(name="于清和")
    org = make.organisation(ref="JG-2026-901")

    @command
    def note() -> None:
        lifecycle.record(staff, org, "set_standing", {"fields": ["credit_note"]})

    rules.change(admin, "notice_days", {"notice_days": "7"}, "5")
    note()
    return org


def rows(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<th scope="row" class="mh-num" data-label="序号">(\d+)</th>', page)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1]), ("?kind=setting", [1]), ("?kind=organisation", [2]), ("?subject=JG-2026-901", [2]),
        ("?subject=setting:notice_days", [1]), ("?who=于清和", [2]), ("?first=2026-09-15&last=2026-09-15", [2, 1]),
        ("?first=2026-09-16", []), ("?last=2026-09-14", []), ("?kind=%25", []), ("?kind=set", []),
    ],
)  # fmt: skip
def test_the_ledger_is_browsed_with_filters(app, auditor, written, client_as, query, found):
    assert rows(client_as(auditor).get(f"/admin/ledger{query}").text) == found


def test_a_wrong_day_in_the_filter_is_told(app, auditor, written, client_as):
    assert "请按“年-月-日”填写日期" in client_as(auditor).get("/admin/ledger?first=lately").text


def test_deeds_are_told_in_words(app, auditor, written, client_as):
    page = client_as(auditor).get("/admin/ledger").text
    assert "修改设置" in page
    assert "登记信用、年检等情况" in page
    assert "old" in page


def test_not_even_the_ledger_tells_who_applied_before_the_deadline(app, auditor, admin, client_as, later):
    application = make.application(organisation=make.organisation(name="投标的机构"), need=make.need())
    applicant = make.org_admin(application.organisation, name="投标人")

    @command
    def apply() -> None:
        lifecycle.record(applicant, application, "save", {})

    apply()
    for watcher in (auditor, admin):
        page = client_as(watcher).get("/admin/ledger").text
        assert rows(page) == []
        assert application.ref not in page
        assert "投标人" not in page
        assert rows(client_as(watcher).get(f"/admin/ledger?subject={application.ref}").text) == []
    later(days=11)
    assert rows(client_as(auditor).get("/admin/ledger").text) == []
    make.opened(application.need)
    assert rows(client_as(auditor).get("/admin/ledger").text) == [1]


def test_the_whole_chain_is_verified_at_a_press(app, auditor, written, client_as):
    assert "还没有核验过" in client_as(auditor).get("/admin/ledger").text
    head = db.session.query(LedgerEntry).order_by(LedgerEntry.seq.desc()).first().hash
    page = client_as(auditor).post("/admin/ledger/verify", follow_redirects=True).text
    assert "上次核验：2 行全部吻合" in page
    assert head in page
    row = db.session.query(LedgerEntry).filter_by(deed="ledger.verify").one()
    assert (row.actor_id, row.details["broken_at"]) == (auditor.id, None)


def test_a_broken_chain_is_shouted(app, auditor, written, client_as, monkeypatch):
    monkeypatch.setattr(ledger, "verify", lambda: Verdict(1, "x", 2))
    page = client_as(auditor).post("/admin/ledger/verify", follow_redirects=True).text
    assert "第 2 行对不上" in page


@pytest.fixture
def stuck(app):
    """Two rows of the outbox: one given up, one waiting."""

    @command
    def put() -> None:
        for tries in (outbox.TRIES, 0):
            now = clock.now()
            db.session.add(
                OutboxRow(
                    kind="mail", payload={}, created_at=now, due_at=now, tries=tries, error="SMTPServerDisconnected"
                )
            )

    put()
    return db.session.query(OutboxRow).filter_by(tries=outbox.TRIES).one().id


def test_what_could_not_be_delivered_is_tried_again(app, admin, stuck, client_as):
    client = client_as(admin)
    page = client.get("/admin/health").text
    assert "SMTPServerDisconnected" in page
    assert client.post(f"/admin/health/outbox/{stuck}/retry").status_code == 303
    db.session.expire_all()
    row = db.session.get(OutboxRow, stuck)
    assert (row.tries, row.error, row.due_at) == (0, None, clock.now())
    assert db.session.query(LedgerEntry).filter_by(deed="outbox.retry", subject=f"outbox:{stuck}").count() == 1
    assert client.post(f"/admin/health/outbox/{stuck}/retry").status_code == 409


def test_the_auditor_looks_and_touches_nothing(app, auditor, stuck, client_as):
    client = client_as(auditor)
    assert client.get("/admin/ledger").status_code == 200
    page = client.get("/admin/health")
    assert page.status_code == 200
    assert "重发" not in page.text.replace("可以重发", "")
    assert client.post(f"/admin/health/outbox/{stuck}/retry").status_code == 403
    assert db.session.get(OutboxRow, stuck).tries == outbox.TRIES


def test_health_names_what_the_footer_lacks(app, admin, client_as):
    page = client_as(admin).get("/admin/health").text
    assert "还有 3 项没有填" in page
    assert "ICP 备案号" in page
    for key in ("site_icp", "site_police", "site_code"):
        assert db.session.get(Setting, key).value == ""
        rules.change(admin, key, {key: "沪 ICP 备 00000000 号"}, "")
    page = client_as(admin).get("/admin/health").text
    assert "网站信息还没填齐" not in page


def test_a_missing_trigger_is_told(app, admin, client_as, monkeypatch):
    from matchhub.features.admin import health

    assert "齐全" in client_as(admin).get("/admin/health").text
    monkeypatch.setattr(health.guards, "missing", lambda _connection: ["ledger_fixed_update"])
    assert "缺少：ledger_fixed_update" in client_as(admin).get("/admin/health").text


def test_the_page_of_roles_is_made_from_the_marks(app, admin, client_as):
    page = client_as(admin).get("/admin/roles").text
    for _method, rule, _who in table(app):
        assert rule.replace("<", "&lt;").replace(">", "&gt;") in page, rule


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.SYSADMIN, Role.AUDITOR)])
def test_nobody_else_watches(app, role, client_as):
    client = client_as(make.user(role))
    for address in ("/admin/ledger", "/admin/health"):
        assert client.get(address).status_code == 403
    assert client.post("/admin/ledger/verify").status_code == 403
