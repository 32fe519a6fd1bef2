"""Support: a project asks, the street confirms; who knows what of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import attachments, todo
from matchhub.domain.models import Attachment, PledgeState, ProjectState, Role, SupportKind, SupportLine, SupportState
from matchhub.features.support import service
from tests import factories as make
from tests.support.asked import PAPER, told

FORM = {"kind": "money", "title": "给独居老人装门磁", "amount": "20000", "hours": "", "details": "", "budget_row": "",
        "why": "门磁不在政府资金范围内。", "until": "2026-10-31"}  # fmt: skip


def the_line() -> SupportLine:
    return db.session.scalars(sa.select(SupportLine).order_by(SupportLine.id.desc())).first()


# Asking


def test_an_organisation_asks_by_page_and_the_street_confirms(client_as, admin, project, staff, giver):
    mine = client_as(admin)
    assert "提出一项" in mine.get(f"/my/projects/{project.ref}").text
    answer = mine.post(f"/my/projects/{project.ref}/support/new", data=FORM)
    line = the_line()
    assert answer.location == f"/support/{line.ref}" and line.quantity == 2_000_000
    assert client_as(None).get(f"/support/{line.ref}").status_code == 404, "nobody sees it before the street confirms"
    assert client_as(giver).get(f"/support/{line.ref}").status_code == 404
    assert told(staff) == ["support_line.propose"]
    assert [one.kind for one in todo.gather(staff) if one.subject_ref == line.ref] == ["确认寻求支持"]
    answer = client_as(staff).post(f"/support/{line.ref}/confirm", data={"version": line.version})
    assert answer.status_code == 303
    page = client_as(None).get("/support").text
    assert "给独居老人装门磁" in page and "20,000 元" in page
    assert line.ref in client_as(None).get(f"/projects/{project.ref}").text
    assert told(giver) == ["support_line.confirm"] and "support_line.confirm" in told(admin)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": ""}, "请写一句话"),
        ({"amount": ""}, "请填写金额或估值"),
        ({"kind": "expertise", "hours": ""}, "请填写小时数"),
        ({"kind": "goods"}, "请写明要什么、多少"),
        ({"until": "2026-09-15"}, "要晚于今天"),
        ({"until": "2029-01-01"}, "不能晚于项目结束日期"),
        ({"budget_row": "1", "amount": "30001"}, "还可以寻求 30,000 元"),
        ({"why": ""}, "请写明为什么需要"),
    ],
)
def test_what_is_wrong_is_said_and_kept(client_as, admin, project, typed, sentence):
    project.ends_on = clock.today() + timedelta(days=200)
    db.session.commit()
    answer = client_as(admin).post(f"/my/projects/{project.ref}/support/new", data=FORM | typed)
    assert answer.status_code == 422 and sentence in answer.text
    assert typed.get("why") == "" or "门磁不在政府资金范围内。" in answer.text
    assert the_line() is None


def test_a_line_that_is_sent_back_is_changed_and_handed_in_again(client_as, admin, project, staff):
    line = make.support_line(SupportState.PROPOSED, project=project)
    desk, url = client_as(staff), f"/support/{line.ref}/reason?action=send_back"
    assert "请写明理由" in desk.post(url, data={"reason": ""}).text
    assert desk.post(url, data={"reason": "请写清数量。", "version": line.version}).status_code == 303
    mine = client_as(admin)
    assert "请写清数量。" in mine.get(f"/support/{line.ref}/edit").text
    db.session.expire_all()
    changed = FORM | {"title": "给 40 户装门磁", "version": line.version}
    assert mine.post(f"/support/{line.ref}/edit", data=changed).status_code == 303
    db.session.expire_all()
    assert (line.state, line.title) == (SupportState.PROPOSED, "给 40 户装门磁")


@pytest.mark.parametrize("state", [ProjectState.CLOSING, ProjectState.CLOSED, ProjectState.TERMINATED])
def test_what_is_over_asks_for_nothing(admin, staff, state):
    project = make.project(state, organisation=admin.organisation)
    values = {"kind": SupportKind.MONEY, "title": "门磁", "quantity": 100, "details": "", "budget_row": None,
              "why": "缺", "until": clock.today() + timedelta(days=5)}  # fmt: skip
    with pytest.raises(NotNow, match="不能再寻求支持"):
        service.propose(admin, project, values)
    line = make.support_line(SupportState.PROPOSED, project=project)
    with pytest.raises(NotNow, match="不能再寻求支持"):
        service.confirm(staff, line)


def test_only_the_organisation_asks_and_only_its_section_confirms(client_as, admin, project):
    stranger = make.org_admin()
    assert client_as(stranger).post(f"/my/projects/{project.ref}/support/new", data=FORM).status_code == 404
    line = make.support_line(SupportState.PROPOSED, project=project)
    for user in (admin, make.user(Role.CENTRE_STAFF), make.giver()):
        assert client_as(user).post(f"/support/{line.ref}/confirm").status_code == 403
    other = make.staff(section_code="pab")
    assert client_as(other).post(f"/support/{line.ref}/confirm").status_code == 404
    assert db.session.get(SupportLine, line.id).state is SupportState.PROPOSED


# Who knows


def test_a_pledge_is_known_to_its_foundation_the_organisation_and_the_street(client_as, line, giver, admin):
    one = make.pledge(PledgeState.RECEIVED, line, by=giver)
    service.use(admin, one, clock.today(), 100, "门磁", [PAPER])
    file = db.session.scalars(sa.select(Attachment).where(Attachment.subject_kind == "pledge_entry")).one()
    for user in (giver, admin, make.staff(), make.user(Role.AUDITOR)):
        assert client_as(user).get(f"/pledges/{one.ref}").status_code == 200
        assert attachments.can_fetch(user, file)
    for user in (make.giver(), make.org_admin()):
        assert client_as(user).get(f"/pledges/{one.ref}").status_code == 404
        assert not attachments.can_fetch(user, file)
    assert client_as(None).get(f"/pledges/{one.ref}").status_code == 302
    assert not attachments.can_fetch(None, file)
    public = client_as(None).get(f"/support/{line.ref}").text
    assert one.ref not in public and giver.organisation.name not in public and "10,000 元" in public


def test_another_foundation_can_do_nothing_with_a_pledge(client_as, line, giver):
    one = make.pledge(line=line, by=giver)
    other = make.giver()
    assert client_as(other).post(f"/pledges/{one.ref}/reason?action=withdraw", data={"reason": "x"}).status_code == 404
    with pytest.raises(NotYours):
        service.end_pledge(other, one, "withdraw", "替别人撤")
    with pytest.raises(NotYours):
        service.end_pledge(giver, one, "decline", "自己谢绝自己")


def test_a_page_costs_the_same_for_one_line_and_for_many(app, client_as, project):
    from tests.needs.test_public import statements

    make.pledge(PledgeState.USED, make.support_line(project=project))
    client = client_as(None)
    client.get("/support")  # reads the settings as well
    few = statements(app, lambda: client.get("/support"))
    for _n in range(4):
        make.pledge(PledgeState.USED, make.support_line(project=make.project()))
    assert statements(app, lambda: client.get("/support")) == few


def test_what_never_arrived_is_explained_too(line, giver, admin):
    one = service.pledge(giver, line, 900_000)
    service.accept(admin, one)
    service.receive(admin, one, clock.today(), 200_000, "首笔")
    service.use(admin, one, clock.today(), 200_000, "门磁 10 个", [PAPER])
    with pytest.raises(NotNow, match="还有 7,000 元没有到账"):
        service.report(admin, one, "10 户都装好了。")
    service.report(admin, one, "10 户都装好了。", "基金会年内不再拨付，双方已说好。")
    assert one.state is PledgeState.REPORTED
