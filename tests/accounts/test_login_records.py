"""The privacy page promises how long the record of a login is kept."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import outbox
from matchhub.core.db import db
from matchhub.domain import logins
from matchhub.domain.models import LoginSession, Role
from matchhub.features.admin import service
from tests import factories as make


def kept() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(LoginSession)) or 0


def test_the_record_of_a_login_is_deleted_after_thirty_days(client_as, later):
    client_as(make.staff())
    later(days=30)
    logins.tidy()
    assert kept() == 1
    later(seconds=1)
    logins.tidy()
    assert kept() == 0


def test_closing_an_account_deletes_its_logins_at_once_and_nobody_elses(client_as):
    admin, leaving, staying = make.user(Role.SYSADMIN), make.staff(), make.staff()
    client_as(leaving)
    client_as(staying)
    service.set_active(admin, leaving, False)
    assert kept() == 1


def test_the_site_tidies_by_itself(app):
    assert logins.tidy in [chore for _seconds, chore in outbox._chores]


def test_the_privacy_page_says_the_same(client_as):
    page = client_as(None).get("/privacy").text
    assert f"登录记录保存 {logins.KEPT_FOR.days} 天" in page and "账号停用时立即删除" in page
