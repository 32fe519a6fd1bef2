"""The life of a request for help (绿色通道求助): 提出 → 响应 → 对接 → 有结果 → 机构回访确认."""

from __future__ import annotations

from matchhub.core.i18n import _l
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import HelpState as S
from matchhub.domain.parties import Party as P

HELPING = (P.OFFICE, P.APPROVER, P.CENTRE)
TOLD = (P.OFFICE, P.CENTRE)


HELP_REQUEST = Life(
    kind="help_request",
    title=_l("绿色通道求助"),
    states=S,
    start=S.RAISED,
    final=frozenset({S.CLOSED, S.WITHDRAWN}),
    words={
        S.RAISED: _l("待响应"), S.ANSWERED: _l("处理中"), S.REFERRED: _l("已对接资源"),
        S.CONCLUDED: _l("待机构确认"), S.CLOSED: _l("已办结"), S.WITHDRAWN: _l("已撤回"),
    },
    tones={
        S.RAISED: "danger", S.ANSWERED: "info", S.REFERRED: "info", S.CONCLUDED: "warn", S.CLOSED: "ok",
        S.WITHDRAWN: "muted",
    },
    moves=(
        Move("answer", (S.RAISED,), S.ANSWERED, HELPING, _l("先答复"), page="channel.answer", tells=(P.OWNER,)),
        Move("refer", (S.RAISED, S.ANSWERED, S.REFERRED), S.REFERRED, HELPING, _l("对接资源"), page="channel.refer",
             tells=(P.OWNER,)),
        Move("conclude", (S.ANSWERED, S.REFERRED), S.CONCLUDED, HELPING, _l("登记结果"), page="channel.conclude",
             tells=(P.OWNER,)),
        Move("close", (S.CONCLUDED,), S.CLOSED, (P.OWNER,), _l("确认结果"), tells=TOLD,
             consequence=_l("确认以后，这一件就办结了，不能再改。")),
        Move("reopen", (S.CONCLUDED,), S.ANSWERED, (P.OWNER,), _l("没有解决，继续求助"), page="channel.reason",
             tells=TOLD),
        Move("withdraw", (S.RAISED, S.ANSWERED, S.REFERRED), S.WITHDRAWN, (P.OWNER,), _l("撤回求助"),
             page="channel.reason", tells=TOLD, danger=True),
    ),
)  # fmt: skip
