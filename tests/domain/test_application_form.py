"""The rules of the application form, in the words in which people are told to repair them."""

from __future__ import annotations

import copy
from datetime import date

import pytest

from matchhub.domain import application_form as form
from matchhub.domain.models import Need
from tests import factories as make

pytestmark = pytest.mark.usefixtures("app")


def a_need(**over):
    fields = {"starts_on": date(2026, 10, 1), "ends_on": date(2027, 6, 30), "budget_fen": 100_000_00, "essential": [],
              "joint_allowed": False, "budget_public": True}  # fmt: skip
    return Need(**fields | over)


def sentences(document, need=None, part=None):
    return [problem.sentence for problem in form.problems(document, need or a_need(), part)]


def changed(part, **values):
    document = copy.deepcopy(make.document())
    document[part] |= values
    return document


def budget_row(**over):
    row = {
        "category": "activity",
        "item": "协商会",
        "unit_price_fen": 100_00,
        "quantity": 900,
        "source": "applied",
        "note": "",
    }
    return row | over


def test_a_complete_document_has_no_problem():
    assert form.problems(make.document(), a_need()) == []


def test_an_empty_document_names_every_required_answer():
    found = form.problems({}, a_need())
    assert {problem.part for problem in found} == set(form.BY_CODE)
    required = {(part.code, field.name) for part in form.PARTS for field in part.fields if field.needed}
    assert {(problem.part, problem.field) for problem in found} == required


def test_the_sum_of_applied_rows_is_the_amount():
    assert sentences(changed("budget", amount_fen=94_000_00)) == [
        "申请来源的预算合计 90,000 元，比申请金额少 4,000 元，请修改预算行或申请金额"
    ]
    assert sentences(changed("budget", amount_fen=86_000_50)) == [
        "申请来源的预算合计 90,000 元，比申请金额多 3,999.50 元，请修改预算行或申请金额"
    ]


def test_other_sources_do_not_count_into_the_sum():
    rows = [budget_row(), budget_row(source="matched"), budget_row(source="own")]
    document = changed("budget", rows=rows)
    assert sentences(document) == []
    assert form.figures(document).matched_fen == form.figures(document).own_fen == 90_000_00


def test_the_amount_stays_below_the_public_ceiling():
    assert sentences(make.document(), a_need(budget_fen=90_000_00)) == []
    assert sentences(make.document(), a_need(budget_fen=89_999_99)) == [
        "申请金额比预算上限 89,999.99 元多 0.01 元，请调低申请金额和预算行"
    ]


def test_a_ceiling_that_is_not_public_is_not_told():
    (sentence,) = sentences(make.document(), a_need(budget_fen=80_000_00, budget_public=False))
    assert sentence == "申请金额超过本需求的预算上限，请调低申请金额和预算行"


@pytest.mark.parametrize(
    ("category", "least_too_much", "told"),
    [
        ("management", 9_000_01, "管理费合计 9,000.01 元，超过申请金额的 10%（最多 9,000 元），请减少 0.01 元"),
        ("personnel", 45_000_01, "人员费合计 45,000.01 元，超过申请金额的 50%（最多 45,000 元），请减少 0.01 元"),
    ],
)
def test_management_and_personnel_are_capped(category, least_too_much, told):
    def with_share(fen):
        rest = budget_row(unit_price_fen=90_000_00 - fen, quantity=1)
        return changed("budget", rows=[budget_row(category=category, unit_price_fen=fen, quantity=1), rest])

    assert sentences(with_share(least_too_much - 1)) == []
    assert sentences(with_share(least_too_much)) == [told]


@pytest.mark.parametrize("item", ["购置笔记本电脑", "活动室空调", "办公家具", "购置车辆一辆", "投影仪 1 台"])
def test_fixed_assets_are_not_bought_with_the_money(item):
    (sentence,) = sentences(changed("budget", rows=[budget_row(item=item)]))
    assert sentence.startswith(f"预算明细第 1 行：“{item}”属于固定资产") and "请改为租借" in sentence
    assert sentences(changed("budget", rows=[budget_row(), budget_row(item=item, source="own")])) == []


@pytest.mark.parametrize("item", ["投影仪租用", "电脑课讲师费", "打印机耗材", "无障碍车辆接送", "大件搬运"])
def test_hiring_and_supplying_are_no_purchase(item):
    assert sentences(changed("budget", rows=[budget_row(item=item)])) == []


def test_every_demonstration_budget_item_passes():
    import csv

    from matchhub.config import ROOT

    with (ROOT / "seed/demo/budget_rows.csv").open(encoding="utf-8") as file:
        bought = {row["item"] for row in csv.DictReader(file) if form.fixed_asset(row["item"])}
    assert bought == set()


def test_the_plan_lies_inside_the_need():
    assert sentences(changed("plan", starts_on="2026-09-30")) == [
        "需求的实施周期从 2026-10-01 开始，请把计划开始日期改到这一天或之后"
    ]
    assert sentences(changed("plan", ends_on="2027-07-01")) == [
        "需求的实施周期到 2027-06-30 结束，请把计划结束日期改到这一天或之前"
    ]
    assert sentences(changed("plan", ends_on="2026-10-01")) == ["计划结束日期要晚于开始日期 2026-10-01，请修改"]


def test_the_months_lie_inside_the_plan():
    rows = copy.deepcopy(make.document()["plan"]["rows"])
    rows[1]["to_month"] = "2027-07"
    (problem,) = form.problems(changed("plan", rows=rows), a_need())
    assert (problem.part, problem.field) == ("plan", "rows-1-to_month")
    assert problem.sentence == ("活动计划第 2 行：2027-07 不在项目周期 2026-10 至 2027-06 之内，请修改月份或项目周期")
    rows[1] |= {"from_month": "2027-03", "to_month": "2027-02"}
    assert sentences(changed("plan", rows=rows)) == ["活动计划第 2 行：结束月份 2027-02 早于开始月份 2027-03，请修改"]


@pytest.mark.parametrize(
    ("part", "name", "what"),
    [
        ("project", "goals", "请至少填写一个目标"),
        ("plan", "rows", "请至少填写一项活动"),
        ("budget", "rows", "请至少填写一行预算"),
        ("team", "rows", "请至少填写一名团队成员"),
    ],
)
def test_there_is_at_least_one_row(part, name, what):
    assert what in sentences(changed(part, **{name: []}))


def test_each_goal_has_indicator_baseline_target_and_measure():
    found = form.problems(changed("project", goals=[{"indicator": "楼组"}]), a_need())
    assert [problem.field for problem in found] == ["goals-0-baseline", "goals-0-target", "goals-0-measure"]
    assert found[0].sentence == "目标第 1 行：请填写现状，没有基础的填 0"


def test_numbers_start_at_one_and_shares_end_at_a_hundred():
    rows = [{"name": "方静", "qualification": "", "role": "负责人", "share": 0}]
    assert sentences(changed("team", rows=rows)) == ["团队成员第 1 行：请填写投入比例，1 到 100"]
    assert sentences(changed("team", rows=[rows[0] | {"share": 101}])) == ["团队成员第 1 行：投入比例（%）不能大于 100"]
    assert sentences(changed("budget", amount_fen=0)) == ["申请金额要大于 0"]


def test_essential_conditions_are_confirmed_one_by_one():
    need = a_need(essential=["有加梯经历", "两名专职人员"])
    assert sentences(make.document(), need) == ["还有 2 条必备条件没有确认，请逐条核对后勾选：有加梯经历"]
    document = changed("declaration", essential=["有加梯经历", "两名专职人员"])
    assert sentences(document, need) == []


def test_the_declaration_is_signed():
    found = sentences(changed("declaration", honest=False, signed_name=""))
    assert found == ["请勾选诚信声明", "请签名：填写机构负责人的姓名"]


def test_a_joint_application_needs_the_needs_leave():
    document = changed("organisation", joint=[{"name": "友邻社", "work": "培训", "share": 20}])
    assert sentences(document) == ["本需求不接受联合申报，请删除联合申报机构"]
    assert sentences(document, a_need(joint_allowed=True)) == []


def test_too_long_a_text_says_how_much_to_delete():
    assert sentences(changed("project", summary="长" * 503)) == ["项目简介最多 500 字，请删去 3 字"]


def test_reading_keeps_types_and_drops_blank_rows():
    part = form.read_part(
        "plan", {"starts_on": date(2026, 10, 1), "rows": [{"name": " 会 ", "times": "3"}, {"name": ""}]}
    )
    assert part["starts_on"] == "2026-10-01" and part["ends_on"] == ""
    assert [(row["name"], row["times"], row["people_each"]) for row in part["rows"]] == [("会", 3, None)]


@pytest.mark.parametrize("given", [{"secret": 1}, {"rows": [{"secret": 1}]}, {"rows": [{"from_month": "2026-13"}]}])
def test_reading_refuses_what_the_form_does_not_have(given):
    with pytest.raises(ValueError, match=r"secret|month"):
        form.read_part("plan", given)


def test_figures_add_up_plan_and_budget():
    sums = form.figures(make.document())
    assert (sums.sessions, sums.people, sums.beneficiaries, sums.team_size) == (10, 320, 300, 1)
    assert (sums.applied_fen, sums.matched_fen, sums.by_category) == (
        90_000_00, 10_000_00, {"activity": 30_000_00, "expert": 60_000_00},
    )  # fmt: skip


def test_names_can_be_left_out_of_the_print():
    document = make.document()
    for part in ("organisation", "plan", "team", "declaration"):
        assert "方静" in str(form.shown(document, only=part))
    hidden = str(form.shown(document, hide_names=True))
    assert "方静" not in hidden and "19900000000" not in hidden and "社会工作师" in hidden
