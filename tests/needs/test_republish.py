"""A failed call (流标): its reason is public, and one button publishes it anew as a draft that is linked to it."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain.models import Need, NeedState
from tests import factories as make


def test_one_button_makes_a_linked_draft(app, client_as):
    failed = make.need(
        NeedState.FAILED, title="夜校", ref="XQ-2025-900", public_reason="只有一家申报且未通过。", ended_at=clock.now()
    )
    staff = make.staff(section_code=failed.section_code)
    client = client_as(staff)
    assert "重新发布" in client.get(f"/staff/needs/{failed.ref}").text
    answer = client.post(f"/staff/needs/{failed.ref}/copy")
    made = db.session.scalar(sa.select(Need).where(Need.related_need_id == failed.id))
    assert answer.headers["Location"] == f"/staff/needs/{made.ref}/edit"
    assert (made.title, made.state, made.public_reason) == ("夜校", NeedState.DRAFT, "")


def test_the_failed_need_tells_why_and_leads_to_the_new_call_once_it_is_public(app, client_as):
    failed = make.need(NeedState.FAILED, title="夜校", public_reason="只有一家申报且未通过。", ended_at=clock.now())
    draft = make.need(NeedState.DRAFT, title="夜校（再次征集）", related_need_id=failed.id)
    page = client_as(None).get(f"/needs/{failed.ref}").text
    assert "只有一家申报且未通过。" in page
    assert draft.ref not in page
    again = make.need(NeedState.OPEN, title="夜校（第二次征集）", related_need_id=failed.id)
    page = client_as(None).get(f"/needs/{failed.ref}").text
    assert "重新发布为" in page
    assert f'href="/needs/{again.ref}"' in page
    assert f'href="/needs/{failed.ref}"' in client_as(None).get(f"/needs/{again.ref}").text


def test_only_a_failed_need_is_offered_this_way(app, client_as):
    open_need = make.need(NeedState.OPEN)
    assert (
        "重新发布"
        not in client_as(make.staff(section_code=open_need.section_code)).get(f"/staff/needs/{open_need.ref}").text
    )
