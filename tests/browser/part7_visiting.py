"""Supervision on the phone by hub, street and backbone; confirmation, a rectification and the reports in between."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from tests.browser.part3_applying import PROJECT
from tests.browser.part4_judging import SURE, fill_sheet
from tests.browser.part6_delivering import record_by_service, report_by_service
from tests.browser.person import Person
from tests.browser.story import Story, picture

LINES = {"hub": "何枢纽", "guide": "陆引之", "backbone": "钱骨干"}


def play(story: Story) -> None:
    visit(story, "hub", "启动", "现场走访", date(2026, 5, 8), 0.9)
    confirm(story)
    record_by_service(story, 1, date(2026, 5, 11), 24)
    record_by_service(story, 2, date(2026, 5, 25), 45)
    report_by_service(story, date(2026, 5, 1))
    record_by_service(story, 1, date(2026, 6, 8), 20)
    visit(story, "guide", "中期", "现场走访", date(2026, 6, 12), 0.8, rectify=True)
    rectify(story)
    record_by_service(story, 2, date(2026, 6, 22), 42)
    report_by_service(story, date(2026, 6, 1))
    record_by_service(story, 1, date(2026, 7, 6), 21)
    visit(story, "backbone", "末期", "活动列席", date(2026, 7, 20), 0.9)
    report_by_service(story, date(2026, 7, 1))


def visit(story: Story, key: str, stage: str, kind: str, on: date, level: float, rectify: bool = False) -> None:
    """Planned a few days ahead, recorded and scored on the spot; the light follows the score."""
    story.at(on.replace(day=on.day - 3))
    supervisor = story[key].go("/supervise")
    supervisor.follow("安排走访")
    supervisor.follow(PROJECT)
    plan(supervisor, key, stage, kind, on)
    supervisor.follow("去查看")
    supervisor.follow("取消走访")
    supervisor.reads("理由")
    story.at(on, 15)
    supervisor.go("/supervise").reads("今天")
    supervisor.follow("去填写")
    story.refs[f"visit_{key}"] = supervisor.ref
    record(supervisor)
    fill_sheet(supervisor, level)
    if rectify:
        supervisor.row(
            "整改问题",
            1,
            {"问题": "第二场签到表缺页", "依据": "6 月 8 日签到表只有一页", "整改要求": "补齐并说明原因", "程度": "中"},
        )
    expect(supervisor.page.locator("[data-sheet-light]")).to_contain_text("绿灯" if level > 0.85 else "灯")
    supervisor.write({SURE: True})
    supervisor.press("提交")
    expect(supervisor.page.locator(".mh-flash--ok")).to_be_visible()
    supervisor.reads("等待机构确认")


def plan(supervisor: Person, key: str, stage: str, kind: str, on: date) -> None:
    group = supervisor.page.get_by_role("group", name="督导人")
    group.locator("label").filter(has_text=LINES[key]).first.tap()
    supervisor.choose("阶段", stage)
    kinds = supervisor.page.get_by_role("group", name="方式")
    kinds.locator("label").filter(has_text=kind).first.tap()
    supervisor.write({"日期": on.isoformat(), "时段": "14:30", "地点": "桂杨园活动室"})
    supervisor.press("安排走访")
    expect(supervisor.page.locator(".mh-flash--ok")).to_be_visible()


def record(supervisor: Person) -> None:
    """First handed in without a suggestion: the summary takes the focus and its link leads to the field."""
    supervisor.write(
        {"用时": "70", "机构在场人": "方静，项目负责人", "观察记录": "到场二十余人，主持人先念上次的约定。",
         "查阅的材料": "签到表、纪要", "现场访谈人数": "4", "访谈要点": "都说得出自己那一户的顾虑。"}
    )  # fmt: skip
    supervisor.press("提交")
    summary = supervisor.page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    supervisor.touch(summary.get_by_role("link", name="请至少写一条改进建议，机构要逐条答复"))
    expect(supervisor.page.get_by_label("建议", exact=True)).to_be_focused()
    supervisor.row("改进建议", 1, {"建议": "请在会前把费用表贴到楼道里。"})
    supervisor.write({"照片和材料": [picture("现场.jpg")]})
    supervisor.write({"我与该机构没有任职、理事、近亲属、合作项目或同一团队等利益关系": True})


def confirm(story: Story) -> None:
    story.at(date(2026, 5, 9), 17)
    owner = story["org1"].go("/my/visits")
    owner.follow(PROJECT, within=owner.page.locator("main"))
    owner.reads("请在会前把费用表贴到楼道里")
    owner.write({"我们的答复": "下一场起照做。"})
    owner.press("答复建议 1")
    owner.follow("提出异议")
    owner.reads("异议理由")
    owner.go(f"/my/visits/{story.refs['visit_hub']}")
    owner.reads("下一场起照做")
    owner.press("确认记录")
    owner.reads("已确认")


def rectify(story: Story) -> None:
    """An open order bars closing until its reply has been verified."""
    story.at(date(2026, 6, 15))
    owner = story["org1"].go("/my/visits")
    owner.leave_by(owner.page.locator("main a[href^='/my/rectifications/']").first)
    story.refs["order"] = owner.ref
    owner.press("签收整改单")
    owner.go(f"/my/projects/{story.refs['project']}").reads("还有 1 份整改单没有完成，不能结项")
    owner.go(f"/my/rectifications/{story.refs['order']}")
    owner.follow("回复整改")
    reply = owner.page.locator("main form textarea").first
    reply.fill("已找到第二页并补入，原因是分两处签到。")
    owner.page.locator("main form input[type=file]").set_input_files([picture("签到表第二页.jpg")])
    owner.press("提交整改回复")
    expect(owner.page.locator(".mh-flash--ok")).to_be_visible()
    guide = story["guide"].go(f"/rectifications/{story.refs['order']}")
    guide.follow("核验整改")
    guide.page.locator("main form input[value=fixed]").check()
    guide.press("核验通过")
    guide.reads("整改已完成")
