"""The life of an organisation on the platform (入驻)."""

from __future__ import annotations

from datetime import datetime

from matchhub.core.i18n import _, _l
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import Organisation
from matchhub.domain.models import OrganisationState as S
from matchhub.domain.parties import Party as P


def profile_complete(organisation: Organisation, _now: datetime) -> str | None:
    missing = [
        word
        for word, value in (
            (_("简介"), organisation.intro),
            (_("住所"), organisation.address),
            (_("法定代表人"), organisation.legal_representative),
            (_("成立日期"), organisation.registered_on),
            (_("联系人"), organisation.contact_name),
            (_("联系电话"), organisation.contact_phone),
        )
        if not value
    ]
    return _("资料还不完整，请补充：%(missing)s。", missing="、".join(missing)) if missing else None


ORGANISATION = Life(
    kind="organisation",
    title=_l("机构入驻"),
    states=S,
    start=S.DRAFT,
    final=frozenset({S.REFUSED, S.LEFT}),
    words={
        S.DRAFT: _l("待提交"), S.PENDING: _l("待核验"), S.RETURNED: _l("退回修改"), S.ADMITTED: _l("已入驻"),
        S.REFUSED: _l("未通过"), S.SUSPENDED: _l("已暂停"), S.LEFT: _l("已退出"),
    },
    tones={
        S.DRAFT: "muted", S.PENDING: "info", S.RETURNED: "warn", S.ADMITTED: "ok", S.REFUSED: "danger",
        S.SUSPENDED: "danger", S.LEFT: "muted",
    },
    moves=(
        Move("submit", (S.DRAFT, S.RETURNED), S.PENDING, (P.OWNER_ADMIN,), _l("提交入驻申请"), (profile_complete,),
             tells=(P.OFFICE, P.CENTRE), page="organisations.submit"),
        Move("admit", (S.PENDING,), S.ADMITTED, (P.OFFICE, P.APPROVER), _l("同意入驻"), tells=(P.OWNER,),
             page="organisations.decide"),
        Move("return", (S.PENDING,), S.RETURNED, (P.OFFICE, P.APPROVER, P.CENTRE), _l("退回修改"), tells=(P.OWNER,),
             page="organisations.decide"),
        Move("refuse", (S.PENDING,), S.REFUSED, (P.OFFICE, P.APPROVER), _l("不予入驻"), tells=(P.OWNER,),
             page="organisations.decide", danger=True),
        Move("suspend", (S.ADMITTED,), S.SUSPENDED, (P.APPROVER,), _l("暂停参与"), tells=(P.OWNER,),
             page="organisations.decide", danger=True),
        Move("resume", (S.SUSPENDED,), S.ADMITTED, (P.APPROVER,), _l("恢复参与"), tells=(P.OWNER,),
             page="organisations.decide"),
        Move("leave", (S.ADMITTED, S.SUSPENDED), S.LEFT, (P.OWNER_ADMIN,), _l("退出平台"), tells=(P.OFFICE,),
             page="organisations.leave", danger=True),
    ),
)  # fmt: skip
