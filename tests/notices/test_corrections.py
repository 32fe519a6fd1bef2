"""Corrections: the new notice replaces the old one, and its period begins anew when the substance changed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain.models import Notice, NoticeKind, NoticePhase, NoticeState
from matchhub.features.notices import service
from tests import factories as make

ROWS = [{"organisation": "某机构", "title": "", "result": "拟入驻"}]


@pytest.fixture
def staff(app):
    return make.staff()


@pytest.fixture
def notice(staff, later):
    """Published on Tuesday 15 September; it is Thursday now, in its second working day."""
    values = {"title": "入驻公示", "body": "现予公式。", "rows": ROWS}
    made = service.publish(staff, service.draft(staff, NoticeKind.ADMISSION, values))
    later(days=2)
    return made


def amended(staff, notice, *, substantial: bool, **values) -> Notice:
    usual = {"title": "入驻公示", "body": "现予公示。", "rows": ROWS, "basis": ""}
    return service.amend(staff, notice, None, usual | values, "“公式”应为“公示”。", substantial=substantial)


def test_a_correction_of_mere_words_keeps_the_period(staff, notice):
    made = amended(staff, notice, substantial=False)
    assert (made.starts_at, made.ends_at) == (notice.starts_at, notice.ends_at)
    assert made.working_days == notice.working_days and made.phase is NoticePhase.PUBLISHED
    assert made.substantial is False


def test_a_correction_of_substance_begins_anew_and_is_announced_first(staff, notice):
    made = amended(staff, notice, substantial=True)
    assert made.starts_at > clock.now() and made.ends_at > notice.ends_at
    assert made.phase is NoticePhase.ANNOUNCED


@pytest.mark.parametrize(
    "changed", [{"rows": [*ROWS, {"organisation": "乙", "result": "拟入驻"}]}, {"basis": "办法第三条"}]
)
def test_a_changed_table_or_basis_is_substance_whatever_was_ticked(staff, notice, changed):
    assert amended(staff, notice, substantial=False, **changed).starts_at > clock.now()


def test_words_corrected_after_the_end_do_not_open_the_period_again(staff, notice, later):
    later(days=20)
    made = amended(staff, notice, substantial=False)
    assert made.phase is NoticePhase.ENDED
    service.conclude(staff, made, None, "没有异议。")
    assert made.state is NoticeState.CONCLUDED


def test_the_page_asks_what_was_corrected_and_says_so_on_both(client_as, staff, notice):
    desk, url = client_as(staff), f"/staff/notices/{notice.ref}/amend"
    filled = {"title": "入驻公示", "body": "现予公示。", "basis": "", "rows-0-organisation": "某机构",
              "rows-0-result": "拟入驻", "reason": "写错一个字。", "version": notice.version, "confirm": "发布"}  # fmt: skip
    assert "请选择更正的性质" in desk.post(url, data=filled).text
    answer = desk.post(url, data=filled | {"substantial": "no"})
    made = db.session.scalars(sa.select(Notice).order_by(Notice.id.desc())).first()
    assert answer.location == f"/staff/notices/{made.ref}"
    visitor = client_as(None)
    new, old = visitor.get(f"/notices/{made.ref}").text, visitor.get(f"/notices/{notice.ref}").text
    assert f"代替 {notice.ref}" in new and "公示期不变" in new
    assert "已更正" in old and f"以 {made.ref} 为准" in old and "现予公式。" in old
    closed = visitor.get(f"/notices/{notice.ref}/object").text
    assert "请对更正后的公示提出异议" in closed
