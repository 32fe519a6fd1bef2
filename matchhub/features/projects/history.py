"""Words for the deeds in a project's ledger, as its staff page lists them."""

from __future__ import annotations

from typing import Any

from matchhub.core import money
from matchhub.core.i18n import _, _l
from matchhub.domain import reference

WORDS = {
    "project.found": _l("立项，生成项目"),
    "project.prepare_agreement": _l("拟定协议文本"),
    "project.sign": _l("登记协议"),
    "project.pay": _l("登记拨款"),
    "project.assign_supervisor": _l("指派督导"),
    "project.release_supervisor": _l("取消督导指派"),
    "project.coach": _l("写辅导记录"),
    "project.start": _l("启动项目"),
    "project.pause": _l("暂停项目"),
    "project.resume": _l("恢复项目"),
    "project.close_up": _l("进入结项"),
    "project.assess": _l("测评定级"),
    "project.finish": _l("归档结项"),
    "project.terminate": _l("终止项目"),
    "project.record_activity": _l("记录活动"),
    "project.change_activity": _l("修改活动记录"),
    "project.strike_activity": _l("划去活动记录"),
    "project.answer_survey": _l("收到一份满意度问卷"),
    "project.strike_survey": _l("划去一份满意度问卷"),
}

# Deeds that pages of their own show anyway.
EVERYDAY = ("project.record_activity", "project.change_activity", "project.answer_survey")


def deed_words(entry: Any) -> tuple[str, str]:
    """(what was done, its details) of one row of the ledger."""
    facts = entry.details
    return _(WORDS.get(entry.deed, entry.deed)), _details(entry.deed.partition(".")[2], facts)


def _details(deed: str, facts: dict[str, Any]) -> str:
    match deed:
        case "found":
            return _("立项金额 %(amount)s 元", amount=money.yuan(facts["amount_fen"]))
        case "sign":
            return _(
                "%(number)s，%(amount)s 元，%(first)s 至 %(last)s",
                number=facts["agreement_no"], amount=money.yuan(facts["amount_fen"]), first=facts["starts_on"],
                last=facts["ends_on"],
            )  # fmt: skip
        case "prepare_agreement":
            amount = money.yuan(facts["amount_fen"])
            return _("%(number)s，%(amount)s 元", number=facts["agreement_no"], amount=amount)
        case "pay":
            amount = money.yuan(facts["amount_fen"])
            return _(
                "第 %(seq)s 期 %(amount)s 元，拨款日 %(day)s", seq=facts["seq"], amount=amount, day=facts["paid_on"]
            )
        case "record_activity" | "change_activity":
            return _("%(day)s，%(people)s 人次", day=facts["held_on"], people=facts["people"])
        case "coach":
            kind = reference.word("coaching_kind", facts["kind"])
            return _("%(day)s，%(kind)s，%(n)s 分钟", day=facts["given_on"], kind=kind, n=facts["minutes"])
        case "strike_activity":
            return _("%(day)s，理由：%(reason)s", day=facts["held_on"], reason=facts["reason"])
    return str(facts.get("reason", ""))
