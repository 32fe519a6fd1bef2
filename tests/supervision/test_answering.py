"""The organisation confirms, contests and answers; the street settles; C3 follows."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import sheets, supervising
from matchhub.domain.models import Message, Role, ScoreSheet, SheetState, Visit, VisitKind, VisitState
from matchhub.features.supervision import queries, service
from tests import factories as make
from tests.supervision.scene import (
    ORDERS,
    SUGGESTIONS,
    busy,
    contested,
    entries,
    fresh,
    planned,
    record,
    scene,
    submitted,
)

D = Decimal


def test_the_organisation_confirms_and_the_score_counts(app):
    at = scene()
    visit = submitted(at)
    assert queries.daily_scores(at.project).mean is None
    service.confirm(at.admin, visit)
    assert visit.state is VisitState.CONFIRMED
    assert queries.daily_scores(at.project).mean == supervising.sheet_of(visit).total


def test_only_the_organisations_administrator_confirms_or_contests(app):
    at = scene()
    visit = submitted(at)
    for other in (at.member, at.hub, at.staff, at.approver, make.org_admin()):
        with pytest.raises(NotYours):
            service.confirm(other, visit)
        with pytest.raises(NotYours):
            service.contest(other, visit, "不同意")
    assert fresh(visit).state is VisitState.SUBMITTED


def test_silence_counts_as_confirmed_and_the_page_says_so_with_the_date(app, client_as, later):
    """Due on Friday at 17:00: at 16:59 it is open, at 17:00 it counts."""
    at = scene()
    visit = submitted(at)
    later(days=3, hours=6, minutes=59)
    assert clock.local(clock.now()).strftime("%H:%M") == "16:59"
    assert not visit.counts
    assert "等待机构确认" in client_as(at.admin).get(f"/my/visits/{visit.ref}").text
    later(minutes=1)
    assert visit.counts
    page = client_as(at.admin).get(f"/my/visits/{visit.ref}").text
    assert "确认期限 2026-09-18 17:00 已过" in page
    assert "视为已确认" in page
    with pytest.raises(NotNow, match="已视为确认"):
        service.contest(at.admin, visit, "太晚了")
    with pytest.raises(NotNow, match="已视为确认"):
        service.confirm(at.admin, visit)
    assert queries.daily_scores(at.project).counted == 1


def test_a_contest_needs_its_reason_and_takes_the_score_out_until_it_is_settled(app):
    at = scene()
    visit = submitted(at)
    with pytest.raises(NotNow, match="请写明异议理由"):
        service.contest(at.admin, visit, "  ")
    service.contest(at.admin, visit, "B8 只问了两个人。")
    assert queries.daily_scores(at.project).counted == 0
    told = set(db.session.scalars(sa.select(Message.user_id).where(Message.event == "visit.contest")))
    assert told == {at.hub.id, at.staff.id}
    service.settle(at.staff, visit, "记录属实，维持原分。")
    assert (visit.state, queries.daily_scores(at.project).counted) == (VisitState.FINAL, 1)


def test_a_correction_is_a_new_sheet_and_both_values_stay(app):
    at = scene()
    busy(at)
    visit = contested(at, level=3)
    old = supervising.sheet_of(visit)
    before, digest = old.total, old.digest
    service.settle(at.approver, visit, "核对照片，B8 应为 6 分。", {"B8": sheets.Entry(D(6))})
    new = supervising.sheet_of(visit)
    assert (new.replaces_id, new.judge_id, new.entered_by_id) == (old.id, at.hub.id, at.approver.id)
    assert (new.replaced_reason, new.state) == ("核对照片，B8 应为 6 分。", SheetState.SUBMITTED)
    # The old sheet stays as it was, but for its state: 89.5 of 95 before, 90 of 95 after.
    assert (old.state, old.total, old.digest) == (SheetState.SUPERSEDED, before, digest)
    assert (before, new.total) == (D("94.21"), D("94.74"))
    assert queries.daily_scores(at.project).mean == D("94.74")
    row = next(row for row in ledger.history(f"score_sheet:{new.id}") if row.deed == "score_sheet.correct")
    assert (row.actor_id, row.details["changed"], row.details["replaces"]) == (
        at.approver.id, {"B8": ["5.50", "6"]}, old.id,
    )  # fmt: skip
    assert row.details["visit"] == visit.ref


def test_only_an_approver_corrects_and_the_supervisor_settles_nothing(app):
    at = scene()
    visit = contested(at)
    with pytest.raises(NotYours, match="更正分数要由街道审批人决定"):
        service.settle(make.staff(), visit, "改一改", {"B8": sheets.Entry(D(5))})
    with pytest.raises(NotYours):
        service.settle(at.hub, visit, "维持")
    with pytest.raises(NotYours):
        service.settle(at.admin, visit, "维持")
    assert fresh(visit).state is VisitState.CONTESTED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ScoreSheet)) == 1


def test_a_guide_does_not_settle_the_contest_of_their_own_record(app):
    at = scene()
    visit = contested(at, who=at.staff)
    with pytest.raises(NotYours, match="督导本人"):
        service.settle(at.staff, visit, "维持原分")
    service.settle(make.staff(), visit, "记录属实，维持原分。")
    assert visit.state is VisitState.FINAL


@pytest.mark.parametrize(
    ("corrections", "sentence"),
    [({"B8": sheets.Entry(D(6))}, "和原来一样"), ({"B8": sheets.Entry(D(7))}, "请填 0 到 6 之间"),
     ({"B8": sheets.Entry(D("5.3"))}, "请填 0 到 6 之间"), ({"B5": sheets.Entry(D(7))}, "和原来一样")],
)  # fmt: skip
def test_a_correction_changes_something_and_stays_within_the_item(app, corrections, sentence):
    """Level 4 gave B8 its 6; a computed item is computed, whatever was typed."""
    at = scene()
    visit = contested(at)
    with pytest.raises(NotNow, match=sentence):
        service.settle(at.approver, visit, "更正", corrections)
    assert fresh(visit).state is VisitState.CONTESTED


def test_a_computed_item_is_corrected_by_computing_it_anew(app):
    at = scene()
    visit = contested(at)
    busy(at)
    service.settle(at.approver, visit, "补录的活动经核对属实。", {"B5": sheets.Entry()})
    line = next(line for line in supervising.sheet_of(visit).lines if line.item.code == "B5")
    assert (line.points, line.explanation["done"]) == (7, "6")


def test_a_correction_into_red_needs_a_rectification_first(app):
    at = scene()
    visit = contested(at)
    down = {code: sheets.Entry(D(0)) for code in ("B6", "B7", "B8", "B11")}
    with pytest.raises(NotNow, match="更正后是红灯，必须整改"):
        service.settle(at.approver, visit, "现场核实与记录不符。", down)
    assert fresh(visit).state is VisitState.CONTESTED
    service.issue(at.staff, at.project, ORDERS)
    service.settle(at.approver, visit, "现场核实与记录不符。", down)
    assert visit.state is VisitState.FINAL


def test_an_answer_is_needed(app):
    at = scene()
    with pytest.raises(NotNow, match="请写明处理意见"):
        service.settle(at.approver, contested(at), " ")


def test_each_suggestion_gets_its_answer(app):
    at = scene()
    visit = submitted(at)
    service.answer_suggestion(at.member, visit.suggestions[1], "十月起带页脚空白纸。")
    assert [row.answer for row in visit.suggestions] == ["", "十月起带页脚空白纸。"]
    assert db.session.scalars(sa.select(Message.user_id).where(Message.event == "visit.answer_suggestion")).all() == [
        at.hub.id
    ]
    for other in (at.hub, at.staff, make.org_admin()):
        with pytest.raises(NotYours):
            service.answer_suggestion(other, visit.suggestions[0], "替别人答")
    with pytest.raises(NotNow, match="请写明答复"):
        service.answer_suggestion(at.member, visit.suggestions[0], "")
    service.confirm(at.admin, visit)
    service.answer_suggestion(at.member, visit.suggestions[0], "已补写。")
    assert visit.suggestions[0].answer == "已补写。"


def test_c3_is_the_mean_by_weight(app):
    """On site weighs 1, attending 0.8: (a × 1 + b × 0.8) ÷ 1.8."""
    at = scene()
    busy(at)
    first, second = submitted(at, level=4), submitted(at, at.backbone, level=3, kind=VisitKind.ATTEND)
    submitted(at, level=3)  # waits for its confirmation
    service.confirm(at.admin, first)
    service.confirm(at.admin, second)
    scores = queries.daily_scores(at.project)
    assert (len(scores.rows), scores.counted) == (3, 2)
    # 100 on site and 94.21 attending: 100 + 75.368 = 175.368, divided by 1.8 is 97.43.
    assert [row.total for row in scores.rows if row.visit.counts] == [100, D("94.21")]
    assert scores.mean == D("97.43")
    assert scores.formula == "(100 × 1 + 94.21 × 0.8) ÷ 1.8"


def test_the_bulk_shortfall_says_what_the_single_one_says(app):
    at, other = scene(), scene()
    for who in (at.hub, at.backbone, at.staff):
        service.confirm(at.admin, submitted(at, who))
    found = supervising.shortfalls([at.project.id, other.project.id])
    assert (
        found[at.project.id]
        == supervising.shortfall(at.project)
        == "督导次数不够：中期走访还差 1 次；末期走访还差 1 次。"
    )
    assert "引导线没有走访" in found[other.project.id]


# ---- laws --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["confirmed", "final"])
def test_a_confirmed_visit_cannot_change(app, how):
    """Law: not by any deed, and not in the database."""
    at = scene()
    visit = submitted(at) if how == "confirmed" else contested(at)
    if how == "confirmed":
        service.confirm(at.admin, visit)
    else:
        service.settle(at.approver, visit, "维持原分。")
    sheet = supervising.sheet_of(visit)
    total, digest = sheet.total, sheet.digest
    deeds = [
        lambda: service.submit(at.hub, visit, record(observation="改写"), entries(2), SUGGESTIONS, ORDERS),
        lambda: service.save_draft(at.hub, visit, record(observation="改写"), entries(2), ["换一条"]),
        lambda: service.attach(at.hub, visit, []),
        lambda: service.contest(at.admin, visit, "反悔"),
        lambda: service.confirm(at.admin, visit),
        lambda: service.settle(at.approver, visit, "再改", {"B8": sheets.Entry(D(1))}),
        lambda: service.cancel(at.hub, visit, "不算了"),
        lambda: service.reschedule(at.hub, visit, clock.today(), "", "别处"),
    ]
    for deed in deeds:
        with pytest.raises((NotNow, NotYours, Stale)):
            deed()
    for statement in ("UPDATE visit SET observation = 'x'", "UPDATE visit SET state = 'planned'", "DELETE FROM visit",
                      "UPDATE score_sheet SET total = 1", "UPDATE score_line SET points = 1"):  # fmt: skip
        with pytest.raises(sa.exc.DatabaseError, match=r"never changes|stays"):
            db.session.execute(sa.text(statement))
        db.session.rollback()
    sheet = supervising.sheet_of(fresh(visit))
    assert (sheet.total, sheet.digest, fresh(visit).observation) == (total, digest, record()["observation"])


def test_a_submitted_record_only_gets_answers(app):
    at = scene()
    submitted(at)
    with pytest.raises(sa.exc.DatabaseError, match="never changes"):
        db.session.execute(sa.text("UPDATE visit SET problems = '[]'"))
    db.session.rollback()
    db.session.execute(sa.text("UPDATE visit SET contest_reason = 'x'"))
    db.session.rollback()


def test_a_supervisor_scores_once(app):
    """Law: of fifty submissions at the same moment one counts."""
    import threading

    at = scene()
    visit = planned(at)
    hub, ref, answers = at.hub.id, visit.id, []
    wait = threading.Barrier(50)
    made, said = entries(4), record()

    def press():
        from matchhub.domain.models import User

        with app.app_context():
            wait.wait()
            try:
                service.submit(db.session.get(User, hub), db.session.get(Visit, ref), said, made, SUGGESTIONS)
                answers.append("done")
            except NotNow as no:
                answers.append(str(no))
            finally:
                db.session.remove()

    db.session.remove()
    threads = [threading.Thread(target=press) for _n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("done") == 1
    assert set(answers) - {"done"} == {"这次走访的记录已经提交或已取消，不能再改。"}
    assert len(answers) == 50
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ScoreSheet)) == 1
    assert len(ledger.history(f"visit:{db.session.get(Visit, ref).ref}")) == 2  # planned, submitted
    assert len(db.session.get(Visit, ref).suggestions) == 2


def test_a_second_sheet_of_the_same_supervisor_is_refused_by_the_database(app):
    at = scene()
    visit = submitted(at)
    sheet = supervising.sheet_of(visit)
    twin = ScoreSheet(
        subject_kind=sheet.subject_kind, subject_id=visit.id, judge_id=at.hub.id, rubric_id=sheet.rubric_id
    )
    db.session.add(twin)
    with pytest.raises(sa.exc.IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_the_list_of_ones_own_visits(app, client_as):
    at = scene()
    visit = submitted(at, level=0, orders=ORDERS)
    stranger = submitted(scene())
    page = client_as(at.member).get("/my/visits").text
    assert visit.ref in page
    assert stranger.ref not in page
    assert "请在 2026-09-18 17:00 前答复" in page
    assert "整改单" in page
    assert client_as(make.user(Role.SUPERVISOR)).get("/my/visits").status_code == 403
