"""Forms of one's own account: shape only."""

from __future__ import annotations

from matchhub.core import contact
from matchhub.core.forms import AtMost, Form, HiddenField, Needed, PasswordField, choice, choices, text
from matchhub.core.i18n import _, _l
from matchhub.domain import passwords

_MOST = passwords.LONGEST


class LoginForm(Form):
    login = text(_l("邮箱或手机号"), 120, required=_l("请填写邮箱或手机号"))
    password = PasswordField(_l("密码"), validators=[Needed(_l("请填写密码")), AtMost(_MOST)])
    next = HiddenField()


class NewPasswordForm(Form):
    """For the first sign-in, where the initial password has just been typed."""

    new = PasswordField(
        _l("新密码"),
        description=_l("12 到 128 个字符。几个不相干的词连在一起，既长又好记。"),
        validators=[Needed(_l("请填写新密码")), AtMost(_MOST)],
    )
    again = PasswordField(_l("再填一次新密码"), validators=[Needed(_l("请再填一次新密码")), AtMost(_MOST)])
    next = HiddenField()


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(_l("当前密码"), validators=[Needed(_l("请填写当前密码")), AtMost(_MOST)])


class ContactForm(Form):
    email = contact.email()
    phone = contact.mobile()
    current = PasswordField(
        _l("当前密码"),
        description=_l("为确认是您本人，请填写现在的登录密码。"),
        validators=[Needed(_l("请填写当前密码")), AtMost(_MOST)],
    )


class NotificationsForm(Form):
    """For each event two boxes: on the site and by mail; and how mails come."""

    on_site = choices(_l("站内消息"), tuple)
    by_mail = choices(_l("邮件"), tuple)
    rhythm = choice(
        _l("邮件怎样发"),
        lambda: [("now", _("一件一封，马上发")), ("daily", _("每天早上 8 点汇总成一封；紧急的和必须告知的仍然马上发"))],
        _l("请选择邮件怎样发"),
        radio=True,
    )
