"""An upheld objection walked by page from the visitor to the need that is decided anew."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.models import (
    ApplicationState,
    NeedState,
    NoticeState,
    Objection,
    ObjectionState,
    RoundState,
)
from tests import factories as make


def test_an_upheld_objection_sends_the_award_back_to_the_decision(client_as, later):
    staff = make.staff()
    need = make.need(NeedState.NOTICE)
    application = make.application(ApplicationState.PROPOSED, need=need)
    round_ = make.round_(RoundState.DECIDED, need=need)
    notice = make.notice(need_id=need.id, organisation_id=application.organisation_id)
    form = {"name": "钱居民", "contact": "19911112222", "reason": "去年没做完。", "agreed": "y"}
    followed = client_as(None).post(f"/notices/{notice.ref}/object", data=form).location
    objection = db.session.scalars(sa.select(Objection)).one()
    desk, url = client_as(staff), f"/staff/objections/{objection.ref}"
    assert desk.post(f"{url}/accept", data={"version": objection.version}).status_code == 303
    assert "核查" in client_as(None).get(followed).text
    answer = {"findings": "查了台账", "answer": "反映属实。", "upheld": "yes", "public_reason": "反映属实，重新研究。"}
    assert desk.post(f"{url}/answer?action=answer", data=answer).status_code == 303
    later(days=8)
    desk, end = client_as(staff), f"/staff/notices/{notice.ref}/conclude"
    assert "退回重新研究，结果另行公示" in desk.get(end).text
    assert desk.post(end, data={"outcome": "异议成立，退回重新研究。", "upheld": "yes"}).status_code == 303
    db.session.expire_all()
    assert (notice.state, objection.state) == (NoticeState.CONCLUDED, ObjectionState.ANSWERED)
    assert need.state is NeedState.REVIEWING and application.state is ApplicationState.QUALIFIED
    assert round_.state is RoundState.DECIDING
    page = client_as(None).get(f"/notices/{notice.ref}").text
    assert "反映属实，重新研究。" in page and "钱居民" not in page
