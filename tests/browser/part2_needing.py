"""The section drafts a need, the approver publishes it; an organisation asks and the section answers."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from tests.browser.story import HOLDERS, PASSPHRASE, Story, paper

TITLE = "六层老楼加装电梯协商陪伴"


def play(story: Story) -> None:
    draft(story)
    hold_keys(story)
    publish(story)
    ask(story)
    answer(story)


def draft(story: Story) -> None:
    clerk = story["clerk"].go("/staff/needs/new")
    clerk.write({"标题": TITLE})
    clerk.press("保存草稿")
    clerk.told("草稿已保存")
    story.refs["need"] = clerk.ref
    clerk.reads("待")
    clerk.follow("修改")
    clerk.write(
        {"一句话概要": "协助楼组完成意愿征询与方案协商", "背景与问题": "六层楼没有电梯，四楼以上老人下楼难，三次征询没有谈拢。",
         "预计服务人数": "300", "服务内容要求": "每周到场一次，留下协商记录。",
         "实施开始日期": "2026-04-15", "实施结束日期": "2026-07-31", "预算上限": "80000", "资金来源": "街道购买"}
    )  # fmt: skip
    clerk.choose("涉及社区", "桂杨园（曹杨二村）")
    clerk.choose("服务对象", "老年人")
    clerk.choose("服务领域", "加装电梯")
    clerk.row("必备条件", 1, {"条件": "有两年以上协商服务经验"})
    clerk.row("期望成效", 1, {"指标": "完成征询的楼组", "现状": "0", "目标": "8"})
    clerk.press("增加一项")
    clerk.row("期望成效", 2, {"指标": "签下协议的楼组", "现状": "0", "目标": "4"})
    clerk.write({"附件": [paper("楼组名单.pdf")]})
    clerk.press("保存草稿")
    clerk.reads("如果今天发布", "申报截止", "签下协议的楼组", "楼组名单.pdf")
    clerk.press("提交审核")
    clerk.told("已提交审核")


def hold_keys(story: Story) -> None:
    """Nothing is published until three people can open what is handed in, each with a sentence that only they know."""
    story["approver"].go(f"/staff/needs/{story.refs['need']}").reads("现在只有 0 位设置了开启口令")
    for key in HOLDERS:
        holder = story[key].go("/my/opening-key")
        holder.write({"新的开启口令": PASSPHRASE.format(key), "再填一次": PASSPHRASE.format(key)})
        holder.press("保存开启口令")
        holder.told("开启口令已保存")


def publish(story: Story) -> None:
    """What waits for the approver stands on the workbench; from there the need is published."""
    story["resident"].go("/needs").reads_not(TITLE)
    approver = story["approver"].go("/workbench")
    approver.reads(TITLE)
    approver.go(f"/staff/needs/{story.refs['need']}")
    approver.press("发布需求", sure=True)
    approver.told("需求已发布")
    resident = story["resident"].go("/needs")
    resident.follow(TITLE)
    resident.reads("还剩", "签下协议的楼组", "2026-03-18")


def ask(story: Story) -> None:
    member = story["org1"].go(f"/needs/{story.refs['need']}")
    member.write({"您的问题": "协商场地由居民区提供吗？"})
    member.press("提交问题")
    member.told("街道看不到是哪家机构提的")


def answer(story: Story) -> None:
    """The section sees a mark instead of a name; everybody reads the answer."""
    story.at(date(2026, 3, 5))
    clerk = story["clerk"].go(f"/staff/needs/{story.refs['need']}")
    clerk.reads("协商场地由居民区提供吗")
    clerk.reads_not("曹杨邻里社会工作服务中心")
    clerk.leave_by(clerk.page.get_by_role("link", name="去答复"))
    clerk.write({"答复": "由居民区提供活动室，水电不收费。"})
    clerk.press("存为草稿")
    clerk.told("还没有公开")
    clerk.press("公布勾选的答复", sure=True)
    clerk.told("第 1 批答复已公开")
    resident = story["resident"].go(f"/needs/{story.refs['need']}")
    expect(resident.page.locator("#questions, main").first).to_contain_text("由居民区提供活动室")
    resident.reads_not("曹杨邻里社会工作服务中心")
