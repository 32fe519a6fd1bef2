"""A foundation pledges, and every yuan of it is accounted for."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import lifecycle, supporting, todo
from matchhub.domain.models import Pledge, PledgeEntry, PledgeState, ProjectState, Role, SupportKind, SupportState
from matchhub.features.support import service
from tests import factories as make
from tests.support.asked import PAPER, told

# Pledging


def test_a_pledge_goes_all_the_way_by_page(client_as, admin, line, giver, staff):
    give, mine = client_as(giver), client_as(admin)
    answer = give.post(f"/support/{line.ref}/pledge", data={"amount": "8000", "conditions": "公示使用清单",
                                                            "version": line.version})  # fmt: skip
    one = db.session.scalars(sa.select(Pledge)).one()
    assert answer.location == f"/pledges/{one.ref}" and (one.quantity, one.conditions) == (800_000, "公示使用清单")
    assert "pledge.pledge" in told(admin) and "pledge.pledge" in told(staff)
    assert [todo_.kind for todo_ in todo.gather(admin) if todo_.subject_ref == one.ref] == ["答复支持意向"]
    assert mine.post(f"/pledges/{one.ref}/accept", data={"version": one.version}).status_code == 303
    assert told(giver)[-1] == "pledge.accept"
    assert [todo_.kind for todo_ in todo.gather(giver) if todo_.subject_ref == one.ref] == ["按约定到账"]

    def post(page: str, **data: object) -> object:
        db.session.expire_all()
        upload = {"files": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "发票.pdf")} if page == "use" else {}
        return mine.post(f"/pledges/{one.ref}/{page}", data=data | upload | {"version": one.version})

    assert post("receive", on_day="2026-09-15", amount="5000", words="首笔").status_code == 303
    assert post("receive", on_day="2026-09-15", amount="3000", words="第二笔").status_code == 303
    assert post("use", on_day="2026-09-15", amount="7500", words="门磁 40 个").status_code == 303
    # What is left over is explained on the page of the report, so that page is offered before it is explained.
    assert f'href="/pledges/{one.ref}/report' in mine.get(f"/pledges/{one.ref}").text
    early = post("report", outcome="40 户都装好了。")
    assert early.status_code == 409 and "还有 500 元没有登记使用" in early.text and "40 户都装好了。" in early.text
    assert post("report", outcome="40 户都装好了。", remainder="余款退回基金会。").status_code == 303
    db.session.expire_all()
    assert one.state is PledgeState.REPORTED and (one.received, one.used) == (800_000, 750_000)
    page = give.get(f"/pledges/{one.ref}").text
    assert "40 户都装好了。" in page and "门磁 40 个" in page and "发票.pdf" in page and "余款退回基金会。" in page
    listed = give.get("/fund/pledges").text
    assert "8,000 元" in listed and "7,500 元" in listed
    public = client_as(None).get("/support").text
    assert "8,000 元" in public


def test_partial_pledges_add_up_and_no_more_than_is_wanted_is_taken(line, giver):
    service.pledge(giver, line, 1_200_000)
    assert supporting.left(line) == 800_000
    with pytest.raises(NotNow, match="还需要 8,000 元"):
        service.pledge(make.giver(), line, 800_001)
    service.pledge(make.giver(), line, 800_000)
    assert supporting.left(line) == 0
    with pytest.raises(NotNow, match="还需要 0 元"):
        service.pledge(make.giver(), line, 1)


def test_a_foundation_pledges_once_for_a_line_and_again_after_a_refusal(line, giver, admin):
    first = service.pledge(giver, line, 100_000)
    with pytest.raises(NotNow, match="不能重复"):
        service.pledge(giver, line, 100_000)
    colleague = make.user(Role.FOUNDATION, organisation=giver.organisation)
    with pytest.raises(NotNow, match="不能重复"):
        service.pledge(colleague, line, 100_000)
    service.end_pledge(admin, first, "decline", "数额太小")
    assert service.pledge(giver, line, 200_000).state is PledgeState.INTENDED


def test_the_database_itself_knows_one_standing_pledge(line, giver):
    one = service.pledge(giver, line, 100_000)
    copy = Pledge(
        ref="YX-2026-999", line_id=line.id, foundation_id=one.foundation_id, quantity=1, pledged_by_id=giver.id
    )
    db.session.add(copy)
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_a_withdrawn_pledge_makes_room_again_and_says_why(client_as, line, giver, admin):
    one = service.pledge(giver, line, 2_000_000)
    service.accept(admin, one)
    url = f"/pledges/{one.ref}/reason?action=withdraw"
    assert client_as(giver).post(url, data={"reason": "年度预算调整。", "version": one.version}).status_code == 303
    db.session.expire_all()
    assert one.state is PledgeState.WITHDRAWN and supporting.left(line) == 2_000_000
    assert told(admin)[-1] == "pledge.withdraw"
    assert "年度预算调整。" in client_as(admin).get(f"/pledges/{one.ref}").text


def test_what_has_arrived_is_not_withdrawn(line, giver, admin):
    one = service.pledge(giver, line, 100_000)
    service.accept(admin, one)
    service.receive(admin, one, clock.today(), 50_000, "首笔")
    assert lifecycle.refusal(one, "withdraw", giver, clock.now()) is not None
    with pytest.raises(NotNow):
        service.end_pledge(giver, one, "withdraw", "不想给了")


@pytest.mark.parametrize(
    ("line_of", "sentence"),
    [
        (lambda: make.support_line(until=clock.today() - timedelta(days=1)), "不接受支持"),
        (lambda: make.support_line(SupportState.CLOSED), "不接受支持"),
        (lambda: make.support_line(project=make.project(ProjectState.CLOSED)), "不接受支持"),
    ],
)
def test_no_pledge_for_what_is_over(giver, line_of, sentence):
    line = line_of()
    with pytest.raises(NotNow, match=sentence):
        service.pledge(giver, line, 100)


def test_a_foundation_is_known_by_the_employer_that_the_administrator_wrote(client_as, line):
    foundation = make.organisation(type="foundation", name="普桥社区公益基金会")
    make.organisation(type="service", name="同名服务中心")
    giver = make.user(Role.FOUNDATION, employer="普桥社区公益基金会")
    answer = client_as(giver).post(f"/support/{line.ref}/pledge", data={"amount": "100", "version": line.version})
    one = db.session.scalars(sa.select(Pledge)).one()
    assert answer.location == f"/pledges/{one.ref}" and one.foundation_id == foundation.id
    assert one.ref in client_as(giver).get("/fund/pledges").text
    for employer in ("", "同名服务中心", "没有这家"):
        stranger = make.user(Role.FOUNDATION, employer=employer)
        assert client_as(stranger).get(f"/pledges/{one.ref}").status_code == 404
        with pytest.raises(NotYours):
            service.pledge(stranger, line, 100)


def test_who_is_no_foundation_pledges_nothing(client_as, line, admin):
    nobody = make.user(Role.FOUNDATION)
    with pytest.raises(NotYours, match="填成平台上基金会的全名"):
        service.pledge(nobody, line, 100)
    with pytest.raises(NotYours):
        service.pledge(admin, line, 100)
    assert client_as(admin).get(f"/support/{line.ref}/pledge").status_code == 403
    own = make.user(Role.FOUNDATION, organisation=admin.organisation)
    with pytest.raises(NotNow, match="自己的项目"):
        service.pledge(own, line, 100)


# Accounting


def test_no_more_is_received_than_pledged_and_no_more_used_than_received(line, giver, admin):
    one = service.pledge(giver, line, 100_000)
    service.accept(admin, one)
    with pytest.raises(NotNow, match="到账以后"):
        service.use(admin, one, clock.today(), 1, "先用", [PAPER])
    with pytest.raises(NotNow, match="还差 1,000 元"):
        service.receive(admin, one, clock.today(), 100_001, "多到")
    service.receive(admin, one, clock.today(), 60_000, "首笔")
    with pytest.raises(NotNow, match="还没有使用的是 600 元"):
        service.use(admin, one, clock.today(), 60_001, "超支", [PAPER])
    service.use(admin, one, clock.today(), 60_000, "用完首笔", [PAPER])
    with pytest.raises(NotNow, match="还没有使用的是 0 元"):
        service.use(admin, one, clock.today(), 1, "再用", [PAPER])
    service.receive(admin, one, clock.today(), 40_000, "第二笔")
    service.use(admin, one, clock.today(), 40_000, "用完", [PAPER])
    assert (one.received, one.used) == (100_000, 100_000)


def test_use_needs_its_voucher_and_a_day_that_has_been(line, giver, admin):
    one = make.pledge(PledgeState.RECEIVED, line, by=giver)
    with pytest.raises(NotNow, match="请上传凭证"):
        service.use(admin, one, clock.today(), 100, "没有发票")
    with pytest.raises(NotNow, match="不能晚于今天"):
        service.use(admin, one, clock.today() + timedelta(days=1), 100, "明天用", [PAPER])
    assert one.used == 0


def test_the_same_entry_from_two_open_pages_is_written_once(line, giver, admin):
    one = make.pledge(PledgeState.ACCEPTED, line, by=giver)
    seen = one.version
    service.receive(admin, one, clock.today(), 100, "首笔", seen=seen)
    with pytest.raises(Stale):
        service.receive(admin, one, clock.today(), 100, "首笔", seen=seen)
    service.receive(admin, one, clock.today(), 100, "第二笔", seen=one.version)
    assert one.received == 200


def test_what_was_written_never_changes(line, giver, admin):
    one = make.pledge(PledgeState.REPORTED, line, by=giver)
    entry, number = one.entries[0].id, one.id
    db.session.rollback()
    for statement in (
        sa.update(PledgeEntry).where(PledgeEntry.id == entry).values(quantity=1),
        sa.delete(PledgeEntry).where(PledgeEntry.id == entry),
        sa.update(Pledge).where(Pledge.id == number).values(outcome="改口"),
    ):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(statement)
    with pytest.raises(NotNow):
        service.receive(admin, db.session.get(Pledge, number), clock.today(), 1, "补记")


def test_expertise_is_counted_in_hours_and_goods_by_their_value(client_as, project, admin):
    hours = make.support_line(project=project, kind=SupportKind.EXPERTISE, quantity=16, title="请康复师带教")
    goods = make.support_line(project=project, kind=SupportKind.GOODS, quantity=300_000, title="轮椅", details="2 台")
    page = client_as(None).get("/support").text
    assert "16 小时" in page and "价值 3,000 元" in page
    assert hours.ref in client_as(None).get("/support?kind=expertise").text
    assert goods.ref not in client_as(None).get("/support?kind=expertise").text
    giver = make.giver()
    answer = client_as(giver).post(f"/support/{hours.ref}/pledge", data={"hours": "8", "version": hours.version})
    assert answer.status_code == 303
    one = db.session.scalars(sa.select(Pledge)).one()
    service.accept(admin, one)
    service.receive(admin, one, clock.today(), 8, "两次到场")
    service.use(admin, one, clock.today(), 8, "带教两场")
    assert supporting.totals().hours == 8


def test_a_line_ends_only_when_nothing_is_promised(line, giver, admin):
    one = service.pledge(giver, line, 100_000)
    with pytest.raises(NotNow, match="还有 1 份支持意向没有办完"):
        service.end_line(admin, line, "close", "不需要了")
    service.end_pledge(admin, one, "decline", "不需要了")
    service.end_line(admin, line, "close", "不需要了")
    assert line.state is SupportState.CLOSED
