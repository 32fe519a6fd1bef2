"""The life of an entry of the library (知识库条目): drafted, published in versions, withdrawn, published again."""

from __future__ import annotations

from datetime import datetime

from matchhub.core.i18n import _, _l
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import LibraryEntry
from matchhub.domain.models import LibraryState as S
from matchhub.domain.parties import Party as P

EDITORS = (P.OFFICE, P.CENTRE, P.APPROVER)


def is_written(entry: LibraryEntry, _now: datetime) -> str | None:
    return None if (entry.working or {"text": entry.text})["text"].strip() else _("正文还没有写，请先修改。")


def is_changed(entry: LibraryEntry, _now: datetime) -> str | None:
    return None if entry.is_changed else _("内容和已发布的版本一样，修改后才能发布新版本。")


LIBRARY = Life(
    kind="library",
    title=_l("知识库条目"),
    states=S,
    start=S.DRAFT,
    final=frozenset(),
    words={S.DRAFT: _l("未发布"), S.PUBLISHED: _l("已发布"), S.WITHDRAWN: _l("已撤下")},
    tones={S.DRAFT: "muted", S.PUBLISHED: "ok", S.WITHDRAWN: "warn"},
    moves=(
        Move("publish", (S.DRAFT,), S.PUBLISHED, EDITORS, _l("发布条目"), (is_written,),
             consequence=_l("发布后任何人都能看到，这个版本会一直保存，不能修改或删除。确定发布吗？")),
        Move("renew", (S.PUBLISHED,), S.PUBLISHED, EDITORS, _l("发布新版本"), (is_written, is_changed),
             consequence=_l("发布后公开页面换成新版本，原来的版本仍可查看。确定发布吗？")),
        Move("restore", (S.WITHDRAWN,), S.PUBLISHED, EDITORS, _l("重新发布条目"), (is_written,),
             consequence=_l("发布后任何人又能看到这一条。确定发布吗？")),
        Move("withdraw", (S.PUBLISHED,), S.WITHDRAWN, EDITORS, _l("撤下条目"), page="library.withdraw", danger=True),
    ),
)  # fmt: skip
