"""Forms of the green channel: shape only."""

from __future__ import annotations

from typing import Any

from matchhub.core.forms import BooleanField, Form, Matches, choice, day, text, whole
from matchhub.core.i18n import _, _l
from matchhub.domain import helping, reference
from matchhub.domain.models import HelpOutcome, HelpResource, Urgency

PHONE = Matches(r"[0-9 +()\-\u8f6c]{5,30}", _l("请填写电话号码，例如 021-62570000 或 13900000000"))


def _kinds(blank: bool = True) -> Any:
    return reference.options("help_kind", "" if blank else None)


class HelpForm(Form):
    """What a project needs help with."""

    kind = choice(_l("需要谁帮忙"), _kinds(False), _l("请选择需要谁帮忙，拿不准的选“其他”"), radio=True)
    title = text(_l("什么事"), 80, _l("请写一句话，例如“三号楼分摊方案谈了四次没谈成”"), _l("不要写居民的姓名和门牌号"))
    details = text(_l("经过和需要"), 2000, _l("请写明遇到什么、已经做了什么、希望怎样帮"), long=True)
    urgency = choice(
        _l("多急"), lambda: [(one.value, _(word)) for one, word in helping.URGENCY_WORDS.items()],
        _l("请选择多急"), radio=True,
    )  # fmt: skip
    contact_name = text(_l("联系人"), 60, _l("请填写联系人"))
    contact_phone = text(_l("联系电话"), 30, _l("请填写联系电话"), _l("街道和被对接的人会打这个电话"), checks=[PHONE])

    def values(self) -> dict[str, Any]:
        names = ("kind", "title", "details", "contact_name", "contact_phone")
        return {name: self[name].data for name in names} | {"urgency": Urgency(self.urgency.data)}


class WordsForm(Form):
    words = text(_l("内容"), 2000, _l("请写明内容"), long=True)


class ReasonForm(Form):
    words = text(_l("理由"), 1000, _l("请写明理由"), _l("对方会看到"), long=True)


class ReferForm(Form):
    """Whom a request is referred to. The choices are the entries in use."""

    resource = choice(_l("对接给谁"), lambda: [("", "")], _l("请选择对接给谁"))
    words = text(
        _l("怎样对接"), 1000, _l("请写明约定的时间、地点或方式"), _l("机构会看到这段话和对方的联系方式"), long=True
    )

    def offer(self, entries: list[HelpResource]) -> None:
        words = [(str(row.id), f"{reference.word('help_kind', row.kind)} · {row.name}") for row in entries]
        self.resource.choices = [("", ""), *words]


class ConcludeForm(Form):
    outcome = choice(
        _l("结果"), lambda: [(one.value, _(word)) for one, word in helping.OUTCOME_WORDS.items()],
        _l("请选择结果"), radio=True,
    )  # fmt: skip
    words = text(_l("怎样办的"), 2000, _l("请写明怎样办的、还剩什么"), _l("机构看过以后确认或继续求助"), long=True)

    @property
    def chosen(self) -> HelpOutcome:
        return HelpOutcome(self.outcome.data)


class ResourceForm(Form):
    """One entry of the directory."""

    FIELDS = ("kind", "name", "body", "abilities", "hours", "contact_name", "contact_phone", "active")

    kind = choice(_l("类别"), _kinds(), _l("请选择类别"))
    name = text(_l("名称"), 80, _l("请填写名称，例如“张律师（物业纠纷）”"), _l("人、岗位或机构"))
    body = text(_l("单位"), 200)
    abilities = text(_l("能帮什么"), 1000, _l("请写明能帮什么，例如“解答物业合同、列席调解”"), long=True)
    hours = text(_l("什么时候找"), 200, hint=_l("例如：周二、周四下午，提前一天约"))
    contact_name = text(_l("联系人"), 60, _l("请填写联系人"))
    contact_phone = text(
        _l("联系电话"), 30, _l("请填写联系电话"), _l("只有街道、服务中心和被对接的机构看得到"), checks=[PHONE]
    )
    active = BooleanField(_l("在用"), default=True)

    def values(self) -> dict[str, Any]:
        found = {name: self[name].data for name in self.FIELDS}
        return found | {name: found[name] or "" for name in ("body", "hours")} | {"active": bool(self.active.data)}


class CoachingForm(Form):
    """What a project was advised."""

    given_on = day(_l("哪一天"), _l("请填写日期"))
    kind = choice(_l("方式"), reference.options("coaching_kind"), _l("请选择方式"), radio=True)
    minutes = whole(_l("用时（分钟）"), 5, 600, _l("请填写用时，例如 45"))
    topic = text(_l("主题"), 80, _l("请写一句话，例如“签到表怎样留”"))
    advice = text(_l("说了什么、建议什么"), 2000, _l("请写明说了什么、建议什么"), _l("机构会看到"), long=True)
    wants_reply = BooleanField(_l("请机构答复做到了没有"))

    def values(self) -> dict[str, Any]:
        names = ("given_on", "kind", "minutes", "topic", "advice")
        return {name: self[name].data for name in names} | {"wants_reply": bool(self.wants_reply.data)}


class ReplyForm(Form):
    words = text(_l("答复"), 1000, _l("请写明做到了什么、还差什么"), long=True)
