"""A tie (回避) found in a list is the tie found for one record: the WHERE clause and the predicate agree."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import ties
from matchhub.domain.models import JointProject, Organisation, Recusal, Role, User
from tests import factories as make


@pytest.fixture
def organisation(app) -> Organisation:
    return make.organisation(name="曹杨睦邻社会工作服务社", legal_representative="方静", board=["钱伯%钧", "江_一苇"])


def judge(**over) -> User:
    return make.user(Role.REVIEWER, **over)


def agree(person: User, organisation: Organisation, *, supervising: bool = False) -> bool:
    """Whether the person is free, by both ways, which must say the same."""
    other = make.organisation(legal_representative="别人")
    clause = ties.free(person, Organisation.id, supervising=supervising)
    listed = set(db.session.scalars(sa.select(Organisation.id).where(clause)))
    free = not ties.bars(person, organisation, supervising=supervising)
    assert (organisation.id in listed) is free
    assert other.id in listed
    return free


def test_who_has_no_tie_is_free(organisation):
    assert agree(judge(), organisation)


@pytest.mark.parametrize(
    "over",
    [{"employer": "曹杨睦邻社会工作服务社"}, {"name": "方静"}, {"name": "钱伯%钧"}, {"name": "江_一苇"}],
    ids=["employer", "legal representative", "board", "board with a wildcard"],
)
def test_what_the_records_show_bars(organisation, over):
    assert not agree(judge(**over), organisation)


@pytest.mark.parametrize("name", ["钱", "伯%钧", "江X一苇", "一苇"])
def test_a_part_of_a_name_on_the_board_is_another_person(organisation, name):
    assert agree(judge(name=name), organisation)


def test_ones_own_organisation_bars(organisation):
    assert not agree(judge(organisation=organisation), organisation)


def test_a_joint_project_bars_within_the_window_only(organisation):
    person = judge()
    row = make.add(
        JointProject(user_id=person.id, organisation_id=organisation.id, title="旧项目", until=clock.today())
    )
    assert not agree(person, organisation)
    row.until = clock.today() - timedelta(days=40 * 31)
    db.session.commit()
    assert agree(person, organisation)


def test_a_declared_tie_bars_until_it_ends(organisation):
    person = judge()
    row = make.add(Recusal(user_id=person.id, organisation_id=organisation.id, kind="kinship"))
    assert not agree(person, organisation)
    row.ended_at = clock.now()
    db.session.commit()
    assert agree(person, organisation)


def test_supervising_is_a_tie_for_reviewing_and_none_for_supervising(organisation):
    person = judge()
    make.add(Recusal(user_id=person.id, organisation_id=organisation.id, kind=ties.SUPERVISION, detected=True))
    assert not agree(person, organisation)
    assert agree(person, organisation, supervising=True)
