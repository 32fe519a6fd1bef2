"""Forms of notices and objections: shape only."""

from __future__ import annotations

from typing import Any

from matchhub.core import contact as contacts
from matchhub.core.forms import (
    Agreed,
    BooleanField,
    FieldList,
    Form,
    FormField,
    MultipleFileField,
    PlainForm,
    ValidationError,
    choice,
    choices,
    day,
    text,
    whole,
)
from matchhub.core.i18n import _, _l
from matchhub.domain import changing, reference
from matchhub.domain.models import Notice, Organisation, Project
from matchhub.features.notices import queries, service

MOST_ROWS = 60
PUBLISH_WORD = _l("发布")


class RowForm(PlainForm):
    """One line of a table that is written by hand."""

    organisation = text(_l("社会组织"), 100)
    title = text(_l("项目或事项"), 120)
    result = text(_l("说明"), 200)


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, reference.word("notice_kind", kind.value)) for kind in service.BY_HAND]


class NoticeForm(Form):
    """A notice that is written by hand, or the words around a table that is not."""

    kind = choice(_l("类型"), _kinds, _l("请选择公示的类型"), radio=True)
    title = text(_l("标题"), 120, _l("请填写标题，例如“关于某机构入驻的公示”"))
    basis = text(_l("依据"), 500, hint=_l("按哪个办法、哪次会议公示"), long=True)
    body = text(_l("正文"), 5000, long=True)
    rows = FieldList(FormField(RowForm), label=_l("公示名单"), min_entries=1, max_entries=MOST_ROWS)
    working_days = whole(_l("公示天数"), 3, 30, _l("请填写公示的工作日数"))
    organisation = text(_l("涉及的机构"), 100, hint=_l("填机构全名；公示发布时会告诉它"))
    project = text(_l("涉及的项目"), 24, hint=_l("填项目编号，例如 XM-2026-003"))
    files = MultipleFileField(_l("附件"), description=_l("PDF、Word、Excel 或图片，可以多选；发布后公开，并显示校验码"))
    removed = choices(_l("删除附件"), tuple)

    found_organisation: Organisation | None = None
    found_project: Project | None = None

    def validate_organisation(self, field: Any) -> None:
        self.found_organisation = queries.organisation_named(field.data)
        if self.found_organisation is None:
            raise ValidationError(_("平台上没有叫“%(name)s”的机构，请填全名，或留空", name=field.data))

    def validate_project(self, field: Any) -> None:
        self.found_project = queries.project_with(field.data.upper())
        if self.found_project is None:
            raise ValidationError(_("没有编号为 %(ref)s 的项目，请核对编号，或留空", ref=field.data))

    def values(self) -> dict[str, Any]:
        """What was filled in, as the service takes it; only the fields that this form still has."""
        found = {name: self[name].data for name in ("title", "basis", "body", "working_days") if name in self}
        if "rows" in self:
            rows = ({name: row[name] or "" for name in ("organisation", "title", "result")} for row in self.rows.data)
            found["rows"] = [row for row in rows if any(row.values())]
        if "organisation" in self:
            found |= {"organisation": self.found_organisation, "project": self.found_project}
        return found

    def without_table(self) -> None:
        """For a notice whose table comes from a review or an assessment."""
        for name in ("kind", "rows", "organisation", "project"):
            if name in self:
                del self[name]


class AmendForm(NoticeForm):
    """A correction: the corrected text, why, and the word that publishes it."""

    substantial = choice(
        _l("更正了什么"),
        lambda: [
            ("yes", _("实质内容：名单、结果、金额、日期、依据或权利义务，重新计算公示期")),
            ("no", _("只是文字错误，不影响任何人的判断，公示期不变")),
        ],
        _l("请选择更正的性质"),
        radio=True,
        hint=_l("名单或依据有改动的，一律重新计算"),
    )
    reason = text(_l("更正说明"), 500, _l("请写明更正了什么、为什么"), _l("新旧两份公示上都会显示"), long=True)
    confirm = text(_l("确认发布"), 30, _l("请输入公示编号，或“发布”两个字"))


class ConfirmForm(Form):
    """The word that publishes."""

    confirm = text(_l("确认发布"), 30, _l("请输入公示编号，或“发布”两个字"))


def confirmed(form: Any, notice: Notice) -> bool:
    """Whether the number of the notice or the word was typed; otherwise the field says what to type."""
    if form.confirm.data.upper() == notice.ref or form.confirm.data.casefold() in {
        PUBLISH_WORD,
        _(PUBLISH_WORD).casefold(),
    }:
        return True
    form.refuse("confirm", _("请输入公示编号 %(ref)s，或“发布”两个字", ref=notice.ref))
    return False


class ReasonForm(Form):
    reason = text(_l("理由"), 1000, _l("请写明理由"), _l("理由会显示在公示页上"), long=True)


class ConcludeForm(Form):
    """How a notice ended. `upheld` stands only where an objection was upheld."""

    outcome = text(_l("公示结果"), 1000, _l("请写明公示的结果"), _l("会显示在公示页上"), long=True)
    upheld = choice(
        _l("异议成立以后"),
        lambda: [
            ("no", _("不影响结果，按公示的结果办理")),
            ("yes", _("影响结果，退回重新研究")),
        ],
        _l("请选择异议成立以后怎么办"),
        radio=True,
    )


class ObjectionForm(Form):
    """An objection. Name and contact are for the street alone."""

    name = text(_l("您的真实姓名或单位"), 60, _l("请填写真实姓名或单位；匿名的异议不能受理"))
    contact = text(_l("联系电话或邮箱"), 60, _l("请填写能联系到您的电话或邮箱"))
    against = text(_l("针对哪家机构或哪个项目"), 200)
    reason = text(_l("异议的理由"), 3000, _l("请写明异议的理由"), _l("请写清事实：时间、地点、发生了什么"), long=True)
    files = MultipleFileField(_l("证据"), description=_l("照片、PDF 或 Word，可以多选"))
    agreed = BooleanField(_l("以上内容属实，我愿意配合核查"), validators=[Agreed(_l("请确认内容属实"))])

    def validate_contact(self, field: Any) -> None:
        if not contacts.EMAIL.fullmatch(field.data) and not contacts.is_phone(field.data):
            raise ValidationError(_("请填电话号码或邮箱，例如 13800000000 或 zhang@example.org"))

    def values(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("name", "contact", "against", "reason")}


class FollowForm(Form):
    """The code of an objection, as its author wrote it down."""

    code = text(_l("查询码"), 40, _l("请填写查询码"), _l("16 位字母和数字，大小写和空格都没关系"))


PUBLIC_HINT = _l("公示期满后任何人都能看到；不要写提出人的姓名、联系方式和能认出提出人的细节")


class RejectForm(Form):
    answer = text(_l("不予受理的理由"), 2000, _l("请写明不予受理的理由"), _l("提出人会看到"), long=True)
    public_reason = text(_l("对外公布的理由"), 1000, _l("请写明对外公布的理由"), PUBLIC_HINT, long=True)


class AnswerForm(Form):
    """What was found, what the objector reads, whether the objection is right, and what everybody reads of it."""

    findings = text(_l("核查情况"), 3000, _l("请写明核查了什么、查到什么"), _l("只有街道内部可见"), long=True)
    upheld = choice(
        _l("异议是否成立"), lambda: [("yes", _("成立")), ("no", _("不成立"))], _l("请选择异议是否成立"), radio=True
    )
    answer = text(_l("给提出人的答复"), 2000, _l("请写下答复"), _l("提出人凭查询码可以看到"), long=True)
    public_reason = text(_l("对外公布的结论和理由"), 1000, _l("请写明对外公布的结论和理由"), PUBLIC_HINT, long=True)


class HearingForm(Form):
    """Whom to ask about an objection, and the case in the street's own words."""

    organisation = choice(_l("请哪家机构说明"), tuple, _l("请选择机构"))
    statement = text(_l("情况摘要"), 3000, _l("请写明请机构说明哪些情况"),
                     _l("机构只看到这段话，看不到异议原文和提出人。请用自己的话写，不要写能认出提出人的内容"), long=True)  # fmt: skip


class HearingReplyForm(Form):
    reply = text(_l("情况说明"), 4000, _l("请写明情况"), _l("写清事实、时间和依据；提交以后不能修改"), long=True)
    files = MultipleFileField(_l("证明材料"), description=_l("照片、PDF、Word 或 Excel，可以多选"))


class DecidingForm(Form):
    """Why a project is to end early, for its notice."""

    reason = text(_l("终止的理由"), 1000, _l("请写明终止的理由"), _l("会写进公示，任何人都能看到"), long=True)


class ChangeRowForm(PlainForm):
    title = text(_l("变更事项"), 120)
    before = text(_l("原来"), 300)
    after = text(_l("变更后"), 300)


class ChangeForm(Form):
    """A change of a project: what, from what to what, why, and when it ends instead."""

    kind = choice(_l("变更类型"), lambda: [(code, _(word)) for code, word in changing.KINDS.items()],
                  _l("请选择变更类型"), radio=True)  # fmt: skip
    ends_on = day(_l("新的结束日期"), hint=_l("延期时填写；公示期满没有成立的异议，项目按这一天延期，并补上月报"))
    rows = FieldList(FormField(ChangeRowForm), label=_l("变更前后对照"), min_entries=1, max_entries=30)
    reason = text(_l("变更的理由"), 1000, _l("请写明变更的理由"), _l("会写进公示，任何人都能看到"), long=True)

    def table(self) -> list[dict[str, str]]:
        rows = ({name: row[name] or "" for name in ("title", "before", "after")} for row in self.rows.data)
        return [row for row in rows if any(row.values())]
