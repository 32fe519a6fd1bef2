"""Forms of events: shape only; what is allowed is the life-cycle's and the services' to say."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from matchhub.core import clock
from matchhub.core.contact import email, mobile, plain_email, plain_phone
from matchhub.core.forms import (
    Agreed,
    BooleanField,
    Form,
    MultipleFileField,
    Needed,
    TimeField,
    choice,
    day,
    lines,
    text,
    whole,
)
from matchhub.core.i18n import _, _l
from matchhub.domain import reference
from matchhub.domain.models import Audience, Event, EventKind, Need, SignupKind, User
from matchhub.features.events.service import Plan
from matchhub.features.events.signing import MOST_PEOPLE, Person

AUDIENCES: dict[Audience, str] = {
    Audience.PUBLIC: _l("所有人：居民、访客和机构"),
    Audience.ORGANISATIONS: _l("只限入驻机构"),
    Audience.INVITED: _l("不开放报名，按邀请参加"),
}
KINDS_OF_PEOPLE: dict[SignupKind, str] = {
    SignupKind.RESIDENT: _l("居民"),
    SignupKind.VISITOR: _l("访客"),
    SignupKind.ORGANISATION: _l("机构"),
}


def _clock(label: str, required: str) -> TimeField:
    return TimeField(label, validators=[Needed(required)])


class EventForm(Form):
    """The plan of an event; times are of the clock in Shanghai."""

    kind = choice(_l("活动类别"), reference.options("event_kind"), _l("请选择活动类别"))
    title = text(_l("活动名称"), 60, _l("请填写活动名称，例如“秋季项目推介会”"), _l("不超过 60 个字"))
    need_ref = choice(_l("对应的需求"), tuple, hint=_l("只有路演需要选；参加路演的是这条需求的合格申报"))
    summary = text(_l("活动介绍"), 2000, hint=_l("讲什么、适合谁来、要带什么"), long=True)
    place = text(_l("地点"), 100, _l("请填写地点"), _l("写到房间，方便老人找"))
    on = day(_l("日期"), _l("请填写日期"))
    begins = _clock(_l("开始"), _l("请填写开始时间，例如 14:00"))
    finishes = _clock(_l("结束"), _l("请填写结束时间，例如 16:30"))
    audience = choice(
        _l("谁可以报名"),
        lambda: [(a.value, _(word)) for a, word in AUDIENCES.items()],
        _l("请选择谁可以报名"),
        radio=True,
    )
    capacity = whole(_l("座位数"), 1, 5000, hint=_l("不填就是不限；满了以后报名的人进入候补"))
    signup_closes_on = day(_l("报名截止日"), hint=_l("当天 24:00 截止；不填就到活动开始"))
    talk_minutes = whole(_l("每家陈述（分钟）"), 1, 60, _l("请填写陈述的分钟数"))
    answer_minutes = whole(_l("每家答辩或提问（分钟）"), 0, 60, _l("请填写答辩的分钟数，没有就填 0"))
    ballots = BooleanField(_l("现场居民投票：每位签到的居民给每一家打 1 到 10 分"))
    contact = text(_l("咨询方式"), 80, hint=_l("公开显示，例如 社会组织服务中心 021-6251 0000"))

    def moments(self) -> tuple[datetime, datetime, datetime | None]:
        """Start, end and end of sign-up (UTC)."""
        day, begins, finishes = self.on.data, self.begins.data, self.finishes.data
        assert day and begins is not None and finishes is not None  # the fields are needed
        starts, last = clock.utc(day, begins), self.signup_closes_on.data
        closes = clock.utc(last + timedelta(days=1)) if last else None
        return starts, clock.utc(day, finishes), starts if last == day else closes

    def plan(self, need: Need | None) -> Plan:
        starts_at, ends_at, closes_at = self.moments()
        return Plan(
            kind=EventKind(self.kind.data), title=self.title.data, place=self.place.data, starts_at=starts_at,
            ends_at=ends_at, summary=self.summary.data or "", audience=Audience(self.audience.data),
            capacity=self.capacity.data, signup_closes_at=closes_at, need=need, talk_minutes=self.talk_minutes.data,
            answer_minutes=self.answer_minutes.data, ballots=bool(self.ballots.data), contact=self.contact.data or "",
        )  # fmt: skip


def filled(event: Event) -> dict[str, Any]:
    """What the form of an existing event starts with."""
    begin, end = clock.local(event.starts_at), clock.local(event.ends_at)
    closes = event.signup_closes_at
    names = ("title", "summary", "place", "capacity", "talk_minutes", "answer_minutes", "ballots", "contact")
    return {name: getattr(event, name) for name in names} | {
        "version": str(event.version),
        "kind": event.kind.value,
        "audience": event.audience.value,
        "need_ref": event.need.ref if event.need else "",
        "on": begin.date(),
        "begins": begin.time(),
        "finishes": end.time(),
        "signup_closes_on": clock.local(closes - timedelta(seconds=1)).date() if closes else None,
    }


def fresh(user: User) -> dict[str, Any]:
    """What a new form starts with."""
    return {
        "kind": EventKind.PROMOTION.value,
        "audience": Audience.PUBLIC.value,
        "talk_minutes": reference.setting("roadshow_talk_minutes"),
        "answer_minutes": reference.setting("roadshow_answer_minutes"),
        "contact": f"{reference.setting('site_contact')} {reference.setting('site_phone')}".strip(),
    }


class ItemForm(Form):
    """One more item of an agenda: a project, or a subject of an organisation or of the host."""

    project = text(_l("项目编号"), 24, hint=_l("例如 XM-2026-003；填了项目就不用再填议题"))
    title = text(_l("议题"), 100)
    organisation = text(_l("机构"), 100, hint=_l("从列表里选机构全称；主办方自己的议题可以不填"))


class ReasonForm(Form):
    reason = text(_l("理由"), 300, _l("请写明理由"), long=True)


def _people_kinds() -> list[tuple[str, str]]:
    return [(kind.value, _(word)) for kind, word in KINDS_OF_PEOPLE.items() if kind is not SignupKind.ORGANISATION]


class PersonForm(Form):
    """Name and one way to reach: all that is asked of somebody who comes."""

    name = text(_l("姓名"), 60, _l("请填写姓名"))
    kind = choice(_l("您是"), _people_kinds, _l("请选择居民或访客"), radio=True)
    phone = mobile(hint=_l("手机号和邮箱填一项就可以"))
    email = email(hint=_l("填邮箱的，候补转正、改期和取消会发邮件告诉您"))
    people = whole(_l("一共几人"), 1, MOST_PEOPLE, _l("请填写人数，例如 1"))
    agreed = BooleanField(
        _l("我同意主办方为这场活动保存以上信息，到期自动删除"),
        validators=[Agreed(_l("请先勾选同意，我们才能保存报名"))],
    )

    def validate(self, *args: Any, **more: Any) -> bool:
        """Either way to be reached will do, but one is needed: an optional field's own checks stop when it is empty."""
        fine = bool(super().validate(*args, **more))
        if not self.phone.data and not self.email.data and not self.phone.errors and not self.email.errors:
            self.refuse("phone", _("手机号和邮箱请至少填一项"))
            return False
        return fine

    def person(self, user: User | None) -> Person:
        works = user is not None and user.organisation_id is not None
        return Person(
            name=self.name.data,
            kind=SignupKind.ORGANISATION if works else SignupKind(self.kind.data),
            phone=plain_phone(self.phone.data) or "",
            email=plain_email(self.email.data) or "",
            people=self.people.data or 1,
            user=user if works else None,
        )


class CheckInForm(Form):
    """At the door: a sign-up is found by what was given then; others write their name."""

    known = text(_l("报名时填的手机号或邮箱"), 120, hint=_l("报过名的填这一项就可以"))
    name = text(_l("姓名"), 60, hint=_l("没有报名的填姓名"))
    kind = choice(_l("您是"), _people_kinds, _l("请选择居民或访客"), radio=True)
    ticket = text(_l("签到码"), 80)

    def validate(self, *args: Any, **more: Any) -> bool:
        fine = bool(super().validate(*args, **more))
        if not self.name.data and not self.known.data:
            self.refuse("name", _("请填写报名时的手机号，或填写姓名"))
            return False
        return fine

    def person(self, user: User | None) -> Person:
        typed = (self.known.data or "").strip()
        works = user is not None and user.organisation_id is not None
        return Person(
            name=self.name.data or "",
            kind=SignupKind.ORGANISATION if works else SignupKind(self.kind.data),
            phone=(plain_phone(typed) or "")[:20] if "@" not in typed else "",
            email=(plain_email(typed) or "") if "@" in typed else "",
            user=user if works else None,
        )


class PaperForm(Form):
    """Names of a paper list."""

    names = lines(_l("姓名"), 4000, _l("请填写至少一个姓名，每行一位"), _l("每行一位，照签到表抄写"))
    kind = choice(_l("他们是"), _people_kinds, _l("请选择居民或访客"), radio=True)


class BallotsForm(Form):
    """Paper ballots of one presentation."""

    count = whole(_l("纸质票数"), 0, 5000, _l("请填写票数"))
    total = whole(_l("总分"), 0, 50000, _l("请填写这些票的总分"))


class MinutesForm(Form):
    minutes = text(_l("活动纪要"), 10_000, long=True)


FILE_KINDS: dict[str, str] = {
    "event_photo": _l("现场照片：发布纪要后公开"),
    "event_public": _l("公开材料：所有人可以下载"),
    "event_staff": _l("内部材料：只有街道和服务中心可见"),
}


class FilesForm(Form):
    purpose = choice(
        _l("给谁看"), lambda: [(code, _(word)) for code, word in FILE_KINDS.items()], _l("请选择给谁看"), radio=True
    )
    files = MultipleFileField(_l("文件"), description=_l("可以多选。照片会自动去掉拍摄地点等信息"))
    consent = BooleanField(_l("照片里能认出的人都同意公开，没有未成年人的正面照片"))


class SlidesForm(Form):
    files = MultipleFileField(_l("陈述材料"), description=_l("PDF 或 PPT，可以多选；主办方和评审人可以看到"))


class InterestForm(Form):
    item = choice(_l("对哪一项"), tuple, _l("请选择项目"))
    organisation = text(_l("机构"), 100, hint=_l("平台上的机构从列表里选"))
    who = text(_l("或者是谁"), 100, hint=_l("不在平台上的单位或个人"))
    kind = choice(_l("支持形式"), reference.options("support_kind"), _l("请选择支持形式"))
    note = text(_l("说明"), 500, long=True)


class FollowForm(Form):
    text = text(_l("跟进情况"), 1000, _l("请写明跟进的情况"), long=True)
    settled = BooleanField(_l("已经办妥，不用再跟进"))
