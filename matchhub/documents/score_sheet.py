"""A submitted score sheet on paper, whatever it scores: intake review, roadshow, visit, inspection, presentation.

    paper = score_sheet.of(sheet, _("评分表"), facts=[(_("申报"), "SB-2026-003")], declaration=score_sheet.declared(…))

The declaration on ties stands on every sheet, so that an archive shows who was free to judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from matchhub.core import clock
from matchhub.core.i18n import _, language, pick
from matchhub.documents.paper import Block, Facts, Heading, Paper, Party, Signing, Table, Text
from matchhub.domain import reference, ties
from matchhub.domain.models import Organisation, ScoreLine, ScoreSheet, User

WIDTHS = (4, 2, 1.2, 1.2, 5)


def of(
    sheet: ScoreSheet,
    title: str,
    facts: Sequence[tuple[str, str]],
    declaration: str,
    words: Callable[[ScoreLine], str] | None = None,
    before: ScoreSheet | None = None,
) -> Paper:
    """The paper of one submitted sheet.

    `facts` say what was scored; `words` gives what a computed line explains; `before` is the sheet that this one
    corrects: changed lines show both values. Private notes are nobody's but the judge's and are never printed.
    """
    blocks: list[Block] = [Facts([*facts, *_frame(sheet)])]
    blocks += [Heading(_("逐项得分")), _lines(sheet, words, before)]
    if sheet.vetoes:
        blocks += [Heading(_("一票否决")), Text("、".join(reference.word("veto", code) for code in sheet.vetoes))]
    if sheet.comment:
        blocks += [Heading(_("总体意见")), Text(sheet.comment)]
    blocks += [Heading(_("利益关系声明")), Text(declaration)]
    blocks.append(Signing([Party(_("评分人"), sheet.judge.name, [_("签名"), _("日期")])]))
    return Paper(
        title=title,
        blocks=blocks,
        footer=_("评分表校验码 %(digest)s", digest=sheet.digest[:16]) if sheet.digest else "",
        language=language(),
    )


def _frame(sheet: ScoreSheet) -> list[tuple[str, str]]:
    rubric = sheet.rubric
    rows = [
        (_("评分人"), sheet.judge.name),
        (_("评分标准"), _("%(name)s，第 %(n)s 版", name=pick(rubric.name_zh, rubric.name_en), n=rubric.number)),
        (_("提交时间"), moment(sheet.submitted_at)),
        (_("总分"), _("%(total)s 分，满分 100 分", total=points(sheet.total))),
    ]
    return [*rows, (_("校验码"), sheet.digest)] if sheet.digest else rows


def _lines(sheet: ScoreSheet, words: Callable[[ScoreLine], str] | None, before: ScoreSheet | None) -> Table:
    kept = {line.item_id: line for line in sheet.lines}
    earlier = {line.item_id: _points(line) for line in before.lines} if before else {}
    rows = []
    for item in sheet.rubric.items:
        line = kept.get(item.id)
        now = _points(line)
        was = earlier.get(item.id, now)
        shown = now if was == now else _("%(after)s（原 %(before)s）", after=now, before=was)
        said = "\n".join(
            part for part in ((words(line) if words and line else ""), line.remark if line else "") if part
        )
        name = f"{item.code} {pick(item.name_zh, item.name_en)}"
        rows.append([name, pick(item.group_zh, item.group_en), shown, points(item.maximum), said])
    head = [_("指标"), _("分组"), _("得分"), _("满分"), _("理由和说明")]
    return Table(head, rows, WIDTHS, {2, 3})


def _points(line: ScoreLine | None) -> str:
    if line is None:
        return "–"
    return _("不适用") if line.not_applicable else points(line.points)


def points(value: Decimal | None) -> str:
    """A score without needless zeros; a dash for none."""
    return "–" if value is None else f"{Decimal(value).normalize():f}"


def moment(value: datetime | None) -> str:
    """A moment as people in Shanghai read it."""
    return clock.local(value).strftime("%Y-%m-%d %H:%M") if value else "–"


def declared(judge: User, organisation: Organisation, *, at: datetime | None = None, supervising: bool = False) -> str:
    """What is known of ties between this judge and the organisation, as a sentence for the paper.

    `at`: when the judge declared to be free; `supervising`: asked about supervision or closing.
    """
    standing = [
        row for row in ties.standing([judge], [organisation]) if not (supervising and row.kind == ties.SUPERVISION)
    ]
    found = [tie.kind for tie in ties.detected(judge, organisation)] + [row.kind for row in standing]
    if found:
        kinds = "、".join(reference.word("tie_kind", kind) for kind in dict.fromkeys(found))
        return _("评分人与这家机构登记有利益关系（%(kinds)s），依规定回避，这份评分不计入汇总。", kinds=kinds)
    if at is not None:
        return _("评分人于 %(at)s 声明：与这家机构没有利益关系。系统核对记录，没有发现需要回避的关系。", at=moment(at))
    return _("评分人声明：与这家机构没有利益关系。系统核对记录，没有发现需要回避的关系。")
