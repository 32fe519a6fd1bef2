"""Law 5: a page offers its viewer's moves and no others; a refused move changes nothing and says why."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import command, db
from matchhub.core.errors import Refused
from matchhub.domain import lifecycle, paths, policy
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import Grant, Need, NeedState, Role, User
from matchhub.domain.parties import Party, parties
from tests import factories as make
from tests.laws import cast
from tests.laws.demo_site import sign_in

SIDES = {
    paths.MY: {Party.OWNER},
    paths.STAFF: {Party.OFFICE, Party.APPROVER, Party.CENTRE},
    paths.JUDGE: {Party.REVIEWER, Party.SUPERVISOR, Party.INSPECTOR, Party.JUDGE},
}
KINDS = [kind for kind in LIVES if kind in policy.RULES]
PER_STATE = 2
PEOPLE = 4


def examples(kind):
    """A few records of each state of the demonstration."""
    for state in LIVES[kind].states:
        yield from db.session.scalars(
            sa.select(kind).where(kind.state == state).order_by(kind.id.desc()).limit(PER_STATE)
        )


def people_beside(row):
    """Accounts of every role that stand on some side of the record."""
    found: dict[tuple[str, frozenset[Party]], User] = {}
    for user in db.session.scalars(sa.select(User).join(Grant, Grant.user_id == User.id).where(User.active)).unique():
        mine = parties(user, row)
        for side, wanted in SIDES.items():
            if mine & wanted and (paths.kind_of(row), side) in paths.PATHS:
                found.setdefault((side, mine), user)
    return [(side, user) for (side, _mine), user in found.items()][:PEOPLE]


def offered(html: str) -> set[str]:
    """The words on the buttons of the moves that a page shows."""
    blocks = re.findall(r'<ul class="mh-moves">.*?</ul>', html, flags=re.S)
    return {
        re.sub(r"<[^>]+>", "", word).strip()
        for block in blocks
        for word in re.findall(r'<(?:button|a)[^>]*class="mh-btn[^>]*>(.*?)</(?:button|a)>', block, flags=re.S)
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_page_offers_its_viewers_moves_and_no_others(demo_app, kind):
    opened = 0
    labels = {move.label for move in LIVES[kind].moves if move.label}
    for row in list(examples(kind)):
        for side, user in people_beside(row):
            path = paths.path(row, side)
            answer = sign_in(demo_app, user).get(path)
            if answer.status_code != 200:
                continue
            opened += 1
            mine = {offer.move.label for offer in lifecycle.moves_for(row, user)}
            shown = offered(answer.get_data(as_text=True)) & labels
            assert shown <= mine, f"{path} offers {shown - mine} to {user.role_words}"
    assert opened


@command
def _try(row, action, user):
    lifecycle.advance(row, action, user)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_refused_move_changes_nothing_and_says_why(app, kind):
    """Every move from every state, by somebody who is no party at all."""
    stranger = make.user(Role.FOUNDATION)
    for state in LIVES[kind].states:
        row = cast.subject(kind, state)
        for action in dict.fromkeys(move.action for move in LIVES[kind].moves):
            before = (ledger.head(), row.version)
            db.session.rollback()
            with pytest.raises(Refused) as refused:
                _try(row, action, stranger)
            assert str(refused.value).endswith("。")
            db.session.expire_all()
            assert (ledger.head(), row.version, row.state) == (*before, state)
            db.session.rollback()


def test_a_reason_stands_beside_a_greyed_out_button(app, client_as):
    need = make.need(NeedState.DRAFT, summary="")
    html = client_as(make.staff()).get(f"/staff/needs/{need.ref}").get_data(as_text=True)
    why = lifecycle.refusal(need, "submit", make.staff(), clock.now())
    assert "一句话概要" in str(why)
    assert str(why) in html
    assert db.session.get(Need, need.id).state is NeedState.DRAFT
