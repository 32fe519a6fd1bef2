"""The decision memo as a paper: the ask, the scores, the reviewers' views, the opinion, and room to sign."""

from __future__ import annotations

from typing import Any

from matchhub.core import clock, money
from matchhub.core.i18n import _, language
from matchhub.documents.paper import Block, Facts, Heading, Paper, Party, Signing, Table, Text
from matchhub.domain.scoring import words


def of(memo: dict[str, Any]) -> Paper:
    """The paper of what the memo's page shows (views_decision)."""
    round_, result = memo["round"], memo["result"]
    blocks: list[Block] = [Facts(_frame(memo)), Heading(_("得分和意见")), _scores(memo)]
    for row in result["applications"]:
        blocks += [Heading(_("第 %(n)s 名：%(name)s", n=row["place"], name=row["organisation"]), 2)]
        blocks += [Facts(_views(memo, row))]
    if round_.necessity_note:
        blocks += [Heading(_("必要性和可行性说明")), Text(round_.necessity_note)]
    if round_.memo:
        blocks += [Heading(_("会议记录")), Text(round_.memo)]
    blocks += [Heading(_("会签")), *_signatures(memo)]
    return Paper(
        title=_("拟立项会议材料"), blocks=blocks, number=round_.ref,
        meta=[_("打印时间 %(at)s", at=f"{clock.local(clock.now()):%Y-%m-%d %H:%M}")],
        footer=_("结果校验码 %(digest)s", digest=result["digest"][:16]), language=language(),
    )  # fmt: skip


def _frame(memo: dict[str, Any]) -> list[tuple[str, str]]:
    need, result = memo["round"].need, memo["result"]
    rows = [
        (_("需求"), f"{need.title} · {need.ref}"),
        (_("评审"), _("%(n)s 份申报，%(judges)s 位评审人", n=len(result["applications"]), judges=len(memo["judges"]))),
        (_("评审人产生"), memo["how_made"]),
        (_("提出人"), memo["proposer"]),
    ]
    if need.budget_fen:
        rows.insert(1, (_("预算上限"), _("%(amount)s 元", amount=money.yuan(need.budget_fen))))
    return rows + [(_("一致程度"), words.agreement(one["w"])) for one in result.get("agreement", {}).values()]


def _scores(memo: dict[str, Any]) -> Table:
    rows = []
    for row in memo["result"]["applications"]:
        decision = memo["decisions"][row["id"]]
        spread = "、".join(stage["deviation"] for stage in row["stages"].values())
        opinion = _("拟立项") if decision.proposed else _("未入选")
        applied = money.yuan(row["amount_fen"])
        proposed = money.yuan(decision.amount_fen) if decision.proposed and decision.amount_fen else ""
        rows.append([str(row["place"]), row["organisation"], row["total"], spread, applied, proposed, opinion])
    head = [_("名次"), _("机构"), _("总分"), _("分歧度"), _("申请金额（元）"), _("拟立项金额（元）"), _("意见")]
    return Table(head, rows, (1, 4, 1.3, 1.3, 2, 2, 1.4), {0, 2, 3, 4, 5})


def _views(memo: dict[str, Any], row: dict[str, Any]) -> list[tuple[str, str]]:
    decision = memo["decisions"][row["id"]]
    rows = [(_("申请"), row["title"]), (_("理由"), decision.reason)]
    if decision.feedback:
        rows.append((_("给机构的反馈"), decision.feedback))
    said = "\n".join(f"{one.number}. {one.sheet.comment}" for one in memo["comments"][row["id"]])
    if said:
        rows.append((_("评审人的意见"), said))
    for one in memo["discussions"].get(row["id"], []):
        rows.append((_("合议"), f"{one.discussion.held_on.isoformat()}\n{one.discussion.minutes}"))
    if row["recused"]:
        rows.append((_("回避"), "、".join(str(memo["judges"].get(judge, judge)) for judge in row["recused"])))
    return rows


def _signatures(memo: dict[str, Any]) -> list[Block]:
    """What was signed on the platform, and room for those who sign on paper."""
    rule = Text(_("%(n)s 位审批人同意即批准，%(n)s 位不同意即退回主办科室。", n=memo["needed"]))
    rows = [
        [one.user.name, _("同意") if one.agrees else _("不同意"), one.reason,
         f"{clock.local(one.at):%Y-%m-%d %H:%M}"]
        for one in memo["signatures"]
    ]  # fmt: skip
    if rows:
        return [rule, Table([_("审批人"), _("意见"), _("理由"), _("时间")], rows, (2, 1.4, 5, 2.4))]
    lines = [_("意见"), _("理由"), _("签名"), _("日期")]
    return [rule, Signing([Party(_("审批人"), "", lines) for _n in range(max(1, memo["needed"]))])]
