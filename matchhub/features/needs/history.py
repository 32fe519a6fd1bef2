"""What the street's pages tell beyond the need itself: what changed, what happened, who raised it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import coding
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import LedgerEntry, Need, Role, User

LISTS = {"fields": "field", "communities": "community", "target_groups": "target_group"}


def differences(need: Need, values: Mapping[str, Any]) -> list[str]:
    """The form fields in which what was typed differs from what is stored."""
    codes = coding.codes_of(need)
    found = []
    for name, typed in values.items():
        if name in LISTS:
            differs = set(typed or ()) != set(codes.get(LISTS[name], []))
        else:
            differs = typed != getattr(need, name)
        if differs:
            found.append("related" if name == "related_need_id" else name)
    return found


# Deeds that are no moves, and moves that have no button, in the words of the history.
DEEDS: dict[str, str] = {
    "draft": _l("起草"), "raise": _l("居民区上报"), "copy": _l("由往期需求复制"), "save": _l("修改草稿"),
    "question": _l("收到提问"), "draft_answer": _l("起草答复"), "answer": _l("公布答复"), "correct": _l("发布更正"),
    "announce": _l("拟立项公示"), "match": _l("完成对接"), "reconsider": _l("退回重新评审"),
}  # fmt: skip


def told(rows: Iterable[LedgerEntry]) -> list[dict[str, str]]:
    """The ledger of one need as `U.timeline` prints it, newest first."""
    words = {move.action: move.label for move in LIVES[Need].moves if move.label} | DEEDS
    made = []
    for row in rows:
        deed, details = row.deed.partition(".")[2], row.details
        asker = _("提问标记 %(mark)s", mark=details["asker"]) if "asker" in details else row.actor
        text = "：".join(part for part in (asker, details.get("reason", "")) if part)
        at = clock.local(row.at).strftime("%Y-%m-%d %H:%M")
        made.append({"at": at, "title": _(words.get(deed, deed)), "text": text})
    return made


def raiser(need: Need) -> str:
    """Who raised a need, when it was an account of a residents' committee."""
    drafter = db.session.get(User, need.drafted_by_id) if need.drafted_by_id else None
    return drafter.name if drafter is not None and drafter.has(Role.NEIGHBOURHOOD) else ""
