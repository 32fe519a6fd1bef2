"""After the deadline: eligibility with one correction, the review round with its panel, and the decision."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from playwright.sync_api import Locator, expect

from matchhub.domain.accounts import by_login
from matchhub.domain.models import Application
from matchhub.domain.sheets import Entry
from matchhub.features.reviews import judging
from tests.browser.part1_joining import ORGANISATIONS
from tests.browser.part3_applying import PROJECT
from tests.browser.person import Person
from tests.browser.story import PASSPHRASE, Story, by_ref, paper

DEADLINE = date(2026, 3, 18)
# The box that is ticked before a sheet becomes final.
SURE = "我已核对，提交后不能再改"


def play(story: Story) -> None:
    too_late(story)
    open_applications(story)
    qualify(story, "application1")
    correct(story)
    set_up(story)
    judge_by_page(story, "reviewer1", {"application1": 0.9, "application2": 0.75})
    judge_by_page(story, "reviewer2", {"application1": 0.85, "application2": 0.8})
    judge_by_service(story, "reviewer3", {"application1": 0.9, "application2": 0.7})
    finish(story)
    propose(story)
    approve(story)


def too_late(story: Story) -> None:
    story.at(DEADLINE, 18)
    late = story["org2"].go(f"/my/applications/{story.refs['application2']}/check")
    late.reads("现在不能提交")


def open_applications(story: Story) -> None:
    """Two of the three holders open together; until then the clerk sees neither a text nor how many there are."""
    story["clerk"].go("/staff/applications").reads_not(PROJECT)
    address = f"/staff/needs/{story.refs['need']}/opening"
    for key, told in (("centre", "还差一位开启人"), ("approver", "申报已开启")):
        holder = story[key].go(address)
        holder.write({"您的开启口令": PASSPHRASE.format(key)})
        holder.press("交出我的那一份")
        holder.told(told)


def decide_rules(clerk: Person, wrong: str = "") -> None:
    """Judge each rule that a person judges; `wrong` names one that is not met."""
    while (waiting := clerk.page.locator("form[action*='/rules/']:visible")).count():
        form = waiting.first
        failed = bool(wrong) and wrong in form.locator("xpath=ancestor::li").inner_text()
        clerk.choose("结论", "不符合" if failed else "符合", within=form)
        clerk.write({"依据": "登记证书业务范围没有写明。" if failed else "登记证书业务范围第 2 项。"}, within=form)
        clerk.press("记下", within=form)
        expect(clerk.page.locator(".mh-flash--ok")).to_be_visible()


def check(story: Story, key: str, wrong: str = "") -> Person:
    clerk = story["clerk"].go(f"/staff/applications/{story.refs[key]}")
    clerk.press("打开核对清单")
    decide_rules(clerk, wrong)
    return clerk


def qualify(story: Story, key: str) -> None:
    clerk = check(story, key)
    clerk.press("资格通过")
    clerk.reads("资格通过")


def correct(story: Story) -> None:
    """The one round of correction has its own clock: the organisation adds a paper, the section looks again."""
    clerk = check(story, "application2", wrong="业务范围")
    clerk.go(f"/staff/applications/{story.refs['application2']}/disqualify").reads("不符合的各条")
    clerk.go(f"/staff/applications/{story.refs['application2']}")
    clerk.follow("要求补正")
    clerk.write({"需要补正什么": "请补交写明业务范围的登记证书页。"})
    clerk.choose("可以修改的部分", "附件")
    clerk.press("要求补正")
    second = story["org2"].go(f"/my/applications/{story.refs['application2']}")
    second.reads("请补交写明业务范围的登记证书页")
    second.go(f"/my/applications/{story.refs['application2']}/files")
    second.choose("材料种类", "资质和证明材料")
    second.write({"选择文件": [paper("业务范围页.pdf")]})
    second.press("上传")
    second.go(f"/my/applications/{story.refs['application2']}/check")
    second.press(
        "确认提交" if not second.page.get_by_role("button", name="提交补正").count() else "提交补正", sure=True
    )
    clerk.go(f"/staff/applications/{story.refs['application2']}").reads("机构已于")
    decide_rules(clerk)
    clerk.press("资格通过")


def set_up(story: Story) -> None:
    clerk = story["clerk"].go(f"/staff/needs/{story.refs['need']}")
    clerk.follow("开始评审")
    clerk.write({"评分截止日期": "2026-03-31"})
    clerk.press("建立评审")
    story.refs["round"] = clerk.ref
    for name in ("程评一", "程评二", "程评三"):
        clerk.press(re.compile(f"选为评审人.*{name}"))
        clerk.told(f"{name} 已加入评审")
    clerk.press("开始打分", sure=True)
    clerk.told("已开始打分")


def judge_by_page(story: Story, key: str, levels: dict[str, float]) -> None:
    """Before the declaration nothing is shown; afterwards a sheet beside each application."""
    judge = story[key].go("/review")
    judge.go(f"/review/{story.refs['round']}").reads("利益关系声明")
    judge.reads_not(PROJECT)
    for name, _person, _body in ORGANISATIONS.values():
        judge.write({name: "没有利益关系"})
    judge.press("确认声明，开始评审")
    for application, level in levels.items():
        judge.go(f"/review/applications/{story.refs[application]}")
        fill_sheet(judge, level)
        judge.write({"给机构的意见": "需求抓得准，分工还可以再细。", SURE: True})
        judge.press("提交评分")
        judge.reads("已提交")
    judge.go(f"/review/applications/{story.refs['application1']}")
    judge.reads_not("程评二" if key == "reviewer1" else "程评一")


def fill_sheet(judge: Person, level: float) -> None:
    """Score every item around `level` (1 is full marks); the bar at the foot counts along and says what is left."""
    items = judge.page.locator("[data-sheet] [data-item]:not([data-computed])")
    for n in range(items.count()):
        most = Decimal(items.nth(n).get_attribute("data-max") or "0")
        share = score_item(judge, items.nth(n), (most * Decimal(str(level)) * 2).to_integral_value() / 2) / most
        if not Decimal("0.6") <= share <= Decimal("0.95"):
            remark = items.nth(n).locator("textarea")
            judge.unfold(remark)
            remark.fill("现场核对资料齐全，做法可供其他项目参考。")
    expect(judge.page.locator("[data-sheet-left]")).to_have_text("全部打完了")


def score_item(judge: Person, item: Locator, points: Decimal) -> Decimal:
    """Give the points in the field, or the nearest of the buttons: what was given."""
    number = item.locator("input[type=number][data-score]")
    if number.count():
        number.fill(str(points))
        return points
    choices = item.locator(".mh-scale__input")
    values = [Decimal(one) for one in choices.evaluate_all("all => all.map(e => e.value)")]
    nearest = min(range(len(values)), key=lambda i: abs(values[i] - points))
    judge.unfold(choices.nth(nearest))
    judge.touch(choices.nth(nearest))
    return values[nearest]


def judge_by_service(story: Story, key: str, levels: dict[str, float]) -> None:
    """The third reviewer's sheets, after two have been filled in by page."""
    with story.inside():
        judge = by_login(f"{key}@example.org")
        first = by_ref(Application, story.refs["application1"])
        round_ = judging.panels.of_need(first.need)
        judging.declare(judge, round_, {})
        for ref, level in levels.items():
            application = by_ref(Application, story.refs[ref])
            kind = judging.panels.stages(application.need)[0]
            entries = {
                item.code: Entry((Decimal(item.maximum) * Decimal(str(level)) * 2).to_integral_value() / 2)
                for item in judging.rubric_of(round_, kind).items
                if item.how != "computed"
            }
            judging.save_sheet(by_login(f"{key}@example.org"), application, entries, "可以。", kind)
            judging.submit_sheet(by_login(f"{key}@example.org"), application, kind)


def finish(story: Story) -> None:
    story.at(date(2026, 3, 25))
    clerk = story["clerk"].go(f"/staff/rounds/{story.refs['round']}")
    clerk.press("结束打分并汇总", sure=True)
    clerk.told("打分已结束")
    expect(clerk.page.locator("#result")).to_contain_text(ORGANISATIONS["org1"][0])
    heading = clerk.page.get_by_role("heading", name=re.compile("第 1 名"))
    expect(heading).to_contain_text(ORGANISATIONS["org1"][0])


def propose(story: Story) -> None:
    clerk = story["clerk"]
    clerk.follow("提出拟立项意见")
    winner, loser = (ORGANISATIONS[key][0] for key in ("org1", "org2"))
    clerk.choose("拟立项机构", winner)
    clerk.write(
        {"拟立项金额": "60000", f"理由：{winner}": "需求分析扎实，方案与本街道实际相符。",
         f"理由：{loser}": "方案有可取之处，综合得分低于拟立项机构。", "会议记录": "评审组一致同意按得分顺序拟立项。"}
    )  # fmt: skip
    clerk.press("提交审批")
    expect(clerk.page.locator(".mh-flash--ok")).to_be_visible()


def approve(story: Story) -> None:
    approver = story["approver"].go("/workbench")
    approver.go(f"/staff/rounds/{story.refs['round']}/approve")
    approver.reads("拟立项会议材料", "需求分析扎实")
    approver.write({"会签意见": "同意评审组意见。"})
    approver.press("同意，批准拟立项", sure=True)
    expect(approver.page.locator(".mh-flash--ok")).to_be_visible()
