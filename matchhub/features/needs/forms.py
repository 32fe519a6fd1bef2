"""Forms of needs: shape only. A draft needs a title; what publishing needs is the life-cycle's to say."""

from __future__ import annotations

from typing import Any

from matchhub.core import contact
from matchhub.core.forms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    MultipleFileField,
    PlainForm,
    ValidationError,
    choice,
    choices,
    clean,
    day,
    text,
    whole,
    yuan,
)
from matchhub.core.i18n import _, _l
from matchhub.domain import coding, needing, reference
from matchhub.domain.models import Need, User
from matchhub.features.needs import queries

MOST_OUTCOMES = 20

MOST_CONDITIONS = 20
# Conditions for applicants: each a line of its own, in the eligibility check and in the application.
CONDITIONS = ("essential", "preferred")


class OutcomeForm(PlainForm):
    """One expected result."""

    indicator = text(_l("指标"), 100)
    baseline = text(_l("现状"), 50)
    target = text(_l("目标"), 50)


class ConditionForm(PlainForm):
    """One condition."""

    text = text(_l("条件"), 200)


def conditions(label: str, hint: str) -> FieldList:
    return FieldList(
        FormField(ConditionForm), label=label, description=hint, min_entries=1, max_entries=MOST_CONDITIONS
    )


class NeedForm(Form):
    """All that a need says. Only the title is needed for saving a draft."""

    title = text(
        _l("标题"), 40, _l("请填写标题，例如“六层老楼加装电梯协商”"), _l("居民一看就懂的一句话，不超过 40 个字")
    )
    section_code = choice(_l("发布科室"), reference.options("section"), _l("请选择发布科室"))
    summary = text(_l("一句话概要"), 60, hint=_l("列表里显示，不超过 60 个字"))
    background = text(_l("背景与问题"), 3000, hint=_l("现在是什么情况，难在哪里，已经试过什么"), long=True)
    problem = choice(_l("问题类型"), reference.options("problem"))
    urgency = choice(_l("紧急程度"), reference.options("urgency"), radio=True)
    source = choice(_l("需求来源"), reference.options("need_source"), hint=_l("只有街道内部可见"))
    related = text(_l("延续的往期需求"), 24, hint=_l("填往期需求的编号，例如 XQ-2026-007"))

    communities = choices(_l("涉及社区"), reference.options("community"))
    target_groups = choices(_l("服务对象"), reference.options("target_group"))
    target_count = whole(_l("预计服务人数"), 1, 1_000_000)
    target_note = text(_l("服务对象说明"), 200)
    fields = choices(_l("服务领域"), reference.options("field"), hint=_l("发布时会通知这些领域的机构"))

    outcomes = FieldList(
        FormField(OutcomeForm), label=_l("期望成效"), min_entries=1, max_entries=MOST_OUTCOMES,
        description=_l("每行一项看得见、量得出的变化"),
    )  # fmt: skip
    requirements = text(_l("服务内容要求"), 3000, long=True)
    essential = conditions(_l("必备条件"), _l("每行一条，资格审查时逐条核对；不满足的申报不能通过"))
    preferred = conditions(_l("优先条件"), _l("每行一条，不是必须；满足的申报在评审时更有优势"))
    joint_allowed = BooleanField(_l("可以联合申报"))

    starts_on = day(_l("实施开始日期"))
    ends_on = day(_l("实施结束日期"))
    budget_fen = yuan(_l("预算上限"))
    budget_public = BooleanField(_l("公开预算上限"))
    funding = choice(_l("资金来源"), reference.options("funding"))
    procurement = choice(_l("采购方式"), reference.options("procurement"))

    collect_days = whole(_l("征集期（天）"), 1, 90, _l("请填写征集期的天数"))
    review_mode = choice(
        _l("评审方式"), lambda: [(code, _(word)) for code, word in needing.REVIEW_MODES.items()], radio=True
    )
    rubric_id = choice(_l("评审量表"), lambda: queries.rubrics(), _l("请选择评审量表"))
    notice_days = whole(_l("公示天数（工作日）"), 3, 30, _l("请填写公示天数"))
    review_on = day(_l("评审日期"), hint=_l("还没有确定可以不填"))
    roadshow_on = day(_l("路演日期"), hint=_l("没有路演可以不填"))

    contact_name = text(_l("联系人"), 60)
    contact_phone = contact.phone(limit=30)
    suggested = text(_l("可引荐的机构"), 1000, hint=_l("只有街道内部可见"), long=True)
    internal_note = text(_l("内部意见"), 2000, hint=_l("只有街道内部可见"), long=True)
    files = MultipleFileField(_l("附件"), description=_l("PDF、Word、Excel、PPT 或图片，可以多选；发布后公开"))
    removed = choices(_l("删除附件"), tuple)

    related_id: int | None = None

    def validate_related(self, field: Any) -> None:
        """The reference must be that of a need; its id is kept for the service."""
        earlier = queries.need_by_ref(field.data.upper())
        if earlier is None:
            raise ValidationError(_("没有编号为 %(ref)s 的需求，请核对编号，或留空", ref=field.data))
        self.related_id = earlier.id

    def validate_preferred(self, _field: Any) -> None:
        """What is a must is no preference."""
        if both := set(self.lines_of("essential")) & set(self.lines_of("preferred")):
            raise ValidationError(_("“%(text)s”已经列为必备条件，请从优先条件里删去", text=min(both)))

    def lines_of(self, name: str) -> list[str]:
        """The conditions of one list, without empty rows and repetitions."""
        typed = (clean(row.get("text")) for row in self[name].data)
        return list(dict.fromkeys(line for line in typed if line))

    def only_sections(self, user: User) -> None:
        """Leave the sections that this person may draft for."""
        own = user.sections()
        self.section_code.choices = [pair for pair in self.section_code.choices if not own or pair[0] in own]

    def values(self) -> dict[str, Any]:
        """What was filled in, as the service takes it."""
        plain = {name: _stored(name, self[name].data) for name in PLAIN}
        listed = {name: self.lines_of(name) for name in CONDITIONS}
        outcomes = [
            {name: row[name] or "" for name in ("indicator", "baseline", "target")}
            for row in self.outcomes.data
            if any(row.get(name) for name in ("indicator", "baseline", "target"))
        ]
        return (
            plain
            | listed
            | {
                "outcomes": outcomes,
                "rubric_id": int(self.rubric_id.data) if self.rubric_id.data else None,
                "related_need_id": self.related_id,
            }
        )


PLAIN = (
    "title", "section_code", "summary", "background", "problem", "urgency", "source", "communities", "target_groups",
    "target_count", "target_note", "fields", "requirements", "joint_allowed", "starts_on", "ends_on", "budget_fen",
    "budget_public", "funding", "procurement", "collect_days", "review_mode", "notice_days", "review_on", "roadshow_on",
    "contact_name", "contact_phone", "suggested", "internal_note",
)  # fmt: skip

# An unanswered choice or text is stored as empty text, an unanswered radio group as its usual answer.
USUAL = {"urgency": "normal", "review_mode": "written"}
NULLABLE = {"target_count", "starts_on", "ends_on", "budget_fen", "review_on", "roadshow_on"}


def _stored(name: str, value: Any) -> Any:
    return USUAL.get(name, "") if value is None and name not in NULLABLE else value


def fresh(user: User) -> dict[str, Any]:
    """What a new form starts with."""
    own = user.sections()
    return {
        "section_code": next((code for code in reference.codes("section") if code in own), ""),
        "urgency": "normal",
        "budget_public": True,
        "review_mode": "written",
        "collect_days": reference.setting("call_days"),
        "notice_days": reference.setting("notice_days"),
        "contact_name": user.name,
        "contact_phone": reference.setting("site_phone"),
    }


def filled(need: Need) -> dict[str, Any]:
    """What the form of an existing draft starts with."""
    codes = coding.codes_of(need)
    earlier = queries.need_ref(need.related_need_id)
    return {name: getattr(need, name) for name in PLAIN if hasattr(need, name)} | {
        "version": str(need.version),
        "outcomes": list(need.outcomes),
        "essential": [{"text": line} for line in need.essential],
        "preferred": [{"text": line} for line in need.preferred],
        "rubric_id": str(need.rubric_id or ""),
        "related": earlier,
        "communities": codes.get("community", []),
        "target_groups": codes.get("target_group", []),
        "fields": codes.get("field", []),
    }


class RaiseForm(Form):
    """What a residents' committee tells the street; the section fills in the rest."""

    title = text(_l("标题"), 40, _l("请用一句话写下需求，例如“三号楼加装电梯谈不拢”"), _l("不超过 40 个字"))
    section_code = choice(_l("报给哪个科室"), reference.options("section"), _l("请选择科室"), radio=True)
    summary = text(_l("一句话概要"), 60, hint=_l("不超过 60 个字"))
    background = text(
        _l("现在的情况和难处"), 3000, _l("请写明现在的情况和难处"), _l("有多少户、难在哪里、居民怎么说"), long=True
    )
    communities = choices(_l("涉及社区"), reference.options("community"), _l("请至少勾选一个社区"))
    target_groups = choices(_l("服务对象"), reference.options("target_group"))
    target_count = whole(_l("大约多少人"), 1, 1_000_000)
    fields = choices(_l("服务领域"), reference.options("field"))
    requirements = text(_l("希望得到什么帮助"), 2000, long=True)
    contact_name = text(_l("联系人"), 60, _l("请填写联系人"))
    contact_phone = contact.phone(limit=30, required=_l("请填写联系电话"))

    def values(self) -> dict[str, Any]:
        skipped = ("version", "csrf_token")
        return {name: _stored(name, self[name].data) for name in self._fields if name not in skipped}


class FollowCodeForm(Form):
    """Following without an account: with a new code, or with one that is there already."""

    code = text(_l("已有的关注码"), 20, hint=_l("第一次关注不用填，我们会给您一个"))


class FollowLookUpForm(Form):
    code = text(_l("关注码"), 20, _l("请填写关注码"), _l("10 位字母和数字，例如 k7m2p-9wq4x"))


class CorrectionForm(Form):
    """A public correction of a published need; a day that is left empty stays as it is."""

    text = text(
        _l("更正内容"), 2000, _l("请写明更正了什么"), _l("写给看的人：原来怎么写，现在改成什么，为什么"), long=True
    )
    closes_on = day(_l("申报截止改到"), hint=_l("只能往后延；落在休息日会顺延到下一个工作日"))
    review_on = day(_l("评审日期改为"))
    roadshow_on = day(_l("路演日期改为"))


class ReasonForm(Form):
    """A deed that needs its reason in words."""

    reason = text(_l("理由"), 1000, _l("请写明理由"), long=True)


class QuestionForm(Form):
    text = text(_l("您的问题"), 1000, _l("请写下您的问题"), long=True)


class AnswerForm(Form):
    text = text(_l("答复"), 2000, _l("请写下答复"), long=True)
