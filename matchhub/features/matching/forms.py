"""Inviting organisations, and answering an invitation."""

from __future__ import annotations

from matchhub.core.forms import Form, choice, choices, text
from matchhub.core.i18n import _, _l
from matchhub.domain.models import InvitationAnswer


class InviteForm(Form):
    """Whom to invite; `organisations` takes the references that the page lists."""

    organisations = choices(_l("邀请哪些机构"), tuple, _l("请至少勾选一家机构"))
    note = text(_l("附言"), 300, hint=_l("可以写明为什么请它来看；机构会看到"), long=True)


def _answers() -> list[tuple[str, str]]:
    return [(InvitationAnswer.INTERESTED.value, _("有意申报")), (InvitationAnswer.DECLINED.value, _("这次不申报"))]


class AnswerForm(Form):
    answer = choice(_l("答复"), _answers, _l("请选择答复"), radio=True)
    reason = text(_l("说明"), 300, hint=_l("不申报时请写一句原因，街道据此改进需求"), long=True)
