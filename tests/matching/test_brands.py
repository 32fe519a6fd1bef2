"""A project that an organisation presents: the needs and communities that it would fit, by what the project is about."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock, ids
from matchhub.core.db import db
from matchhub.domain import coding
from matchhub.domain.models import EventKind, EventState, NeedState, OrganisationState, Presentation, Project
from matchhub.matching import brands
from tests import factories as make


@pytest.fixture
def lift(app):
    need = make.need(title="老楼加装电梯征询", background="陪六层楼的楼组征询加装电梯的意愿")
    _code(need)
    return need


def _code(row):
    for kind, codes in {"field": ["lift"], "target_group": ["older"], "community": ["yuanyuan"]}.items():
        coding.set_codes(row, kind, codes)
    db.session.commit()


@pytest.fixture
def organisation(app):
    found = make.organisation(name="加梯陪伴社", brand_project="老楼加装电梯陪伴计划", intro="陪楼组征询加装电梯的意愿")
    _code(found)
    return found


def test_a_brand_on_the_card_finds_open_needs_and_communities_with_reasons(lift, organisation):
    past = make.need(NeedState.MATCHED, title="加装电梯协商")
    _code(past)
    draft = make.need(NeedState.DRAFT, title="加装电梯的草稿")
    _code(draft)
    garden = make.need(
        title="社区花园养护", background="一起种花", summary="种花", requirements="每周浇水", essential=[], preferred=[]
    )
    for kind, codes in {"field": ["garden"], "target_group": [], "community": ["lanling"]}.items():
        coding.set_codes(garden, kind, codes)
    db.session.commit()
    [found] = brands.fits(organisation)
    assert [fit.need.id for fit in found.needs] == [lift.id]
    assert [(row.code, n) for row, n in found.communities] == [("yuanyuan", 2)]
    assert found.most == 75
    said = " ".join(sentence for *_rest, sentence in found.needs[0].parts)
    assert "领域相符" in said and "这个项目" in said
    assert "目前在做" not in said and "中性分" not in said


def test_what_is_presented_at_a_promotion_session_counts_too_each_title_once(lift, organisation):
    event = make.event(EventState.OPEN, kind=EventKind.PROMOTION, starts_at=clock.now() + timedelta(days=3))
    for title, gone in (("楼组协商训练营", None), ("撤回的项目", clock.now()), (organisation.brand_project, None)):
        make.add(Presentation(event_id=event.id, code=ids.public_code(10), title=title, organisation_id=organisation.id,
                              withdrawn_at=gone))  # fmt: skip
    titles = [found.title for found in brands.of(organisation)]
    assert titles == [organisation.brand_project, "楼组协商训练营"]


def test_who_presents_nothing_or_may_not_apply_has_none(lift, organisation):
    assert brands.fits(make.organisation(brand_project="")) == []
    organisation.state = OrganisationState.SUSPENDED
    db.session.commit()
    assert brands.fits(organisation) == []


def test_the_organisation_and_the_street_see_it_on_their_pages(lift, organisation, client_as):
    assert db.session.scalar(sa.select(sa.func.count(Project.id))) == 0
    mine = client_as(make.org_admin(organisation)).get("/my/matches").text
    theirs = client_as(make.staff()).get(f"/staff/orgs/{organisation.ref}/fits").text
    for page in (mine, theirs):
        assert "品牌项目可以去哪里" in page and organisation.brand_project in page and lift.title in page
