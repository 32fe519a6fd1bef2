"""What the files say of a need at each of its steps."""

from __future__ import annotations

import itertools
import json
import tracemalloc
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.documents.opendata import parts, writing
from matchhub.domain.models import ApplicationState, NeedCorrection, NeedState, NoticeState, PlanRow, ProjectState
from matchhub.features.opendata import exporting, queries
from tests import factories as make
from tests.opendata import rules
from tests.opendata.conftest import announced, deed


def only(package):
    """The one record of a package, checked."""
    [record] = package["records"]
    assert rules.record_problems(record) == []
    return record


def test_a_published_need_is_a_tender_without_anybody_who_applied(read):
    need = make.need()
    make.application(ApplicationState.SUBMITTED, need=need, organisation=make.organisation(name="悄悄申报的机构"))
    deed(need, "publish")
    record = only(read("ocds.json"))
    whole = record["compiledRelease"]
    assert whole["tender"]["status"] == "active" and whole["tender"]["value"] == {"amount": 100_000, "currency": "CNY"}
    assert whole["tender"]["tenderPeriod"]["endDate"].endswith("+08:00")
    assert "悄悄申报的机构" not in json.dumps(record, ensure_ascii=False)


def test_a_need_that_is_not_published_is_in_no_file(read):
    for state in (NeedState.DRAFT, NeedState.INTERNAL_REVIEW, NeedState.DECLINED):
        make.need(state, title=f"只有街道知道 {state}")
    for name in exporting.FILES:
        assert "只有街道知道" not in str(read(name))


def test_a_published_need_without_a_deed_on_record_is_not_lost(read):
    make.need()
    assert [one["tag"] for one in only(read("ocds.json"))["releases"]] == [["tender"]]


def test_a_budget_that_is_not_public_is_in_no_file(read):
    deed(make.need(budget_public=False, budget_fen=123_456_00), "publish")
    whole = only(read("ocds.json"))["compiledRelease"]
    assert "value" not in whole["tender"] and "amount" not in whole["planning"]["budget"]
    assert "123456" not in read("ocds.csv")


def test_before_a_correction_a_release_says_what_was_announced_then(read, later):
    need = make.need()
    deed(need, "publish")
    old = need.closes_at
    later(hours=1)
    new = old + timedelta(days=5)
    need.closes_at = new
    moved = {"closes_at": [old.isoformat(), new.isoformat()]}
    make.add(NeedCorrection(need_id=need.id, number=1, text="延长征集", moved=moved, by_id=make.staff().id))
    deed(need, "correct")
    first, second = only(read("ocds.json"))["releases"]
    assert first["tender"]["tenderPeriod"]["endDate"] == clock.local(old).isoformat()
    assert second["tender"]["tenderPeriod"]["endDate"] == clock.local(new).isoformat()
    assert "amendments" not in first["tender"]
    assert second["tag"] == ["tenderUpdate"] and second["tender"]["amendments"][0]["description"] == "延长征集"


def test_the_notice_names_the_applicants_and_the_proposed_one(read):
    need = make.need(NeedState.NOTICE)
    deed(need, "publish")
    chosen = make.organisation()
    announced(need, [chosen.name, "一家没有入驻的机构"])
    whole = only(read("ocds.json"))["compiledRelease"]
    assert [one["name"] for one in whole["tender"]["tenderers"]] == [chosen.name, "一家没有入驻的机构"]
    [award] = whole["awards"]
    assert award["status"] == "pending" and award["value"]["amount"] == 86_000
    assert award["suppliers"] == [{"id": f"CN-USCI-{chosen.uscc}", "name": chosen.name}]
    unlisted = next(party for party in whole["parties"] if party["name"] == "一家没有入驻的机构")
    assert unlisted["id"].startswith("name-") and "identifier" not in unlisted


def test_a_draft_of_a_notice_names_nobody(read):
    need = make.need(NeedState.REVIEWING)
    deed(need, "publish")
    make.notice(NoticeState.DRAFT, need_id=need.id, rows=[{"organisation": "还没公示的机构", "amount": "1 元"}])
    assert "还没公示的机构" not in str(read("ocds.json"))


def test_an_upheld_objection_takes_the_award_and_the_names_back(read):
    need = make.need(NeedState.REVIEWING)
    deed(need, "publish")
    announced(need, ["被异议的机构"], state=NoticeState.CONCLUDED)
    deed(need, "reconsider")
    record = only(read("ocds.json"))
    assert record["releases"][-1]["tag"] == ["awardCancellation"]
    [award] = record["compiledRelease"]["awards"]
    assert award["status"] == "cancelled" and "suppliers" not in award and "value" not in award
    assert "tenderers" not in record["compiledRelease"]["tender"]


def test_a_correction_of_a_notice_speaks_of_the_same_award(read):
    need = make.need(NeedState.NOTICE)
    deed(need, "publish")
    first = announced(need, ["写错的名字"], state=NoticeState.AMENDED)
    announced(need, ["改对的名字"], corrects_id=first.id)
    record = only(read("ocds.json"))
    assert [one["tag"][0] for one in record["releases"]] == ["tender", "award", "awardUpdate"]
    [award] = record["compiledRelease"]["awards"]
    assert award["id"] == first.ref and award["suppliers"][0]["name"] == "改对的名字"


def test_words_instead_of_an_amount_do_not_break_the_file(read):
    need = make.need(NeedState.NOTICE)
    deed(need, "publish")
    notice = announced(need, [])
    rows = [{"organisation": "某机构", "amount": "以协议为准"}]
    announced(need, [], rows=rows, corrects_id=notice.id)
    [award] = only(read("ocds.json"))["compiledRelease"]["awards"]
    assert "value" not in award and award["suppliers"][0]["name"] == "某机构"


def awarded(state=ProjectState.ACTIVE):
    """A project with all its deeds up to the start."""
    project = make.project(state)
    deed(project.need, "publish")
    announced(project.need, [project.organisation.name], state=NoticeState.CONCLUDED)
    deed(project.need, "match")
    deed(project, "sign")
    deed(project, "start")
    return project


def test_an_agreement_is_a_contract_with_the_plan_as_milestones(read):
    project = awarded()
    make.activity(project, plan_row_id=project.plan[0].id)
    record = next(one for one in read("ocds.json")["records"] if one["ocid"].endswith(project.need.ref))
    assert rules.record_problems(record) == []
    [contract] = record["compiledRelease"]["contracts"]
    assert contract["status"] == "active" and contract["value"] == {"amount": 100_000, "currency": "CNY"}
    assert [one["title"] for one in contract["milestones"]] == ["楼组协商会", "政策讲座"]
    assert {one["status"] for one in contract["milestones"]} == {"scheduled"}
    # Who leads a row of the plan, what was paid and what the organisation spends are not public.
    text = json.dumps(read("ocds.json"), ensure_ascii=False)
    assert "方静" not in text and "transactions" not in text and "50000" not in text


def test_a_project_is_a_grant(read):
    project = awarded()
    [grant] = read("360giving.json")["grants"]
    assert rules.grant_problems(grant) == []
    assert grant["amountAwarded"] == 100_000 and grant["grantProgramme"][0]["code"] == project.need.ref
    assert "amountAppliedFor" not in grant and "amountDisbursed" not in grant
    assert project.organisation.contact_phone not in str(grant)


@pytest.mark.parametrize(
    ("held", "today", "is_over", "status"),
    [
        ([], date(2026, 9, 30), False, "scheduled"),
        ([], date(2026, 10, 1), False, "notMet"),
        ([1], date(2026, 10, 1), False, "partiallyMet"),
        ([1], date(2026, 9, 20), True, "partiallyMet"),
        ([1, 8], date(2026, 9, 20), False, "met"),
    ],
)
def test_a_row_of_the_plan_is_judged_when_its_last_month_is_over(held, today, is_over, status):
    row = PlanRow(seq=1, name="讲座", times=2, to_month=date(2026, 9, 1))
    made = parts.milestone(row, [date(2026, 9, day) for day in held], today, is_over)
    assert made["status"] == status
    assert made.get("dateMet") == ("2026-09-08T00:00:00+08:00" if status == "met" else None)


def test_releases_come_in_pages_by_the_number_in_the_ledger(app, monkeypatch):
    monkeypatch.setattr(queries, "MOST_RELEASES", 2)
    need = make.need(NeedState.CANCELLED)
    deed(need, "publish")
    awarded()
    deed(need, "cancel")
    found, after = [], 0
    while True:
        package = json.loads("".join(exporting.releases_json(queries.publisher("https://example.org"), after)))
        found += [one["id"] for one in package["releases"]]
        if "links" not in package:
            break
        after = int(package["links"]["next"].partition("after=")[2])
    assert len(found) == len(set(found)) == 7
    assert [int(one.split("-")[-2]) for one in found] == sorted(int(one.split("-")[-2]) for one in found)


@pytest.mark.parametrize("name", sorted(exporting.FILES))
def test_a_file_costs_the_same_statements_for_any_number_of_needs(read, count, name):
    def cost():
        db.session.rollback()
        db.session.execute(sa.text("SELECT 1"))  # the transaction itself costs a statement on PostgreSQL
        return count(lambda: read(name))

    for _ in range(2):
        awarded()
    few = cost()
    for _ in range(6):
        awarded()
    assert cost() == few <= 14


def test_a_package_is_written_as_it_is_read():
    asked = []

    def items():
        for number in range(3):
            asked.append(number)
            yield {"id": number}

    pieces = writing.package({"uri": "x"}, "records", items())
    next(pieces)
    next(pieces)
    assert asked == [0]
    assert json.loads('{"uri":"x","records":[\n{"id":0}' + "".join(pieces)) == {
        "uri": "x", "records": [{"id": 0}, {"id": 1}, {"id": 2}]}  # fmt: skip


@pytest.mark.parametrize(
    "cell", ["=1+1", " =1+1", "+cmd", "-2+3", "@SUM(A1)", "＝1+1", "＠x", "\tx", "\rx", "\nx", "＋1", "－1"]
)
def test_no_cell_is_taken_for_a_formula(cell):
    assert writing.guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12.50", "86000", "加梯", "a=b", ""])
def test_other_cells_stay_as_they_are(cell):
    assert writing.guarded(cell) == cell


def test_a_title_that_looks_like_a_formula_is_guarded_in_the_table(read):
    deed(make.need(title='=HYPERLINK("http://evil")'), "publish")
    text = read("ocds.csv")
    assert text.startswith("\ufeffocid,") and "'=HYPERLINK" in text and ",=HYPERLINK" not in text


def contents(package):
    """identifier -> content of every release, and of every compiled one."""
    found = [one for record in package["records"] for one in (*record["releases"], record["compiledRelease"])]
    return {one["id"]: json.dumps(one, sort_keys=True, ensure_ascii=False) for one in found}


def test_the_same_identifier_always_means_the_same_content(read, later):
    """Whatever changes behind old deeds: names, amounts, what was held, and time itself."""
    project = awarded()
    seen = contents(read("ocds.json"))
    assert contents(read("ocds.json")) == seen, "nothing changed"
    kept = 0
    for change in (
        lambda: setattr(project.organisation, "name", "改了名的机构"),
        lambda: setattr(project.need, "title", "改了题目的需求"),
        lambda: setattr(project, "amount_fen", 1),
        lambda: make.activity(project, plan_row_id=project.plan[0].id),
        lambda: later(days=400),
    ):
        change()
        db.session.commit()
        now = contents(read("ocds.json"))
        for one in set(now) & set(seen):
            kept += 1
            assert now[one] == seen[one]
        seen |= now
    assert kept > 5, "what did not change keeps its identifier"


def test_any_number_of_needs_is_written_with_the_memory_of_a_batch(app, past_aside):
    """The peak does not grow with the number of needs."""
    by = queries.publisher("https://example.org")

    def peak():
        db.session.expunge_all()
        tracemalloc.start()
        written = sum(len(piece) for piece in exporting.ocds_json(by))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return written, most

    one = make.need(background="背景" * 300)
    row = {c.key: getattr(one, c.key) for c in sa.inspect(type(one)).column_attrs if c.key not in ("id", "ref")}
    ref = itertools.count(5000)

    def more(number):
        rows = [row | {"ref": f"XQ-2026-{next(ref)}"} for _ in range(number)]
        db.session.execute(sa.insert(type(one)), rows)
        db.session.commit()

    more(300)
    peak()
    few = peak()
    more(900)
    many = peak()
    assert many[0] > 3.5 * few[0]
    assert many[1] < 1.3 * few[1], (few, many)
