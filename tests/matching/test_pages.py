"""The street sees whom a need fits and why; inviting decides nothing, is kept as it was, and betrays nothing sealed."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import coding
from matchhub.domain.models import (
    ApplicationState,
    Invitation,
    InvitationAnswer,
    MatchRun,
    Message,
    NeedState,
    OrganisationState,
    ProjectState,
    Role,
)
from matchhub.features.matching import service
from matchhub.features.matching.chance import fair_chance
from tests import factories as make


def fitting(name, need, **over):
    """An organisation with the codes of a need."""
    organisation = make.organisation(name=name, **over)
    for kind, codes in coding.codes_of(need).items():
        coding.set_codes(organisation, kind, codes)
    db.session.commit()
    return organisation


@pytest.fixture
def lift(app):
    need = make.need(title="老楼加装电梯征询")
    coding.set_codes(need, "field", ["elder"])
    coding.set_codes(need, "target_group", ["alone"])
    db.session.commit()
    return need


def test_the_page_ranks_and_says_why(lift, client_as):
    good, other = fitting("电梯协商社", lift, intro="陪老楼征询加装电梯"), make.organisation(name="书画社")
    page = client_as(make.staff()).get(f"/staff/needs/{lift.ref}/matches")
    text = page.get_data(as_text=True)
    assert text.index(good.name) < text.index(other.name)
    assert "这是建议，不是决定" in text
    assert "领域相符" in text and "还没有在本街道做过项目，加扶持分" in text


def test_only_who_may_apply_is_ranked(lift):
    make.organisation(OrganisationState.SUSPENDED, name="停用的机构")
    make.organisation(name="某基金会", type="foundation")
    good = make.organisation(name="可申报的机构")
    assert [match.candidate.key for match in service.ranked(lift)] == [good.id]


def test_an_invitation_keeps_the_ranking_and_tells_the_organisation_once(lift, client_as):
    first, second = fitting("第一家", lift), fitting("第二家", lift)
    boss = make.org_admin(first)
    staff = client_as(make.staff())
    sent = {"organisations": [first.ref, second.ref], "note": "请看看"}
    for _ in range(2):
        assert staff.post(f"/staff/needs/{lift.ref}/matches", data=sent).status_code == 303
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Invitation)) == 2
    told = db.session.scalars(sa.select(Message.event).where(Message.user_id == boss.id)).all()
    assert told == ["need.invite"]
    run = db.session.scalars(sa.select(MatchRun).order_by(MatchRun.id)).first()
    assert sum(Decimal(weight) for weight in run.weights.values()) == 100
    kept = staff.get(f"/staff/needs/{lift.ref}/matches/{run.id}").get_data(as_text=True)
    assert "权重和各项得分都按当时存档" in kept and first.name in kept


def test_a_kept_ranking_never_changes(lift):
    organisation = make.organisation()
    run = service.invite(make.staff(), lift, [organisation.id])
    with pytest.raises(sa.exc.DBAPIError, match="never changes"):
        db.session.execute(sa.update(MatchRun).where(MatchRun.id == run.id).values(rows=[]))
    db.session.rollback()


def test_nobody_is_invited_to_a_need_that_is_not_open(client_as):
    draft, organisation = make.need(NeedState.DRAFT), make.organisation()
    page = client_as(make.staff()).post(f"/staff/needs/{draft.ref}/matches", data={"organisations": [organisation.ref]})
    assert page.status_code == 422
    assert "只有征集中的需求可以邀请机构" in page.get_data(as_text=True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MatchRun)) == 0


def test_inviting_nobody_says_what_to_do(lift, client_as):
    make.organisation()
    page = client_as(make.staff()).post(f"/staff/needs/{lift.ref}/matches", data={"note": "写了很久的附言"})
    assert page.status_code == 422
    assert "请至少勾选一家机构" in page.get_data(as_text=True)
    assert "写了很久的附言" in page.get_data(as_text=True)


def test_what_came_of_an_invitation_stays_unknown_until_the_applications_are_opened(lift, client_as, later):
    organisation, staff = make.organisation(name="受邀机构"), make.staff()
    service.invite(staff, lift, [organisation.id])
    make.application(ApplicationState.SUBMITTED, need=lift, organisation=organisation)
    address = f"/staff/needs/{lift.ref}/matches"
    assert "截止开启前不显示" in client_as(staff).get(address).get_data(as_text=True)
    assert "已提交" not in client_as(staff).get(address).get_data(as_text=True)


def test_an_organisation_sees_what_fits_it_and_answers(lift, client_as):
    organisation = fitting("受邀机构", lift)
    boss = make.org_admin(organisation)
    service.invite(make.staff(), lift, [organisation.id], "请看看这条")
    mine = client_as(boss)
    page = mine.get("/my/matches").get_data(as_text=True)
    assert lift.title in page and "请看看这条" in page
    declined = mine.post(f"/my/matches/{lift.ref}/answer", data={"answer": "declined", "reason": ""})
    assert declined.status_code == 422 and "请写一句不申报的原因" in declined.get_data(as_text=True)
    assert mine.post(f"/my/matches/{lift.ref}/answer", data={"answer": "interested"}).status_code == 303
    assert db.session.scalars(sa.select(Invitation)).one().answer is InvitationAnswer.INTERESTED


def test_who_was_not_invited_cannot_answer(lift, client_as):
    page = client_as(make.org_admin()).post(f"/my/matches/{lift.ref}/answer", data={"answer": "interested"})
    assert "没有收到这条需求的邀请" in page.get_data(as_text=True)


def test_an_organisation_never_sees_anothers_place(lift, client_as):
    other = fitting("别的机构", lift)
    service.invite(make.staff(), lift, [other.id])
    assert other.name not in client_as(make.org_admin()).get("/my/matches").get_data(as_text=True)


def test_the_fair_chance_page_warns_when_three_hold_most_of_the_money(app, client_as):
    for amount in (9_000_000, 5_000_000, 4_000_000, 1_000_000):
        make.project(ProjectState.ACTIVE, amount_fen=amount)
    found = fair_chance(clock.now().replace(year=2000))
    assert found.top_percent == Decimal("94.7")
    assert found.is_narrow
    assert "资金集中在少数机构" in client_as(make.user(Role.AUDITOR)).get("/staff/matching/chance").get_data(
        as_text=True
    )


def test_the_fair_chance_page_counts_nothing_that_is_sealed(lift):
    organisation = make.organisation()
    make.application(ApplicationState.SUBMITTED, need=lift, organisation=organisation)
    found = fair_chance(clock.now().replace(year=2000))
    assert all(group.applied == 0 for _side, groups in found.sides for group in groups)
