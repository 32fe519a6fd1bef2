"""At night the index is compared with the database, repaired, and the administrator can read what was found."""

from __future__ import annotations

import pytest

from matchhub.domain.models import Role
from matchhub.search import nightly, site
from tests import factories as make

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(autouse=True)
def never_compared(app):
    (app.config["INSTANCE"] / nightly.FILE).unlink(missing_ok=True)
    yield
    (app.config["INSTANCE"] / nightly.FILE).unlink(missing_ok=True)


def test_it_waits_for_the_night_and_then_compares_once(app, later, monkeypatch):
    calls = []
    real = site.reconcile
    monkeypatch.setattr(site, "reconcile", lambda: (calls.append(1), real())[1])
    nightly.at_night()
    assert calls == []
    later(hours=17.5)  # half past three in Shanghai
    nightly.at_night()
    nightly.at_night()
    assert calls == [1]
    later(days=1)
    nightly.at_night()
    assert calls == [1, 1]


def test_what_differed_is_repaired_logged_and_shown(app, later, client_as, caplog):
    need = make.need(title="社区花园共建")  # nobody has told the index
    later(hours=17.5)
    nightly.at_night()
    assert [result.ref for result in site.search(None, "花园").results] == [need.ref]
    assert f"missing need:{need.id}" in caplog.text
    last = nightly.last()
    assert last is not None
    assert (last.missing, last.stale, last.extra) == (1, 0, 0)
    assert "修复 1 处" in client_as(make.user(Role.SYSADMIN)).get("/admin/health").text


def test_a_night_without_difference_says_so(app, later, client_as):
    assert "还没有核对过" in client_as(make.user(Role.SYSADMIN)).get("/admin/health").text
    later(hours=17.5)
    nightly.at_night()
    assert "没有差异" in client_as(make.user(Role.SYSADMIN)).get("/admin/health").text
