"""A residents' committee raises a need and hears what became of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core.db import command, db
from matchhub.domain import coding, lifecycle
from matchhub.domain.models import Message, Need, NeedState, Role
from matchhub.domain.parties import Party, parties, people
from matchhub.features.needs import service
from tests import factories as make

FORM = {"title": "三号楼加梯谈不拢", "section_code": "zzb", "background": "一楼担心采光。", "communities": "yuanyuan",
        "fields": "lift", "contact_name": "杜春蕾", "contact_phone": "19932109611"}  # fmt: skip


@pytest.fixture
def committee(app):
    return make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan", name="杜春蕾")


@command
def match(need, actor):
    lifecycle.advance(need, "match", actor)


def told(user) -> list[str]:
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id)))


def test_a_need_is_raised_by_page_and_reaches_the_section(client_as, committee):
    staff, other = make.staff(), make.staff(section_code="fgb")
    page = client_as(committee).get("/needs/raise").text
    assert 'value="yuanyuan" checked' in page
    assert client_as(committee).post("/needs/raise", data=FORM).status_code == 303
    need = db.session.scalars(sa.select(Need)).one()
    assert (need.state, need.source, need.drafted_by_id) == (NeedState.DRAFT, "neighbourhood", committee.id)
    assert coding.codes_of(need)["community"] == ["yuanyuan"]
    assert told(staff) == ["need.raise"] and told(other) == []
    assert "居民区上报：杜春蕾" in client_as(staff).get(f"/staff/needs/{need.ref}").text
    assert "科室核对中" in client_as(committee).get("/my/needs").text


def test_what_is_missing_is_said_and_nothing_typed_is_lost(client_as, committee):
    answer = client_as(committee).post("/needs/raise", data=FORM | {"title": "", "communities": []})
    assert answer.status_code == 422
    assert (
        "请用一句话写下需求" in answer.text and "请至少勾选一个社区" in answer.text and "一楼担心采光。" in answer.text
    )


def test_the_raiser_reads_the_draft_and_nobody_else_outside_does(client_as, committee):
    need = service.raise_need(committee, {"title": "三号楼", "section_code": "zzb", "communities": ["yuanyuan"]})
    page = client_as(committee).get(f"/needs/{need.ref}")
    assert page.status_code == 200 and "还没有发布" in page.text
    neighbour = make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan")
    for user in (None, neighbour, make.org_admin()):
        assert client_as(user).get(f"/needs/{need.ref}").status_code == 404
    assert client_as(committee).get(f"/staff/needs/{need.ref}").status_code == 403
    assert client_as(make.staff()).get(f"/needs/{need.ref}").location == f"/staff/needs/{need.ref}"


def test_only_the_raiser_and_the_communities_concerned_are_told(app, committee):
    elsewhere = make.user(Role.NEIGHBOURHOOD, community_code="guiyang")
    neighbour = make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan")
    raiser = make.user(Role.NEIGHBOURHOOD, community_code="lanling")
    need = make.need(NeedState.NOTICE, drafted_by_id=raiser.id)
    assert {user.id for user in people(need, Party.NEIGHBOURHOOD)} == {raiser.id, neighbour.id, committee.id}
    assert Party.NEIGHBOURHOOD not in parties(elsewhere, need)
    project = make.project(need=make.need(NeedState.MATCHED, drafted_by_id=raiser.id))
    assert Party.NEIGHBOURHOOD in parties(raiser, project)
    assert Party.NEIGHBOURHOOD not in parties(elsewhere, project)
    approver = make.approver()
    match(need, approver)
    assert told(raiser) == ["need.match"] and told(elsewhere) == []


def test_raising_is_for_residents_committees(client_as, app):
    for user in (make.staff(), make.org_admin(), make.user(Role.SUPERVISOR)):
        assert client_as(user).get("/needs/raise").status_code == 403
        assert client_as(user).get("/my/needs").status_code == 403


def test_my_needs_are_my_own(client_as, committee):
    other = make.user(Role.NEIGHBOURHOOD, community_code="guiyang")
    service.raise_need(other, {"title": "别人的事", "section_code": "zzb"})
    page = client_as(committee).get("/my/needs").text
    assert "别人的事" not in page and "还没有上报过需求" in page


def test_a_raised_need_that_is_not_taken_up_ends_with_a_reason_that_its_raiser_reads(client_as, committee):
    need = service.raise_need(committee, {"title": "三号楼", "section_code": "zzb", "communities": ["yuanyuan"]})
    neighbour = make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan")
    staff = make.staff()
    desk = client_as(staff)
    assert f"/staff/needs/{need.ref}/decline" in desk.get(f"/staff/needs/{need.ref}").text
    empty = desk.post(f"/staff/needs/{need.ref}/decline", data={"reason": ""})
    assert empty.status_code == 422 and need.state is NeedState.DRAFT
    done = desk.post(f"/staff/needs/{need.ref}/decline", data={"reason": "房管部门已经立项，今年统一加装。"})
    assert done.status_code == 303
    need = db.session.get(Need, need.id)
    assert need.state is NeedState.DECLINED
    assert told(committee) == ["need.decline"] and told(neighbour) == []
    message = db.session.scalars(sa.select(Message).where(Message.event == "need.decline")).one()
    assert message.note == "房管部门已经立项，今年统一加装。" and message.url == f"/needs/{need.ref}"
    page = client_as(committee).get(message.url).text
    assert "这条需求没有采纳" in page and "房管部门已经立项" in page
    assert "房管部门已经立项" in client_as(committee).get("/my/needs").text
    for user in (None, neighbour, make.org_admin()):
        assert client_as(user).get(f"/needs/{need.ref}").status_code == 404
    assert need.title not in client_as(None).get("/needs").text
    shown = desk.get(f"/staff/needs/{need.ref}").text
    assert "未采纳" in shown and "如果今天发布" not in shown


@pytest.mark.parametrize("state", [state for state in NeedState if state is not NeedState.DRAFT])
def test_only_a_draft_can_be_declined(client_as, state):
    need = make.need(state)
    answer = client_as(make.staff()).post(f"/staff/needs/{need.ref}/decline", data={"reason": "不办"})
    assert answer.status_code == 409
    assert db.session.get(Need, need.id).state is state


def test_another_section_cannot_decline_and_a_declined_need_can_be_copied(client_as, committee):
    need = service.raise_need(committee, {"title": "三号楼", "section_code": "zzb", "communities": ["yuanyuan"]})
    stranger = make.staff(section_code="fgb")
    assert client_as(stranger).post(f"/staff/needs/{need.ref}/decline", data={"reason": "x"}).status_code == 404
    staff = make.staff()
    service.decline(staff, need, None, "今年没有经费。")
    again = service.copy(staff, need)
    assert (again.title, again.state, again.related_need_id) == ("三号楼", NeedState.DRAFT, need.id)
    assert again.public_reason == ""
