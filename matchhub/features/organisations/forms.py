"""Forms of organisations: shape only, and the check characters of the credit code."""

from __future__ import annotations

from typing import Any

from matchhub.core import clock, contact
from matchhub.core.forms import (
    Agreed,
    AtMost,
    BooleanField,
    Form,
    MultipleFileField,
    Needed,
    PasswordField,
    ValidationError,
    choice,
    choices,
    day,
    lines,
    text,
    whole,
)
from matchhub.core.i18n import _, _l
from matchhub.domain import declarations, passwords, reference, uscc
from matchhub.features.organisations.words import PURPOSES, uscc_sentence


def _credit_code(_form: Any, field: Any) -> None:
    problem = uscc.problem(uscc.normalise(field.data or ""))
    if problem:
        raise ValidationError(uscc_sentence(problem))


def _code_field() -> Any:
    return text(
        _l("统一社会信用代码"),
        40,
        required=_l("请填写统一社会信用代码"),
        hint=_l("登记证书上的 18 位代码，可以带空格。"),
        checks=[_credit_code],
    )


class RegisterForm(Form):
    name = text(_l("机构名称"), 100, required=_l("请填写机构名称"), hint=_l("与登记证书完全一致。"))
    uscc = _code_field()
    type = choice(_l("机构类型"), reference.options("org_type"), required=_l("请选择机构类型"), radio=True)
    person = text(
        _l("您的姓名"),
        60,
        required=_l("请填写您的姓名"),
        hint=_l("您将成为本机构在平台上的负责人，以后可以添加其他成员。"),
    )
    email = contact.email(required=_l("请填写邮箱"), hint=_l("用来登录和接收通知。"))
    phone = contact.mobile(required=_l("请填写手机号"))
    password = PasswordField(
        _l("登录密码"),
        description=_l("12 到 128 个字符。几个不相干的词连在一起，既长又好记。"),
        validators=[Needed(_l("请填写登录密码")), AtMost(passwords.LONGEST)],
    )
    agreed = BooleanField(
        _l("我代表本机构注册，所填内容真实，同意按隐私政策处理联系信息。"),
        validators=[Agreed(_l("请勾选确认后再注册"))],
    )


class ProfileForm(Form):
    name = text(_l("机构名称"), 100, required=_l("请填写机构名称"), hint=_l("与登记证书完全一致。"))
    uscc = _code_field()
    type = choice(_l("机构类型"), reference.options("org_type"), required=_l("请选择机构类型"))
    org_class = choice(_l("机构类别"), reference.options("org_class", ""))
    origin = choice(_l("机构来源"), reference.options("origin", ""))
    registrar = text(_l("登记机关"), 200, hint=_l("例如普陀区民政局"))
    registered_on = day(_l("成立日期"), required=_l("请填写成立日期"))
    legal_representative = text(_l("法定代表人"), 60, required=_l("请填写法定代表人"))
    address = text(_l("住所"), 200, required=_l("请填写住所"))
    office_address = text(_l("办公地址"), 200, hint=_l("与住所相同可以不填。"))
    authority = text(_l("业务主管单位"), 200)
    grade = choice(_l("评估等级"), reference.options("grade"))
    grade_on = day(_l("评定日期"))
    grade_until = day(_l("等级有效期至"))
    annual_check = text(_l("最近一次年检结论"), 200, hint=_l("例如“2025 年度：合格”。由街道核对。"))
    is_charity = BooleanField(_l("已认定为慈善组织"))
    may_raise_funds = BooleanField(_l("有公开募捐资格"))
    is_tax_exempt = BooleanField(_l("有公益性捐赠税前扣除或免税资格"))
    party_branch = text(_l("党组织"), 200, hint=_l("没有可以不填。"))
    fields = choices(_l("服务领域"), reference.options("field"), required=_l("请至少选择一个服务领域"))
    groups = choices(_l("服务对象"), reference.options("target_group"))
    communities = choices(_l("覆盖社区"), reference.options("community"), hint=_l("已经在做服务的小区。"))
    abilities = lines(_l("能力标签"), 600, hint=_l("每行一个，例如“楼组协商”“个案服务”。"))
    staff_full = whole(_l("专职人数"), 0, 10_000)
    staff_part = whole(_l("兼职人数"), 0, 10_000)
    social_workers = whole(_l("持证社工人数"), 0, 10_000)
    capacity = whole(_l("一年最多能承接的项目数"), 1, 100, required=_l("请填写一年最多能承接几个项目"))
    intro = text(_l("机构简介"), 1000, required=_l("请填写机构简介"), long=True)
    brand_project = text(_l("品牌项目"), 500, long=True)
    contact_name = text(_l("联系人"), 60, required=_l("请填写联系人"), hint=_l("只有本机构和街道看得到。"))
    contact_phone = contact.phone(required=_l("请填写联系电话"), hint=_l("只有本机构和街道看得到。"))
    board = lines(_l("理事、监事"), 2000, hint=_l("每行一个姓名。系统据此核对评审人的利益关系，不公开。"))
    bank_account = text(_l("银行账户"), 200, hint=_l("拨款用，只有本机构和街道看得到。"))

    def validate_social_workers(self, field: Any) -> None:
        staff = (self.staff_full.data or 0) + (self.staff_part.data or 0)
        if field.data and field.data > staff:
            raise ValidationError(_("持证社工人数不能超过专职和兼职人数之和（%(n)s 人）", n=staff))

    def validate_registered_on(self, field: Any) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("成立日期不能晚于今天，请对照登记证书填写"))

    def validate_grade_on(self, field: Any) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("评定日期不能晚于今天"))

    def validate_grade_until(self, field: Any) -> None:
        if field.data and self.grade_on.data and field.data < self.grade_on.data:
            raise ValidationError(_("等级有效期不能早于评定日期"))


def split_lines(typed: str | None) -> list[str]:
    """The entries of a list typed one a line, each once."""
    return list(dict.fromkeys(line.strip() for line in (typed or "").splitlines() if line.strip()))


class DocumentForm(Form):
    purpose = choice(
        _l("文件种类"),
        lambda: [(code, _(word)) for code, word in PURPOSES.items()],
        required=_l("请选择文件种类"),
        radio=True,
    )
    files = MultipleFileField(
        _l("文件"),
        description=_l("支持 PDF、Word、JPG、PNG，单个不超过 20 MB。"),
        validators=[Needed(_l("请选择文件"))],
    )
    expires_on = day(_l("有效期至"), hint=_l("证书上写明的截止日期；长期有效可以不填。"))


class MemberForm(Form):
    name = text(_l("姓名"), 60, required=_l("请填写姓名"))
    email = contact.email()
    phone = contact.mobile(hint=_l("邮箱和手机号至少填一个，用来登录。"))
    role = choice(
        _l("身份"),
        lambda: [("member", _("成员：填写申报、台账和月报")), ("admin", _("负责人：另外可以提交、管理成员"))],
        required=_l("请选择身份"),
        radio=True,
    )


class SubmitForm(Form):
    agreed = BooleanField(_l("以上资料真实有效，如有变化会及时更新。"), validators=[Agreed(_l("请勾选确认后再提交"))])


class LeaveForm(Form):
    reason = text(_l("退出原因"), 500, required=_l("请填写退出原因"), long=True)
    agreed = BooleanField(
        _l("我知道退出后不能恢复，本机构成员将只能查看公开内容。"), validators=[Agreed(_l("请勾选确认后再退出"))]
    )


class DecisionForm(Form):
    reason = text(_l("理由"), 1000, long=True, hint=_l("机构会看到这段话。"))


class StandingForm(Form):
    in_bad_standing = BooleanField(_l("列入异常名录或严重失信"))
    credit_note = text(_l("信用说明"), 1000, long=True, hint=_l("写明依据、日期和查询渠道。只有街道看得到。"))
    annual_check = text(_l("最近一次年检结论"), 200, hint=_l("例如“2025 年度：合格”，公开显示。"))
    annual_check_passed = BooleanField(_l("年检合格"))
    is_hub = BooleanField(_l("枢纽型社会组织"))
    incubation_note = text(_l("孵化记录"), 2000, long=True, hint=_l("只有街道看得到。"))


def declaration_options() -> list[tuple[str, str]]:
    return [(kind, _(sentence)) for kind, sentence in declarations.KINDS.items()]


class DeclarationsForm(Form):
    kinds = choices(_l("签署哪几项"), declaration_options, required=_l("请至少选择一项声明"))
    signed_name = text(_l("签名"), 60, required=_l("请签名"), hint=_l("法定代表人或机构负责人的姓名"))
