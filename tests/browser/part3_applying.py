"""Two organisations apply, the first part by part through the pages; nobody else sees anything before the deadline."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import expect

from matchhub.core.db import db
from matchhub.domain.accounts import by_login
from matchhub.domain.models import Need
from matchhub.features.applications import service as applications
from tests import factories as make
from tests.browser.part2_needing import TITLE
from tests.browser.person import Person
from tests.browser.story import Story, paper

DONE = "本部分已完成"
PROJECT = "楼组加梯陪伴计划"


def play(story: Story) -> None:
    applicant = story["org1"].go(f"/needs/{story.refs['need']}")
    applicant.follow("我要申报")
    applicant.press("开始填写")
    story.refs["application1"] = applicant.ref
    applicant.follow("机构信息", within=applicant.page.locator("main"))
    for part in (organisation, project, plan, budget, team, risks, declaration):
        part(applicant)
    attachments(applicant, story.refs["application1"])
    submit(applicant, story.refs["application1"], PROJECT)
    second_organisation(story)
    nobody_sees_it(story)


def saved(applicant: Person) -> None:
    applicant.write({DONE: True})
    applicant.press("保存并继续")
    applicant.told("已存下")


def organisation(applicant: Person) -> None:
    applicant.write({"联系人": "方静", "联系电话": "19900000000", "做过的类似项目": "做过三年楼组协商，成了六部电梯。"})
    saved(applicant)


def project(applicant: Person) -> None:
    applicant.write(
        {"项目名称": PROJECT, "项目简介": "陪居民走完加梯的每一步。", "需求分析与依据": "入户 146 户，四楼以上赞成的占八成。",
         "服务对象": "六层楼居民", "服务人数": "300", "实施地点": "桂杨园活动室", "服务内容与方法": "听、算、谈、签、看。",
         "居民参与和自治团队培育": "每楼组两名联络人。", "可持续与推广": "留下档案和联络人。"}
    )  # fmt: skip
    applicant.row("目标", 1, {"指标": "完成征询的楼组", "现状": "0", "目标值": "8", "怎样测量": "征询记录"})
    applicant.press("增加一个目标")
    applicant.row("目标", 2, {"指标": "签下协议的楼组", "现状": "0", "目标值": "4", "怎样测量": "协议原件"})
    saved(applicant)


def plan(applicant: Person) -> None:
    applicant.write({"计划开始日期": "2026-04-15", "计划结束日期": "2026-07-31"})
    common = {"负责人": "方静", "开始月份": "2026-04", "结束月份": "2026-07"}
    applicant.row(
        "活动计划",
        1,
        {"活动名称": "楼组协商会", "形式": "调解", "次数": "4", "每次人次": "20", "预期产出": "会议纪要"} | common,
    )
    applicant.press("增加一项活动")
    applicant.row(
        "活动计划",
        2,
        {"活动名称": "政策讲座", "形式": "讲座", "次数": "2", "每次人次": "40", "预期产出": "两场讲座"} | common,
    )
    saved(applicant)


def budget(applicant: Person) -> None:
    """The rows do not add up at first: the sum is live, the sentence says what to do, and the error's link leads there."""
    applicant.write({"申请金额": "60000"})
    rows = [("活动费", "协商会场次费", "500", "60"), ("专家费", "顾问咨询", "600", "40")]
    for number, (category, item, price, quantity) in enumerate(rows, 1):
        if number > 1:
            applicant.press("增加一行预算")
        applicant.row(
            "预算明细", number, {"类别": category, "事项": item, "单价（元）": price, "数量": quantity, "来源": "申请"}
        )
    expect(applicant.page.locator("[data-sum-of='rows-applied']")).to_have_text("54,000")
    applicant.write({DONE: True})
    applicant.press("保存并继续")
    summary = applicant.page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    applicant.touch(summary.get_by_role("link").first)
    applicant.row("预算明细", 2, {"数量": "50"})
    saved(applicant)


def team(applicant: Person) -> None:
    applicant.row("团队成员", 1, {"姓名": "方静", "专业资格": "社会工作师", "角色": "负责人", "投入比例（%）": "60"})
    applicant.press("增加一人")
    applicant.row("团队成员", 2, {"姓名": "李平", "角色": "助理", "投入比例（%）": "50"})
    applicant.press("增加一人")
    applicant.press(re.compile("删除.*第 3 行"))
    expect(applicant.page.locator("[data-row]")).to_have_count(2)
    saved(applicant)


def risks(applicant: Person) -> None:
    applicant.write({"风险与预案": "意见不一时先停、再谈。", "安全与隐私承诺": "两人同行；名册上锁。"})
    saved(applicant)


def declaration(applicant: Person) -> None:
    applicant.choose("必备条件", "有两年以上协商服务经验")
    applicant.write({"利益关系说明": "无", "我声明以上内容真实，如有虚假愿承担责任": True, "签名": "方静"})
    saved(applicant)


def attachments(applicant: Person, ref: str) -> None:
    applicant.go(f"/my/applications/{ref}/files")
    applicant.choose("材料种类", "需求调研材料")
    applicant.write({"选择文件": [paper("入户访谈.pdf"), paper("座谈纪要.pdf")]})
    applicant.press("上传")
    applicant.reads("已上传 2 个文件", "入户访谈.pdf", "座谈纪要.pdf")


def submit(applicant: Person, ref: str, title: str) -> None:
    applicant.go(f"/my/applications/{ref}/check")
    applicant.reads(title, "60,000")
    applicant.press("确认提交")
    applicant.reads("回执", ref)


def second_organisation(story: Story) -> None:
    """The same form was walked by page above; the second organisation's parts are saved by the services."""
    document = make.document()
    document["project"]["title"] = "桂巷加梯议事厅"
    document["plan"] |= {"starts_on": "2026-04-15", "ends_on": "2026-07-31"}
    for row in document["plan"]["rows"]:
        row |= {"from_month": "2026-05", "to_month": "2026-07"}
    document["budget"]["amount_fen"] = 60_000_00
    meetings, advice, _room = document["budget"]["rows"]
    document["budget"]["rows"] = [meetings, advice | {"quantity": 50}]
    document["declaration"] |= {"essential": ["有两年以上协商服务经验"], "signed_name": "周宁"}
    with story.inside():
        need = db.session.scalars(sa.select(Need).where(Need.ref == story.refs["need"])).one()
        started = applications.start(by_login("org2@example.org"), need)
        for part, values in document.items():
            problems = applications.save_part(by_login("org2@example.org"), started, part, values, done=True)
            assert not problems, problems
        story.refs["application2"] = started.ref
    second = story["org2"]
    attachments(second, story.refs["application2"])
    submit(second, story.refs["application2"], document["project"]["title"])


def nobody_sees_it(story: Story) -> None:
    """Sealed: neither the section nor the other applicant learns of it, not even how many there are."""
    for person, path in (("clerk", "/staff/applications"), ("approver", f"/staff/needs/{story.refs['need']}")):
        story[person].go(path).reads_not(PROJECT, "方静", story.refs["application1"])
    story["org2"].go("/my/applications").reads(TITLE)
    story["org2"].reads_not(PROJECT, story.refs["application1"])
    answer = story["clerk"].page.request.get(f"/staff/applications/{story.refs['application1']}")
    assert answer.status == 404
