"""Forms of openings: shape only."""

from __future__ import annotations

from matchhub.core.forms import AtMost, Form, Needed, PasswordField, choices, lines
from matchhub.core.i18n import _l
from matchhub.domain import passwords

_MOST = passwords.LONGEST


class GiveForm(Form):
    """One holder's part in an opening, or in its rehearsal."""

    passphrase = PasswordField(_l("您的开启口令"), validators=[Needed(_l("请填写开启口令")), AtMost(_MOST)])


class NewPassphraseForm(Form):
    new = PasswordField(
        _l("新的开启口令"),
        description=_l("12 到 128 个字符，与登录密码不同。口令只有您知道，平台不保存，也无法找回。"),
        validators=[Needed(_l("请填写新的开启口令")), AtMost(_MOST)],
    )
    again = PasswordField(_l("再填一次"), validators=[Needed(_l("请再填一次开启口令")), AtMost(_MOST)])


class ChangePassphraseForm(NewPassphraseForm):
    current = PasswordField(_l("现在的开启口令"), validators=[Needed(_l("请填写现在的开启口令")), AtMost(_MOST)])


class RenewForm(Form):
    """Three people, chosen from those who have set their passphrase."""

    holders = choices(_l("三位开启人"), list, required=_l("请选择三位开启人"))
    reason = lines(
        _l("更换的理由"), 300, required=_l("请写明为什么更换"), hint=_l("例如：一位开启人忘记口令。理由写入操作记录。")
    )
