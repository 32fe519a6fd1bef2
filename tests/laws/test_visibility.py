"""Law 6: a record's page and every list agree on who may know of it: every account × every state."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain import policy
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import Role
from matchhub.domain.parties import Party
from tests import factories as make
from tests.laws import cast

KINDS = [kind for kind in LIVES if kind in policy.RULES]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_lists_and_pages_agree(app, kind):
    rows = [cast.subject(kind, state) for state in LIVES[kind].states]
    people = [None, *(make.user(role) for role in Role)]
    people += [cast.member(party, row) for row in rows for party in Party]
    inactive = make.staff(active=False)
    for user in [*people, inactive]:
        listed = set(db.session.scalars(sa.select(kind.id).where(policy.visible(user, kind))))
        seen = {row.id for row in rows if policy.can_see(user, row)}
        assert listed & {row.id for row in rows} == seen, user and (user.role_codes, user.active)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_with_a_page_has_its_rule(app, kind):
    assert callable(policy.RULES[kind][0])
    assert callable(policy.RULES[kind][1])
