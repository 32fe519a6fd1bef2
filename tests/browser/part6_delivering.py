"""The project: agreement, supervisors, start; activities recorded on a phone; monthly reports."""

from __future__ import annotations

import re
from datetime import date, timedelta

import sqlalchemy as sa
from playwright.sync_api import expect

from matchhub.core.db import db
from matchhub.demo import pictures
from matchhub.domain.accounts import by_login
from matchhub.domain.models import Project, Report
from matchhub.features.projects import service as projects
from tests.browser.part3_applying import PROJECT
from tests.browser.story import Story, by_ref, paper, picture

START, END = date(2026, 4, 15), date(2026, 7, 31)


def play(story: Story) -> None:
    sign(story)
    assign(story)
    start(story)
    record_on_a_phone(story)
    report(story)


def sign(story: Story) -> None:
    story.at(date(2026, 4, 8))
    clerk = story["clerk"].go(f"/staff/projects/{story.refs['project']}")
    clerk.reads("还没有登记协议")
    clerk.follow("登记协议")
    clerk.write(
        {"协议编号": "曹街购〔2026〕01 号", "开始日期": START.isoformat(), "结束日期": END.isoformat(), "协议金额": "60000",
         "首期拨款比例": "50", "中期拨款比例": "40", "尾款比例": "20"}
    )  # fmt: skip
    clerk.press("拟定协议文本")
    clerk.reads("100")
    clerk.write({"尾款比例": "10"})
    clerk.press("拟定协议文本")
    clerk.reads("等待双方签署")
    with clerk.page.expect_download() as saved:
        clerk.page.locator('main a[href$="agreement.pdf"]').click()
    assert saved.value.suggested_filename.endswith(".pdf")
    clerk.write({"甲方签订日期": "2026-04-08", "协议文本": [paper("协议.pdf")]})
    clerk.press("保存协议")
    clerk.reads("曹街购〔2026〕01 号", "30,000", "24,000", "6,000", "协议.pdf")


def assign(story: Story) -> None:
    clerk = story["clerk"]
    clerk.follow(re.compile("指派督导"))
    for line, name in (
        ("引导（街道）", "陆引之"),
        ("辅导（枢纽机构或自治骨干）", "何枢纽"),
        ("辅导（枢纽机构或自治骨干）", "钱骨干"),
    ):
        clerk.choose("督导线", line)
        choice = clerk.page.get_by_label("督导人")
        words = choice.locator("option").filter(has_text=name).first.inner_text()
        choice.select_option(label=words)
        clerk.press("指派")
        expect(clerk.page.locator("main table")).to_contain_text(name)


def start(story: Story) -> None:
    story.at(START)
    clerk = story["clerk"].go(f"/staff/projects/{story.refs['project']}")
    clerk.press("启动项目", sure=True)
    expect(clerk.page.locator(".mh-flash--ok")).to_be_visible()
    clerk.follow(re.compile("登记拨款.*第 1 期"))
    clerk.write({"拨款日期": START.isoformat()})
    clerk.press("登记拨款", sure=clerk.page.locator("main form[data-confirm]").count() > 0)
    clerk.reads("已拨")
    resident = story["resident"].go("/projects")
    resident.follow(PROJECT)
    resident.reads("曹杨邻里社会工作服务中心", "2026-04-15")


def record_on_a_phone(story: Story) -> None:
    """What is recorded on the spot is the ledger; without a photo or a reason it is not complete."""
    story.at(date(2026, 4, 20))
    worker = story["worker"].go(f"/my/projects/{story.refs['project']}")
    worker.follow("记一场活动")
    worker.choose("对应的活动计划", "楼组协商会")
    worker.write({"活动日期": "2026-04-20", "地点": "桂杨园活动室", "参加人次": "二十"})
    worker.press("保存")
    worker.reads("请只填整数")
    worker.write(
        {"参加人次": "22", "现场照片": [picture("现场一.jpg"), picture("现场二.jpg")], "签到表": [picture("签到表.jpg")],
         "活动记录": "谈了费用分摊，三户改为赞成。", "本场支出": "500", "支出类别": "活动费"}
    )  # fmt: skip
    worker.press("保存")
    expect(worker.page.locator(".mh-flash--ok")).to_be_visible()
    worker.go(f"/my/projects/{story.refs['project']}/ledger").reads("楼组协商会", "22")


def report(story: Story) -> None:
    """The report of April is filled in from the ledger; the section returns it once, then accepts it."""
    story.at(date(2026, 5, 3))
    story["resident"].go("/prefs/mode?to=care&next=/").reads("回到标准版")
    story["resident"].go("/prefs/mode?to=normal&next=/")
    owner = story["org1"].go("/workbench")
    owner.reads("月报")
    owner.go(f"/my/projects/{story.refs['project']}")
    owner.leave_by(owner.page.locator("main a[href^='/my/reports/']").first)
    story.refs["report"] = owner.ref
    owner.reads("楼组协商会", "22")
    story["clerk"].go(f"/staff/reports/{story.refs['report']}/exempt").reads("免报")
    owner.write({"本月概述": "开了第一场协商会。", "下月计划": "走访其余楼组。"})
    owner.press("提交月报", sure=owner.page.locator("main form[data-confirm]").count() > 0)
    expect(owner.page.locator(".mh-flash--ok")).to_be_visible()
    clerk = story["clerk"].go("/staff/reports")
    clerk.leave_by(clerk.page.locator("main table a").first)
    clerk.follow("退回修改")
    clerk.write({"需要修改的地方": "请写明居民反馈。"})
    clerk.press("退回月报")
    owner.go(f"/my/reports/{story.refs['report']}").reads("请写明居民反馈")
    owner.write({"居民反馈": "居民希望固定在周一晚上。"})
    owner.press("提交月报", sure=owner.page.locator("main form[data-confirm]").count() > 0)
    clerk.go(f"/staff/reports/{story.refs['report']}")
    clerk.follow("通过")
    clerk.write({"给机构的话": "进度符合计划。"})
    clerk.press("通过月报", sure=True)
    expect(clerk.page.locator(".mh-flash--ok")).to_be_visible()


# --- repeated by the services after it was done once by page ---------------------------------------------------------


def record_by_service(story: Story, row: int, held_on: date, people: int) -> None:
    story.at(held_on + timedelta(days=1))
    with story.inside():
        project = by_ref(Project, story.refs["project"])
        photo = pictures.stored(story.folder, "scene", held_on.toordinal())
        sheet = pictures.stored(story.folder, "sign_in", held_on.toordinal())
        values = {
            "plan_row_id": project.plan[row - 1].id, "held_on": held_on, "name": "", "form": "", "place": "桂杨园活动室",
            "people": people, "new_people": 5, "volunteers": 2, "volunteer_hours": 4, "summary": "按计划进行。",
            "feedback": "", "expense_fen": 500_00, "expense_category": "activity", "no_photo_reason": "",
        }  # fmt: skip
        projects.record_activity(by_login("org1@example.org"), project, values, [photo], sheet)


def report_by_service(story: Story, month: date) -> None:
    """Report of `month`, submitted and accepted on the third of the month after."""
    story.at((month.replace(day=28) + timedelta(days=7)).replace(day=3))
    with story.inside():
        project = by_ref(Project, story.refs["project"])
        found = db.session.scalars(
            sa.select(Report).where(Report.project_id == project.id, Report.month == month)
        ).one()
        values = {
            "summary": "按计划开展活动。", "next_month": "继续。", "no_activity_reason": "", "problems": "",
            "feedback": "反映及时。", "suggestions_done": "逐条落实。", "team_changes": "", "asks_for_help": False,
            "other": {"expert": 10_000_00},
        }  # fmt: skip
        projects.submit_report(by_login("org1@example.org"), found, values)
        projects.accept_report(by_login("clerk@example.org"), found, "好。")
