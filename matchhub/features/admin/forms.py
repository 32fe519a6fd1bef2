"""Forms of the administrator: shape only."""

from __future__ import annotations

from typing import Any

from matchhub.core import contact
from matchhub.core.forms import (
    Form,
    HiddenField,
    Matches,
    MultipleFileField,
    StringField,
    choice,
    choices,
    clean,
    day,
    text,
    whole,
)
from matchhub.core.i18n import _, _l
from matchhub.domain import reference
from matchhub.domain.accounts import NewGrant
from matchhub.domain.roles import BY_OTHERS, WORDS, Role
from matchhub.features.admin.codes import COMMUNITY_KINDS

VARIETY_WORDS = {"hub": _l("枢纽机构"), "backbone": _l("自治骨干")}


def role_options() -> list[tuple[str, str]]:
    """Roles that an administrator gives; those of an organisation are given by its own admin."""
    return [("", _("请选择")), *((role.value, _(WORDS[role])) for role in Role if role not in BY_OTHERS)]


def _varieties() -> list[tuple[str, str]]:
    return [("", _("不适用")), *((code, _(word)) for code, word in VARIETY_WORDS.items())]


class _Scoped:
    """A role with its scope and its period, shared by the form of an account and that of a further role."""

    section = choice(_l("所属科室"), reference.options("section", ""), hint=_l("街道经办必选"))
    community = choice(_l("所属社区"), reference.options("community", ""), hint=_l("居民区必选；自治骨干可选"))
    variety = choice(_l("督导来源"), _varieties, hint=_l("督导必选"))
    starts_on = day(_l("从哪天起"), hint=_l("不填为立即"))
    ends_on = day(_l("到哪天止"), hint=_l("含当天；不填为长期"))

    def wanted(self) -> list[NewGrant]:
        """The role that was chosen; empty for none."""
        if not self.role.data:
            return []
        return [
            NewGrant(
                Role(self.role.data),
                self.section.data or None if self.role.data == Role.STREET_STAFF else None,
                self.community.data or None if self.role.data in (Role.NEIGHBOURHOOD, Role.SUPERVISOR) else None,
                self.variety.data or "" if self.role.data == Role.SUPERVISOR else "",
                self.starts_on.data,
                self.ends_on.data,
            )
        ]


class GrantForm(Form, _Scoped):
    role = choice(_l("角色"), role_options, required=_l("请选择角色"))


class PersonForm(Form):
    name = text(_l("姓名"), 60, required=_l("请填写姓名"))
    email = contact.email()
    phone = contact.mobile(hint=_l("邮箱和手机号至少填一个，用来登录。"))
    employer = text(_l("单位"), 200, hint=_l("评审人和督导必须如实填写：系统据此核对利益关系。"))
    expertise = choices(_l("擅长领域"), reference.options("field"), hint=_l("评审人和督导填写，分派任务时参考。"))


class AccountForm(PersonForm, _Scoped):
    role = choice(_l("角色"), role_options, required=_l("请选择角色"))


class SettingForm(Form):
    """One text field per setting is added by the view: which ones depends on the setting."""

    seen = HiddenField()


def setting_form(rows: list, values: dict[str, str]) -> SettingForm:
    """The form for settings that are changed together; field names are their keys."""
    kind = type(
        "SettingsForm", (SettingForm,),
        {row.key: _setting_field(row) for row in rows},
    )  # fmt: skip
    return kind(data=values)


def _setting_field(row: Any) -> Any:
    if row.type == "choice":
        return choice(row.name_zh, reference.options(row.key), required=_l("请从列表中选择一项。"))
    return StringField(row.name_zh, filters=[clean], description=row.help_zh)


class CodeForm(Form):
    name_zh = text(_l("中文名称"), 100, required=_l("请填写中文名称"))
    name_en = text(_l("英文名称"), 100, required=_l("请填写英文名称，英文页面要用"))
    sort = whole(_l("排序"), 0, 10_000, hint=_l("数字小的排在前面"))


class NewCodeForm(CodeForm):
    code = text(
        _l("代码"),
        20,
        required=_l("请填写代码"),
        hint=_l("小写英文字母、数字和下划线，例如 waste。保存后不能改。"),
        checks=[Matches(r"[a-z][a-z0-9_]{1,19}", _l("请用小写英文字母开头，只含小写字母、数字和下划线"))],
    )


class _Community:
    community_kind = choice(
        _l("小区类型"),
        lambda: [(code, _(word)) for code, word in COMMUNITY_KINDS.items()],
        required=_l("请选择小区类型"),
    )
    households = whole(_l("户数"), 0, 100_000)
    note = text(_l("说明"), 500, long=True)


class CommunityForm(CodeForm, _Community):
    pass


class NewCommunityForm(NewCodeForm, _Community):
    pass


class HolidaysForm(Form):
    lines = text(
        _l("新增或改正"),
        8000,
        required=_l("请至少填写一天"),
        long=True,
        hint=_l("每行一天：日期、放假或上班、名称，例如“2027-02-06 放假 春节”。已有的日期会被改正。"),
    )


class RubricForm(Form):
    note = text(_l("打分说明"), 1000, long=True)


class RubricFileForm(Form):
    file = MultipleFileField(_l("量表的 Excel 文件"), description=_l("一张工作表，.xlsx，不超过 2 MB"))


class LedgerForm(Form):
    """The filters of the ledger, in a GET form."""

    class Meta:
        csrf = False

    first = day(_l("从"))
    last = day(_l("到"))


class SynonymForm(Form):
    """All groups as one text; `seen` is the text as it was when the page was opened."""

    groups = text(_l("同义词组"), 20_000, hint=_l("例如：加梯，加装电梯，电梯加装"), long=True)
    seen = HiddenField()
