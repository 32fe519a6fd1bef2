"""Closing: report, self-score, ledger inspection, presentation, the computed grade, its notice, and the public result."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from playwright.sync_api import expect

from matchhub.domain import past
from matchhub.domain.models import Organisation
from tests.browser.part3_applying import PROJECT
from tests.browser.part4_judging import SURE, fill_sheet
from tests.browser.part5_noticing import confirm
from tests.browser.person import Person
from tests.browser.story import Story, by_ref, paper

JUDGES = ("reviewer1", "reviewer2", "reviewer3")
NO_TIE = "本人与该机构没有任职、亲属、合作等利益关系"


def play(story: Story) -> None:
    close_up(story)
    report(story)
    self_score(story)
    assign(story)
    inspect(story)
    for judge in JUDGES:
        present(story, judge)
    think_again(story)
    compute(story)
    announce(story)
    result(story)


def close_up(story: Story) -> None:
    story.at(date(2026, 8, 5))
    owner = story["org1"].go(f"/my/projects/{story.refs['project']}")
    owner.press("申请结项", sure=True)
    expect(owner.page.locator(".mh-flash--ok")).to_be_visible()
    owner.go(f"/my/projects/{story.refs['project']}")
    owner.leave_by(owner.page.locator("main a[href^='/my/closings/']").first)
    story.refs["closing"] = owner.ref


def report(story: Story) -> None:
    owner = story["org1"]
    owner.reads("来自活动台账和月报")
    for indicator, actual in (("完成征询的楼组", "8"), ("签下协议的楼组", "3")):
        group = owner.page.get_by_role("group", name=indicator)
        owner.write({"实际完成": actual, "说明": "征询记录和协议原件可查。"}, within=group)
    owner.write(
        {"成效": "实施前三次征询没有谈拢；实施后三个楼组签下协议。", "测量方法": "征询记录、协议原件，居委会核对。"}
    )
    owner.leave_by(owner.page.locator("button[name=save][value=outcomes]"))
    owner.told("已保存")
    for words in owner.page.locator("[name^='account-'][name$='explanation']").all():
        words.fill("按凭证列支。")
    owner.write(
        {"有效份数": "40", "其中满意的份数": "38", "抽样说明": "按名单每隔五人抽一人。", "结余处理": "结余退回街道。",
         "做法": "先听后算。", "条件": "有一名固定的联络人。", "步骤": "听、算、谈、签、看。", "踩过的坑": "一开始请了太多人。",
         "可复制条件": "六层楼都可以。", "不足与建议": "雨天人少。", "附件": [paper("问卷汇总.pdf")],
         "本机构承诺：以上内容和附件真实、完整，愿意接受复点和核查": True}
    )  # fmt: skip
    owner.press("提交结项报告")
    expect(owner.page.locator(".mh-flash--ok")).to_be_visible()
    clerk = story["clerk"].go(f"/staff/closings/{story.refs['closing']}")
    clerk.reads("三个楼组签下协议", "95%")
    clerk.write({"给机构的意见": "资料齐全。"})
    clerk.press("通过并进入测评")
    expect(clerk.page.locator(".mh-flash--ok")).to_be_visible()


def self_score(story: Story) -> None:
    owner = story["org1"].go(f"/my/closings/{story.refs['closing']}")
    owner.follow("去自评")
    fill_sheet(owner, 0.9)
    owner.write({SURE: True})
    owner.press("提交自评分")
    owner.reads("自评分已提交")


def assign(story: Story) -> None:
    """Inspector, sample and panel; the sample is drawn once and for all."""
    clerk = story["clerk"].go("/staff/assessments")
    clerk.follow(PROJECT)
    story.refs["assessment"] = clerk.ref
    clerk.follow("指派督察人")
    choice = clerk.page.get_by_label("督察人")
    choice.select_option(label=choice.locator("option").filter(has_text="何枢纽").first.inner_text())
    clerk.press("指派")
    clerk.press("抽取样本", sure=True)
    clerk.reads("怎样验证这次抽样")
    clerk.follow("安排现场汇报")
    clerk.write({"汇报日期": "2026-08-12", "地点和时间": "社会组织服务中心二楼，14:00 开始"})
    for name in ("程评一", "程评二", "程评三"):
        clerk.page.get_by_label(re.compile(name)).check()
    clerk.press("保存安排")
    clerk.reads("程评三")


def inspect(story: Story) -> None:
    """On the phone, beside the shelf: each drawn activity is counted again, then the ledger is scored."""
    story.at(date(2026, 8, 7))
    inspector = story["hub"].go("/assess")
    inspector.leave_by(inspector.page.locator(f"main a[href='/assess/{story.refs['assessment']}']").first)
    drawn = inspector.page.locator("form[action$='/count'] fieldset.mh-item")
    for n in range(drawn.count()):
        claimed = re.search(r"上报 (\d+) 人次", drawn.nth(n).locator("legend").first.inner_text())
        assert claimed
        inspector.write({"复点人次": claimed[1]}, within=drawn.nth(n))
        inspector.choose("方案、签到、照片、记录是否齐全", "齐全", within=drawn.nth(n))
    inspector.press("保存复点结果")
    expect(inspector.page.locator(".mh-flash--ok")).to_be_visible()
    hand_in(inspector, 0.9)


def present(story: Story, key: str) -> None:
    story.at(date(2026, 8, 12), 16)
    judge = story[key].go(f"/assess/{story.refs['assessment']}/presentation")
    judge.reads_not("机构还没有提交自评分")
    hand_in(judge, 0.9)


def hand_in(judge: Person, level: float) -> None:
    fill_sheet(judge, level)
    judge.write({"总体意见": "台账按活动归档，基本一致。", NO_TIE: True, SURE: True})
    judge.press("提交打分")
    judge.reads("您的评分已提交成功")


def think_again(story: Story) -> None:
    """The approver could have a sheet scored anew, with a reason, and decides against it."""
    approver = story["approver"].go(f"/staff/assessments/{story.refs['assessment']}")
    approver.follow(re.compile("请其重新打分.*程评一"))
    approver.reads("理由")


def compute(story: Story) -> None:
    """Provisional until its notice is over: the public page knows nothing yet."""
    clerk = story["clerk"].go(f"/staff/assessments/{story.refs['assessment']}")
    clerk.press("计算并冻结", sure=clerk.page.locator("form[action$='/compute'][data-confirm]").count() > 0)
    expect(clerk.page.locator(".mh-flash--ok")).to_be_visible()
    answer = story["resident"].page.request.get(f"/assessments/{story.refs['assessment']}")
    assert answer.status == 404
    approver = story["approver"].go(f"/staff/assessments/{story.refs['assessment']}/review")
    approver.press("审核通过", sure=False)
    expect(approver.page.locator(".mh-flash--ok")).to_be_visible()


def announce(story: Story) -> None:
    clerk = story["clerk"].go(f"/staff/assessments/{story.refs['assessment']}")
    clerk.press("起草公示")
    assert "/staff/notices/" in clerk.path
    notice = clerk.ref
    clerk.follow("发布公示")
    confirm(clerk, notice)
    story.at(date(2026, 8, 24))
    clerk.go(f"/staff/notices/{notice}")
    clerk.follow("结束公示并登记结果")
    clerk.write({"公示结果": "公示期内没有异议。"})
    clerk.press("结束公示")
    expect(clerk.page.locator(".mh-flash--ok")).to_be_visible()


def result(story: Story) -> None:
    """Everybody reads the grade and how it came about; the project is filed."""
    resident = story["resident"].go(f"/projects/{story.refs['project']}")
    resident.leave_by(resident.page.locator(f"main a[href='/assessments/{story.refs['assessment']}']").first)
    resident.reads("良好", "台账督察", "现场汇报", "日常督导")
    resident.go("/outcomes").reads(PROJECT)
    resident.go(f"/orgs/{story.refs['org1']}").reads(PROJECT, "良好")
    clerk = story["clerk"].go(f"/staff/projects/{story.refs['project']}")
    clerk.press("归档结项", sure=True)
    clerk.reads("已结项")
    record_grows(story)


def record_grows(story: Story) -> None:
    """Item A12 of the organisation's next review begins with what this project has shown, a newcomer's in the middle."""
    with story.inside():
        proven, newcomer = (by_ref(Organisation, story.refs[key]) for key in ("org1", "org2"))
        assert past.track_record(newcomer).score is None
        assert [part.project.reference for part in past.track_record(proven).evidence] == [story.refs["project"]]
        assert past.a12_points(proven, Decimal(5)) > past.a12_points(newcomer, Decimal(5)) == Decimal(3)
