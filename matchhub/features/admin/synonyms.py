"""The groups of words that the search takes for the same; a change works at once, without a new index."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import after_commit, command, db
from matchhub.core.errors import Refused, Stale
from matchhub.core.i18n import _
from matchhub.core.ledger import Actor
from matchhub.domain import reference
from matchhub.domain.models import SynonymGroup

MOST_GROUPS, MOST_WORDS, LONGEST = 500, 12, 20
_BETWEEN = re.compile(r"[,，、\s]+")
Groups = Sequence[Sequence[str]]


def written(groups: Groups) -> str:
    """The groups as people edit them: one a line, commas between the words."""
    return "\n".join("，".join(group) for group in groups)


def read(text: str) -> list[list[str]]:
    """The groups of an edited text. Raises Refused with a sentence that names the line."""
    groups, seen = [], {}
    for number, line in enumerate(text.splitlines(), 1):
        words = list(dict.fromkeys(word for word in _BETWEEN.split(line.strip()) if word))
        if not words:
            continue
        if why := _why_not(words):
            raise Refused(_("第 %(n)s 行：%(why)s", n=number, why=why))
        for word in words:
            if word in seen:
                raise Refused(
                    _("“%(word)s”在第 %(a)s 行和第 %(b)s 行都有，请并成一行。", word=word, a=seen[word], b=number)
                )
            seen[word] = number
        groups.append(words)
    if len(groups) > MOST_GROUPS:
        raise Refused(_("最多 %(n)s 组，请删去用不着的。", n=MOST_GROUPS))
    return groups


def _why_not(words: Sequence[str]) -> str | None:
    if len(words) < 2:
        return _("一组至少要有两个词，用逗号隔开。")
    if len(words) > MOST_WORDS:
        return _("一组最多 %(n)s 个词。", n=MOST_WORDS)
    long = next((word for word in words if len(word) > LONGEST), None)
    return _("“%(word)s”太长，一个词最多 %(n)s 个字。", word=long, n=LONGEST) if long else None


@command
def change(actor: Actor, groups: Groups, seen: str) -> None:
    """Replace all groups. `seen` is the text that was edited: raises Stale when somebody changed it meanwhile."""
    rows = list(db.session.scalars(sa.select(SynonymGroup).order_by(SynonymGroup.id)))
    before = [list(row.words) for row in rows]
    if written(before) != seen.replace("\r\n", "\n"):
        raise Stale(_("您打开页面之后，别人改过同义词。请刷新页面，核对后再改。"))
    for row in rows:
        db.session.delete(row)
    db.session.add_all(SynonymGroup(words=list(group)) for group in groups)
    after = {tuple(group) for group in groups}
    known = {tuple(group) for group in before}
    ledger.record(actor, "synonyms.change", "synonyms:all", {
        "added": ["，".join(group) for group in sorted(after - known)], "removed": ["，".join(group) for group in sorted(known - after)],
    })  # fmt: skip
    after_commit(reference.forget)
