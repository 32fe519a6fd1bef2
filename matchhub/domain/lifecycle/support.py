"""The lives of support wanted (寻求支持) and of a pledge (支持意向): 意向 → 确认 → 到账 → 使用 → 反馈."""

from __future__ import annotations

from datetime import datetime

from matchhub.core.i18n import _, _l
from matchhub.domain import supporting
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import Pledge, PledgeState, ProjectState, SupportLine, SupportPhase, SupportState
from matchhub.domain.parties import Party as P

L, S = SupportState, PledgeState
OVER = (ProjectState.CLOSED, ProjectState.TERMINATED)


def project_goes_on(line: SupportLine, _now: datetime) -> str | None:
    return None if line.project.state in supporting.ASKING else _("项目已经进入结项或已经结束，不能再寻求支持。")


def nothing_promised(line: SupportLine, _now: datetime) -> str | None:
    waiting = sum(pledge.state in (S.INTENDED, S.ACCEPTED) for pledge in line.pledges)
    return _("还有 %(n)s 份支持意向没有办完，请先答复或等到账。", n=waiting) if waiting else None


def still_asking(pledge: Pledge, _now: datetime) -> str | None:
    return None if supporting.is_asking(pledge.line) else _("这一项已经不再寻求支持，请谢绝并说明。")


def nothing_received(pledge: Pledge, _now: datetime) -> str | None:
    return _("已经到账，不能撤回；不再需要的，请与机构商量退回。") if pledge.received else None


def something_received(pledge: Pledge, _now: datetime) -> str | None:
    return None if pledge.received else _("请先登记到账。")


def something_used(pledge: Pledge, _now: datetime) -> str | None:
    return None if pledge.used else _("请先登记使用。")


SUPPORT_LINE = Life(
    kind="support_line",
    title=_l("寻求支持"),
    states=L,
    start=L.PROPOSED,
    final=frozenset({L.CLOSED}),
    words={L.PROPOSED: _l("等街道确认"), L.RETURNED: _l("退回修改"), L.OPEN: _l("寻求支持中"), L.CLOSED: _l("已结束")},
    tones={L.PROPOSED: "info", L.RETURNED: "warn", L.OPEN: "primary", L.CLOSED: "muted"},
    phases={SupportPhase.EXPIRED: (_l("已到期"), "muted")},
    moves=(
        Move("confirm", (L.PROPOSED,), L.OPEN, (P.OFFICE, P.APPROVER), _l("确认公布"), (project_goes_on,),
             tells=(P.OWNER, P.FOUNDATION)),
        Move("send_back", (L.PROPOSED,), L.RETURNED, (P.OFFICE, P.APPROVER), _l("退回修改"), page="support.reason_line",
             tells=(P.OWNER,)),
        Move("resubmit", (L.RETURNED,), L.PROPOSED, (P.OWNER,), _l("修改后再提交"), (project_goes_on,),
             page="support.edit", tells=(P.OFFICE,)),
        Move("close", (L.PROPOSED, L.RETURNED, L.OPEN), L.CLOSED, (P.OWNER, P.OFFICE, P.APPROVER), _l("结束寻求"),
             (nothing_promised,), page="support.reason_line", danger=True),
    ),
)  # fmt: skip

PLEDGE = Life(
    kind="pledge",
    title=_l("支持意向"),
    states=S,
    start=S.INTENDED,
    final=frozenset({S.REPORTED, S.DECLINED, S.WITHDRAWN}),
    words={
        S.INTENDED: _l("意向"), S.ACCEPTED: _l("已确认，等到账"), S.RECEIVED: _l("已到账"), S.USED: _l("使用中"),
        S.REPORTED: _l("已反馈"), S.DECLINED: _l("已谢绝"), S.WITHDRAWN: _l("已撤回"),
    },
    tones={
        S.INTENDED: "warn", S.ACCEPTED: "info", S.RECEIVED: "info", S.USED: "info", S.REPORTED: "ok",
        S.DECLINED: "muted", S.WITHDRAWN: "muted",
    },
    moves=(
        Move("accept", (S.INTENDED,), S.ACCEPTED, (P.OWNER, P.OFFICE, P.APPROVER), _l("接受支持"), (still_asking,),
             tells=(P.FOUNDATION, P.OWNER, P.OFFICE)),
        Move("decline", (S.INTENDED,), S.DECLINED, (P.OWNER, P.OFFICE, P.APPROVER), _l("谢绝"),
             page="support.reason_pledge", tells=(P.FOUNDATION, P.OWNER, P.OFFICE), danger=True),
        Move("withdraw", (S.INTENDED, S.ACCEPTED), S.WITHDRAWN, (P.FOUNDATION,), _l("撤回意向"), (nothing_received,),
             page="support.reason_pledge", tells=(P.OWNER, P.OFFICE), danger=True),
        Move("receive", (S.ACCEPTED,), S.RECEIVED, (P.OWNER, P.OFFICE), guards=(something_received,),
             tells=(P.FOUNDATION, P.OWNER, P.OFFICE)),
        Move("use", (S.RECEIVED,), S.USED, (P.OWNER,), guards=(something_used,), tells=(P.FOUNDATION,)),
        Move("report", (S.USED,), S.REPORTED, (P.OWNER,), _l("反馈使用结果"), page="support.report",
             tells=(P.FOUNDATION, P.OFFICE)),
    ),
)  # fmt: skip
