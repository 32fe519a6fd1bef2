"""What the scores come to: exactly the submitted sheets of people without a tie, every step readable, then frozen."""

from __future__ import annotations

import json
from decimal import Decimal as D

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from matchhub.core import ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.domain import intake, sheets
from matchhub.domain.models import LedgerEntry, ReviewRound, Role, RoundState, SubjectKind
from matchhub.domain.scoring.canonical import canonical, digest
from matchhub.domain.sheets import Entry
from matchhub.features.reviews import judging, service
from tests import factories as make
from tests.reviews import story
from tests.reviews.test_set_up import tie


def row(made, n=0):
    return next(one for one in made.round.result["applications"] if one["id"] == made.entries[n].id)


def test_five_scores_lose_one_highest_and_one_lowest(app):
    made = story.scoring(judges=5)
    totals = []
    for judge, share in zip(made.judges, (0.6, 0.7, 0.8, 0.9, 1.0), strict=True):
        totals.append(story.score(judge, made.entries[0], share).total)
        story.score(judge, made.entries[1], 0.8)
    service.finish(made.staff, made.round)
    assert made.round.state is RoundState.DECIDING
    found = row(made)
    kept = sorted(totals)[1:-1]
    assert D(found["total"]) == (sum(kept) / 3).quantize(D("0.01"))
    written = found["stages"]["application"]
    assert written["count"] == 5 and D(written["mean"]) == (sum(totals) / 5).quantize(D("0.01"))
    assert D(written["median"]) == sorted(totals)[2] and found["must_discuss"] is True
    assert [step["rule"] for step in found["steps"]] == [
        "drop_lowest", "drop_highest", "trimmed_mean", "one_stage", "pass_line", "group_floor", "group_floor",
    ]  # fmt: skip
    assert found["place"] == 2 or D(found["total"]) >= D(row(made, 1)["total"])


def test_drafts_and_sheets_of_strangers_do_not_count(app):
    made = story.scoring(judges=4)
    for application in made.entries:
        for judge in made.judges[:3]:
            story.score(judge, application, 0.8)
    judging.save_sheet(made.judges[3], made.entries[0], story.entries_of(0.1))
    service.finish(made.staff, made.round)
    assert len(row(made)["sheets"]) == 3
    assert D(row(made)["total"]) == sum(entry.points for entry in story.entries_of(0.8).values())


def test_a_tie_declared_after_submitting_takes_the_sheet_out(app):
    made = story.scored({0: 0.8}, judges=4)
    story_total = sum(entry.points for entry in story.entries_of(0.8).values())
    biased = made.judges[0]
    judging.declare(biased, made.round, {made.organisations[0].id: ("family", "")})
    service.finish(made.staff, made.round)
    found = row(made)
    assert biased.id not in {sheet["judge"] for sheet in found["sheets"]} and found["recused"] == [biased.id]
    assert len(found["sheets"]) == 3 and D(found["total"]) == story_total
    assert len(row(made, 1)["sheets"]) == 4


def test_a_tie_that_the_records_show_after_submitting_takes_the_sheet_out(app):
    made = story.scored(judges=4)
    tie("supervision", made.judges[0], made.organisations[0])
    service.finish(made.staff, made.round)
    assert row(made)["recused"] == [made.judges[0].id] and len(row(made)["sheets"]) == 3


def test_a_tie_declared_after_the_end_asks_for_a_new_result(app, client_as):
    made = story.finished({0: 0.9, 1: 0.75}, judges=4)
    before = made.round.result["digest"]
    with pytest.raises(NotNow, match="不需要重新汇总"):
        service.recompute(made.staff, made.round)
    judging.declare(made.judges[0], made.round, {made.organisations[0].id: ("co_project", "")})
    with pytest.raises(NotNow, match="请先重新汇总"):
        service.propose(made.staff, made.round, made.entries[0], story.reasons(made), 76_000_00)
    answer = client_as(made.staff).post(
        f"/staff/rounds/{made.round.ref}/recompute", data={"version": made.round.version}
    )
    assert answer.status_code == 303
    assert made.round.state is RoundState.DECIDING and made.round.result["digest"] != before
    assert len(row(made)["sheets"]) == 3
    service.propose(made.staff, made.round, made.entries[0], story.reasons(made), 76_000_00)


def test_scoring_does_not_end_before_every_application_has_three_scores(app, client_as):
    made = story.scoring()
    for judge in made.judges:
        story.score(judge, made.entries[0])
    answer = client_as(made.staff).post(f"/staff/rounds/{made.round.ref}/finish", data={"version": made.round.version})
    assert answer.status_code == 409 and "还有 1 份申报不足 3 份有效评分" in answer.text
    assert made.round.state is RoundState.SCORING and made.round.result == {}


def test_ranking_breaks_ties_by_fit_then_amount(app):
    """Equal totals: A1 up by 0.5 and A4 down by 0.5 gives more fit; equal fit: the smaller amount."""
    made = story.scoring(applicants=3, amounts=(80_000_00, 70_000_00, 90_000_00))
    flat = story.entries_of(0.75)
    shifted = {"A1": Entry(flat["A1"].points + D("0.5"), remark="更契合"),
               "A4": Entry(flat["A4"].points - D("0.5"), remark="目标略弱")}  # fmt: skip
    for judge in made.judges:
        story.score(judge, made.entries[0], 0.75)
        story.score(judge, made.entries[1], 0.75)
        story.score(judge, made.entries[2], 0.75, **shifted)
    service.finish(made.staff, made.round)
    order = [(one["id"], one["place"], one["decided_by"]) for one in made.round.result["applications"]]
    assert order == [
        (made.entries[2].id, 1, None),
        (made.entries[1].id, 2, "fit"),
        (made.entries[0].id, 3, "amount"),
    ]


def test_a_single_application_faces_the_higher_line(app):
    made = story.finished({0: 0.72}, applicants=1)
    found = row(made)
    assert (found["line"], found["verdict"], found["needs_necessity_note"]) == ("75", "below_line", True)


def test_a_group_below_its_floor_is_to_be_reconsidered(app):
    made = story.scoring()
    weak = {code: Entry(D(points), remark="预算依据不足") for code, points in (("A13", 4), ("A14", 2), ("A15", 1))}
    for judge in made.judges:
        story.score(judge, made.entries[0], 0.9, **weak)
        story.score(judge, made.entries[1], 0.8)
    service.finish(made.staff, made.round)
    assert row(made)["verdict"] == "reconsider" and row(made)["low_groups"] == ["budget"]


def test_the_result_can_be_computed_again_and_proves_itself(app):
    made = story.finished({0: 0.9, 1: 0.75})
    kept = dict(made.round.result)
    again = intake.compute(made.round)
    assert again == kept
    stated = kept.pop("digest")
    kept.pop("computed_at")
    assert digest(canonical(kept)) == stated
    written = db.session.scalars(sa.select(LedgerEntry).where(LedgerEntry.deed == "review_round.finish")).one()
    assert json.loads(written.data)["digest"] == stated
    assert ledger.verify().broken_at is None


def test_the_page_explains_every_number(app, client_as):
    made = story.finished({0: 0.9, 1: 0.75}, judges=5)
    for reader in (made.staff, made.approver, make.user(Role.AUDITOR)):
        page = client_as(reader).get(f"/staff/rounds/{made.round.ref}").text
        for word in ("去掉一个最低分", "其余评分取平均", "总分与合格线相比", "分组得分率与底线相比", "总分较低", "中位数",
                     "分歧度", "达到合格线", made.round.result["digest"]):  # fmt: skip
            assert word in page


def test_sheets_are_read_by_street_and_auditor_after_the_end(app, client_as):
    made = story.finished()
    sheet = sheets.find(SubjectKind.APPLICATION, made.entries[0].id, made.judges[0].id)
    address = f"/staff/rounds/{made.round.ref}/sheets/{sheet.id}"
    for reader in (made.staff, made.approver, make.user(Role.AUDITOR)):
        page = client_as(reader).get(address).text
        assert made.judges[0].name in page and "计入汇总" in page and sheet.digest in page
    assert client_as(make.user(Role.CENTRE_STAFF)).get(address).status_code == 403
    assert client_as(made.judges[1]).get(address).status_code == 403
    other = story.finished()
    assert client_as(made.staff).get(f"/staff/rounds/{other.round.ref}/sheets/{sheet.id}").status_code == 404


def test_pages_need_the_same_number_of_statements_whatever_their_size(app, client_as):
    small, large = story.finished(applicants=1), story.finished(applicants=4, judges=5)

    def statements(made):
        counts = []
        listener = lambda *_args: counts.append(1)  # noqa: E731
        staff, judge, page = client_as(made.staff), client_as(made.judges[0]), made.round.ref
        addresses = [(staff, f"/staff/rounds/{page}"), (staff, f"/staff/rounds/{page}/propose"), (judge, "/review"),
                     (judge, f"/review/{page}")]  # fmt: skip
        db.session.commit()
        sa.event.listen(db.engine, "before_cursor_execute", listener)
        assert all(client.get(address).status_code == 200 for client, address in addresses)
        sa.event.remove(db.engine, "before_cursor_execute", listener)
        return len(counts)

    assert statements(small) == statements(large)


def test_a_decided_result_never_changes_in_sql(app):
    made = story.decided()
    for values in ({"result": {}}, {"ballots": {"1": {}}}):
        with pytest.raises(DBAPIError, match="decided result"):
            db.session.execute(sa.update(ReviewRound).where(ReviewRound.id == made.round.id).values(**values))
        db.session.rollback()


# --- roadshow --------------------------------------------------------------------------------------------------------


def roadshow(made, judge, application, share=0.8):
    judging.save_sheet(judge, application, story.entries_of(share, "A2"), kind=SubjectKind.ROADSHOW)
    return judging.submit_sheet(judge, application, SubjectKind.ROADSHOW)


def test_both_stages_are_combined_70_to_30_with_the_residents_ballots(app, client_as):
    made = story.scoring(review_mode="both")
    client, page = client_as(made.staff), f"/staff/rounds/{made.round.ref}"
    assert "居民票" in client.get(page).text
    for application, average in zip(made.entries, ("9", "8.5"), strict=True):
        answer = client.post(f"{page}/ballots", data={"ref": application.ref, "count": "24", "average": average})
        assert answer.status_code == 303
    for judge in made.judges:
        for application in made.entries:
            story.score(judge, application, 0.8)
            roadshow(made, judge, application)
    service.finish(made.staff, made.round)
    written = sum(entry.points for entry in story.entries_of(0.8).values())
    talked = sum(entry.points for entry in story.entries_of(0.8, "A2").values())
    for n, ballots in enumerate((D(9), D("8.5"))):
        expected = written * D("0.7") + (talked + ballots) * D("0.3")
        assert D(row(made, n)["total"]) == expected.quantize(D("0.01"))
    assert [step["rule"] for step in row(made)["steps"]][:3] == ["plain_mean", "plain_mean", "combined"]


def test_a_roadshow_sheet_waits_for_the_ballots_which_then_stay(app, client_as):
    made = story.scoring(review_mode="both")
    judge, application = made.judges[0], made.entries[0]
    with pytest.raises(NotNow, match="还没有登记居民票"):
        roadshow(made, judge, application)
    service.count_ballots(made.staff, made.round, application, 20, D("8"))
    roadshow(made, judge, application)
    with pytest.raises(NotNow, match="不能再改"):
        service.count_ballots(made.staff, made.round, application, 21, D("9"))
    answer = client_as(made.staff).post(
        f"/staff/rounds/{made.round.ref}/ballots", data={"ref": application.ref, "count": "20", "average": "11"}
    )
    assert answer.status_code == 422 and "0 到 10 之间" in answer.text
    assert 'name="average" inputmode="decimal" value="11"' in answer.text


def test_a_roadshow_page_has_its_own_sheet(app, client_as):
    made = story.scoring(review_mode="both")
    service.count_ballots(made.staff, made.round, made.entries[0], 20, D("8"))
    client, address = client_as(made.judges[0]), f"/review/applications/{made.entries[0].ref}/roadshow"
    page = client.get(address).text
    assert "现场答辩质量" in page and "20 位居民代表投票" in page
    data = {f"line-{code}-value": str(entry.points) for code, entry in story.entries_of(0.8, "A2").items()}
    assert client.post(address, data=data | {"deed": "submit", "sure": "y"}).status_code == 303
    assert client_as(story.scoring().judges[0]).get(address).status_code == 404


def test_a_round_by_roadshow_only_counts_it_in_full_and_has_no_group_floors(app):
    made = story.scoring(review_mode="roadshow", applicants=1)
    service.count_ballots(made.staff, made.round, made.entries[0], 20, D("8"))
    for judge in made.judges:
        roadshow(made, judge, made.entries[0])
    service.finish(made.staff, made.round)
    assert row(made)["groups"] == {} and [s["rule"] for s in row(made)["steps"]] == [
        "plain_mean",
        "one_stage",
        "single_bid_line",
    ]
