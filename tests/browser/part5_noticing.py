"""The award is published for objections; a resident objects on a phone, the street answers; the notice ends in an award."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from tests.browser.part1_joining import ORGANISATIONS
from tests.browser.part3_applying import PROJECT
from tests.browser.person import Person
from tests.browser.story import Story, picture


def play(story: Story) -> None:
    publish(story)
    follow = object_on_a_phone(story)
    answer(story)
    resident = story["resident"].go(follow)
    resident.reads("异议不成立", "已查阅章程和名册")
    conclude(story)


def publish(story: Story) -> None:
    clerk = story["clerk"].go(f"/staff/rounds/{story.refs['round']}")
    clerk.leave_by(clerk.page.get_by_role("link", name="公示").and_(clerk.page.locator("main .mh-banner a")))
    story.refs["notice"] = clerk.ref
    story["resident"].go("/notices").reads_not(story.refs["notice"], ORGANISATIONS["org1"][0])
    clerk.follow("发布公示")
    confirm(clerk, story.refs["notice"])


def confirm(clerk: Person, ref: str) -> None:
    """What cannot be taken back wants its number typed."""
    clerk.write({"确认发布": "好的"})
    clerk.press("发布公示")
    expect(clerk.page.locator("[data-error-summary]")).to_be_focused()
    clerk.write({"确认发布": ref})
    clerk.press("发布公示")
    clerk.told("公示已发布")


def object_on_a_phone(story: Story) -> str:
    """The period begins on the day after publication; a notice can be read at once."""
    resident = story["resident"].go(f"/notices/{story.refs['notice']}")
    resident.reads(ORGANISATIONS["org1"][0], "2026-03-26 起公示", "2026-04-01 24:00")
    story.at(date(2026, 3, 26))
    resident.go("/").leave_by(resident.page.locator(f"main a[href='/notices/{story.refs['notice']}']").first)
    resident.follow("提出异议")
    resident.press("提交异议")
    resident.reads("请填写真实姓名或单位；匿名的异议不能受理")
    resident.write(
        {"您的真实姓名或单位": "钱居民", "联系电话或邮箱": "19911112222", "异议的理由": "听说该机构理事和街道有人是亲戚。",
         "证据": [picture("公告栏照片.jpg")], "以上内容属实，我愿意配合核查": True}
    )  # fmt: skip
    resident.press("提交异议")
    resident.told("异议已收到")
    resident.reads("查询码")
    return resident.path


def answer(story: Story) -> None:
    story.at(date(2026, 3, 27))
    clerk = story["clerk"].go(f"/staff/notices/{story.refs['notice']}")
    clerk.leave_by(clerk.page.locator("main table a[href^='/staff/objections/']").first)
    clerk.reads("钱居民", "公告栏照片")
    clerk.press("受理")
    clerk.told("已受理")
    clerk.follow("答复")
    clerk.write(
        {
            "核查情况": "查阅章程和理事名册，无亲属关系。",
            "给提出人的答复": "已查阅章程和名册，没有发现您说的关系。",
            "对外公布的结论和理由": "经查阅章程和理事名册，异议不成立。",
        }
    )
    clerk.choose("异议是否成立", "不成立")
    clerk.press("答复异议")
    clerk.told("已答复")


def conclude(story: Story) -> None:
    """Objector and reason stay inside the street; after the last day the award stands and the project exists."""
    story["resident"].go(f"/notices/{story.refs['notice']}").reads_not("钱居民", "亲戚")
    story.at(date(2026, 4, 2))
    story["resident"].go(f"/notices/{story.refs['notice']}/object").reads("公示期")
    clerk = story["clerk"].go(f"/staff/notices/{story.refs['notice']}")
    clerk.follow("结束公示并登记结果")
    clerk.write({"公示结果": "公示期内收到一条异议，经核查不成立，按公示结果立项。"})
    clerk.press("结束公示", sure=clerk.page.locator("main form[data-confirm]").count() > 0)
    expect(clerk.page.locator(".mh-flash--ok")).to_be_visible()
    winner = story["org1"].go("/my/projects")
    winner.follow(PROJECT)
    story.refs["project"] = winner.ref
    winner.reads("项目还没有启动")
    story["org2"].go(f"/my/applications/{story.refs['application2']}").reads("未入选")
