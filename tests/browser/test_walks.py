"""Paths beside the main chain, walked in Chromium: links in mails, earlier applications, objections, gifts, second looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Locator, expect

from matchhub.core import mail
from matchhub.core.db import db
from matchhub.domain import sheets
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Invitation,
    InvitationAnswer,
    OutboxRow,
    Pledge,
    Role,
    User,
)
from matchhub.features.applications import checking, submitting
from matchhub.features.applications import service as applications
from matchhub.features.channel import service_coaching as coaching
from matchhub.features.matching import service as matching
from matchhub.features.needs import follow
from matchhub.features.needs import service as needs
from matchhub.features.notices import service as notices
from matchhub.features.reviews import judging
from tests import factories as make
from tests.applications.conftest import applicant, with_certificate
from tests.browser import chromium, pages
from tests.browser.looking import Sight
from tests.browser.person import Person
from tests.browser.story import paper
from tests.reviews import story as review
from tests.reviews.test_discussion import discussed, split

WHY = "登记证书第二页写有这项服务，请重新核对。"


class Walker(Person):
    """Lets go what the test has open in the database before each step: the site could not write beside it."""

    def go(self, path: str) -> Person:
        db.session.rollback()
        return super().go(path)

    def leave_by(self, target: Locator) -> None:
        db.session.rollback()
        super().leave_by(target)


class Ground:
    """The site of the tests on a live server, and windows on it."""

    def __init__(self, app: Flask, browser: Browser, sight: Sight, stack: ExitStack) -> None:
        self.app, self.browser, self.sight, self.stack = app, browser, sight, stack
        self.address = stack.enter_context(chromium.served(app))

    def person(self, user: User | None, *, phone: bool = False) -> Walker:
        """Somebody who has signed in, or a visitor."""
        user_id = user.id if user else None
        db.session.rollback()
        window = self.stack.enter_context(chromium.window(self.browser, self.address, phone=phone))
        window.add_cookies(pages.cookie(self.app, self.address, user_id))  # type: ignore[arg-type]
        return Walker(window, phone=phone, look=self.sight)


@pytest.fixture
def ground(app: Flask, browser: Browser, sight: Sight) -> Iterator[Ground]:
    with ExitStack() as stack:
        yield Ground(app, browser, sight, stack)


def one(model: Any, *where: Any) -> Any:
    """The record as it is stored now."""
    db.session.rollback()
    return db.session.scalars(sa.select(model).where(*where)).one()


# --- following ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def letters(app: Flask) -> Iterator[Any]:
    """This site sends mail; what waits in the outbox."""
    mail.configure("127.0.0.1:1", "noreply@example.org", "https://site.example")

    def waiting() -> list[dict[str, Any]]:
        db.session.rollback()
        found = db.session.scalars(sa.select(OutboxRow).where(OutboxRow.kind == "mail").order_by(OutboxRow.id))
        letters = [row.payload for row in found]
        db.session.rollback()
        return letters

    yield waiting
    mail.configure("", "noreply@example.org", "")


@pytest.mark.sees("follow/confirm.html", "follow/leave.html", "follow/left.html", "needs/followed.html")
def test_a_resident_follows_by_mail_and_leaves_with_one_press(ground: Ground, letters: Any) -> None:
    need, staff = make.need(), make.staff()
    address = f"/needs/{need.ref}/follow"
    resident = ground.person(None, phone=True)
    resident.go(address).write({"邮箱": "qian@example.org"})
    resident.press("用邮箱关注")
    resident.told("打开里面的链接确认以后才开始关注")
    resident.go(letters()[-1]["path"]).press("确认关注")
    resident.told("已确认")
    needs.draft_answer(staff, needs.ask(make.org_admin(), need, "在哪里？"), "在源园。")
    needs.publish_answers(staff, need)
    follow.mail_news()
    letter = letters()[-1]
    assert letter["to"] == "qian@example.org"
    resident.go(letter["leave"]).press("退订")
    resident.reads("已退订")
    resident.go(address).press("用关注码关注")
    resident.reads("请记下、截图或打印", "上次看过以后没有新进展")


# --- writing -----------------------------------------------------------------------------------------------------------


@pytest.mark.sees("applications/copy.html", "applications/copy_choose.html", "applications/changes.html")
def test_an_organisation_takes_over_an_earlier_application_and_sees_what_it_changed(ground: Ground) -> None:
    org = applicant()
    org.submitted()
    org.need = make.need()
    begun = org.start()
    writer = ground.person(org.admin)
    writer.go(f"/my/applications/{begun.ref}").follow("照搬以往的申报书")
    writer.leave_by(writer.page.locator(".mh-row a").first)
    writer.choose("照搬哪些部分", "项目基本情况", "风险与安全")
    writer.press("照搬选中的部分")
    writer.reads("已照搬")
    second = applicant()
    handed_in = second.submitted()
    applications.save_part(second.admin, handed_in, "risks", {"risks": "遇雨改在室内。", "safety": "两人同行。"})
    submitting.submit(second.admin, handed_in)
    writer = ground.person(second.admin)
    writer.go(f"/my/applications/{handed_in.ref}").follow("看最后一版改了什么")
    writer.reads("第 2 版改了什么", "遇雨改在室内。")


@pytest.mark.sees("applications/object.html", "applications/staff_changes.html")
def test_a_correction_is_compared_and_an_exclusion_objected_to(ground: Ground, later: Any) -> None:
    org = applicant()
    with_certificate(org)
    application = org.submitted()
    later(days=11)
    make.opened(org.need)
    staff, approver = make.staff(), make.approver()
    checking.open_checklist(staff, application)
    _decide(staff, application, passed=False)
    checking.ask_correction(staff, application, "请补充风险预案", ["risks"])
    applications.save_part(org.admin, application, "risks", {"risks": "遇雨改在室内。", "safety": "两人同行。"})
    submitting.submit(org.admin, application)
    clerk = ground.person(staff)
    clerk.go(f"/staff/applications/{application.ref}").follow("这一版改了什么")
    clerk.reads("遇雨改在室内。")
    _decide(staff, application, passed=False)
    checking.disqualify(staff, application, "业务范围不含本项服务")
    excluded = ground.person(org.admin, phone=True)
    excluded.go(f"/my/applications/{application.ref}/objection").write({"异议理由": WHY})
    excluded.press("提出异议")
    excluded.told("异议已收到")
    other = ground.person(approver)
    other.go(f"/staff/applications/{application.ref}/objection").reads(WHY)
    other.choose("决定", "异议成立，恢复资格")
    other.write({"决定的理由": "证书第二页确有此项"})
    other.press("作出决定")
    other.told("异议成立")
    assert one(Application, Application.ref == application.ref).state is ApplicationState.QUALIFIED


def _decide(staff: User, application: Application, *, passed: bool) -> None:
    for row in application.checks:
        if not row.computed:
            checking.decide_rule(staff, application, row.rule, passed or row.rule != "scope", "核对过")


# --- inviting, asking ----------------------------------------------------------------------------------------------------


@pytest.mark.sees("matching/answer.html")
def test_an_invited_organisation_answers(ground: Ground) -> None:
    boss, need = make.org_admin(), make.need()
    matching.invite(make.staff(), need, [boss.organisation_id], "请看看")
    invited = ground.person(boss, phone=True)
    invited.go("/my/matches").follow("去答复")
    invited.choose("答复", "这次不申报")
    invited.write({"说明": "今年人手不够。"})
    invited.press("提交答复")
    invited.reads("这次不申报")
    assert one(Invitation).answer is InvitationAnswer.DECLINED


@pytest.mark.sees("notices/ask.html")
def test_an_organisation_is_asked_about_an_objection(ground: Ground) -> None:
    organisation, staff = make.organisation(name="花园坊社区服务中心"), make.staff()
    notice = make.notice(rows=[{"organisation": organisation.name, "result": "拟立项"}])
    objection = make.objection(notice)
    notices.accept(staff, objection)
    clerk = ground.person(staff)
    clerk.go(f"/staff/objections/{objection.ref}").follow("请机构说明")
    clerk.write({"请哪家机构说明": "花园坊社区服务中心", "情况摘要": "有人反映活动室常锁着门，请说明开放时间。"})
    clerk.press("发给机构")
    clerk.reads("等待说明")


# --- judging anew ------------------------------------------------------------------------------------------------------


@pytest.mark.sees("reviews/revise.html")
def test_a_judge_scores_anew_after_the_discussion(ground: Ground) -> None:
    made = split()
    discussed(made, made.judges[0])
    judge = ground.person(made.judges[0], phone=True)
    judge.go(f"/review/applications/{made.entries[0].ref}/revise")
    judge.write({"修改理由": "核对了签到表。", "我已核对，提交后不能再改": True})
    judge.press("提交新评分")
    judge.told("新的评分已提交")


@pytest.mark.sees("reviews/untie.html")
def test_two_people_take_back_a_tie_that_was_declared_by_mistake(ground: Ground) -> None:
    made = review.scoring()
    judging.declare(made.judges[0], made.round, {made.organisations[0].id: ("family", "表弟")})
    ref = made.round.ref
    clerk, chief = ground.person(made.staff), ground.person(made.approver)
    clerk.go(f"/staff/rounds/{ref}")
    clerk.touch(clerk.page.locator("#ties summary"))
    clerk.leave_by(clerk.page.get_by_role("link", name="声明有误，申请撤销"))
    clerk.write({"撤销理由和核实情况": "本人记错了机构名称，已核对花名册。"})
    clerk.press("提交撤销申请")
    chief.go(clerk_path := f"/staff/rounds/{ref}")
    chief.touch(chief.page.locator("#ties summary"))
    chief.leave_by(chief.page.get_by_role("link", name="等待核准撤销"))
    chief.press("核准撤销")
    expect(chief.go(clerk_path).page.locator("#ties")).to_have_count(0)


@pytest.mark.sees("channel/coaching_reply.html")
def test_an_organisation_answers_what_it_was_advised(ground: Ground) -> None:
    admin = make.org_admin()
    project = make.project(organisation=admin.organisation)
    advice = {"given_on": make.clock.today(), "kind": "on_site", "minutes": 45, "topic": "签到表怎样留",
              "advice": "按楼组分页，当天上传。", "wants_reply": True}  # fmt: skip
    note = coaching.give(make.staff(section_code=project.need.section_code), project, advice)
    boss = ground.person(admin, phone=True)
    boss.go(f"/coaching/notes/{note.ref}/reply").write({"答复": "已经分页。"})
    boss.press("答复")
    boss.reads("已经分页。")


# --- giving ------------------------------------------------------------------------------------------------------------


@pytest.mark.sees("support/pledge.html", "support/report.html")
def test_a_foundation_gives_and_hears_what_became_of_it(ground: Ground) -> None:
    admin = make.org_admin()
    line = make.support_line(project=make.project(organisation=admin.organisation))
    giver = ground.person(make.giver(), phone=True)
    owner = ground.person(admin)
    giver.go(f"/support/{line.ref}").follow("我要支持")
    giver.write({"金额": "8000", "条件": "只用于门磁。"})
    giver.press("提出支持")
    ref = giver.ref
    owner.go(f"/pledges/{ref}").press("接受支持")
    owner.told("已接受")
    for deed, amount in (("登记到账", "8000"), ("登记使用", "7600")):
        owner.follow(deed)
        owner.write(
            {"日期": make.clock.today().isoformat(), "金额": amount, "说明": "门磁 40 个", "凭证": [paper("票.pdf")]}
        )
        owner.press(deed)
    owner.follow("反馈使用结果")
    owner.write({"使用结果": "三十八户装好门磁。", "结余和没有到账的部分怎样处理": "退回贵基金会。"})
    owner.press("提交反馈")
    giver.go(f"/pledges/{ref}").reads("三十八户装好门磁。", "退回贵基金会。")
    pledge = one(Pledge, Pledge.ref == ref)
    assert (pledge.received, pledge.used) == (8000_00, 7600_00)


# --- a rubric from Excel -----------------------------------------------------------------------------------------------


@pytest.mark.sees("admin/rubric_import_preview.html")
def test_a_rubric_is_seen_before_it_is_taken_from_excel(ground: Ground) -> None:
    rubric = sheets.newest_rubric("A").id
    chief = ground.person(make.user(Role.SYSADMIN))
    window = chief.page.context
    chief.go(f"/admin/rubrics/{rubric}/import")
    book = window.request.get(f"/admin/rubrics/{rubric}/table.xlsx")
    assert book.ok
    chosen = {"name": "评分表.xlsx", "mimeType": "application/octet-stream", "buffer": book.body()}
    chief.page.locator("input[type=file]").set_input_files([chosen])  # type: ignore[list-item]
    chief.press("上传并预览")
