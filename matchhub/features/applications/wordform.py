"""The whole form on paper: what has been typed, and for empty answers what is asked, with hints and limits."""

from __future__ import annotations

from typing import Any

from matchhub.core import clock
from matchhub.core.i18n import _
from matchhub.documents.paper import Block, Facts, Heading, Paper, Party, Signing, Table, Text
from matchhub.domain import application_form as form
from matchhub.domain.application_form import Field, Kind
from matchhub.domain.models import Application

# Empty rows below those that are filled in, so that a team can go on by hand or in Word.
SPARE_ROWS = 3


def paper(application: Application, document: dict[str, Any]) -> Paper:
    """The application form for the team: filled in as far as it goes."""
    need = application.need
    closes = clock.local(need.closes_at).strftime("%Y-%m-%d %H:%M") if need.closes_at else ""
    blocks: list[Block] = [
        Facts([
            (_("需求"), f"{need.ref} {need.title}"),
            (_("申报机构"), application.organisation.name),
            (_("征集截止"), closes),
            (_("下载时间"), clock.local(clock.now()).strftime("%Y-%m-%d %H:%M")),
        ]),
        Text(_("本文件供机构内部填写、讨论和盖章使用。内容要填进平台、由机构负责人提交才算申报；"
               "预算、计划和团队三张表可以在平台下载 Excel 填好后上传。"), indent=False),
    ]  # fmt: skip
    for number, part in enumerate(form.PARTS, 1):
        blocks += _part(number, part, document, need.essential)
    blocks.append(Signing([Party(_("申报机构（盖章）"), application.organisation.name, [_("负责人签字"), _("日期")])]))
    return Paper(title=_("项目申报书"), number=application.ref, blocks=blocks, footer=application.ref)


def _part(number: int, part: form.Part, document: dict[str, Any], essential: list[Any]) -> list[Block]:
    values = form.part_of(document, part.code)
    blocks: list[Block] = [Heading(f"{number}. {_(part.title)}"), Text(_(part.lead), indent=False)]
    facts: list[tuple[str, str]] = []
    for field in part.fields:
        if field.kind in (Kind.LONG, Kind.ROWS, Kind.TEXTS):
            blocks += [Facts(facts)] if facts else []
            facts = []
            blocks += _long(field, values[field.name], document, part.code, essential)
        else:
            facts.append((_(field.label), _answer(field, values[field.name])))
    return [*blocks, Facts(facts)] if facts else blocks


def _long(field: Field, value: Any, document: dict[str, Any], part: str, essential: list[Any]) -> list[Block]:
    head = Heading(_(field.label), 2)
    if field.kind is Kind.ROWS:
        return [head, *_hints(field), _table(field, value), *_sums(field, part, document)]
    if field.kind is Kind.TEXTS:
        lines = [f"{'☑' if one in value else '☐'} {one}" for one in essential] or [_("本需求没有列出必备条件。")]
        return [head, *_hints(field), Text("\n".join(lines), indent=False)]
    return [head, Text(str(value)) if value else Text(_blank(field), indent=False)]


def _hints(field: Field) -> list[Block]:
    return [Text(_(field.hint), indent=False)] if field.hint else []


def _answer(field: Field, value: Any) -> str:
    """The answer, or what is asked in brackets."""
    if field.kind is Kind.TICK:
        return _("☑ 已勾选") if value else _("☐ 未勾选")
    return form.field_text(field, value) or _blank(field)


def _blank(field: Field) -> str:
    """What stands for an empty answer: whether it is needed, its limit and its hint."""
    asked = [_("必填") if field.needed else _("选填")]
    if field.kind in (Kind.TEXT, Kind.LONG):
        asked.append(_("最多 %(n)s 字", n=field.limit))
    if field.kind is Kind.CHOICE:
        asked.append(_("、").join(form.options(field).values()))
    if field.hint:
        asked.append(_(field.hint))
    return _("（%(asked)s）", asked=_("；").join(asked))


def _table(field: Field, rows: list[dict[str, Any]]) -> Table:
    cells = [[form.cell_text(column, row.get(column.name)) for column in field.columns] for row in rows]
    spare = [[""] * len(field.columns)] * (SPARE_ROWS if not rows else 1)
    widths = [{"wide": 3.0, "num": 1.4, "short": 1.4, "third": 1.6}.get(column.width, 2.0) for column in field.columns]
    numbers = {n for n, column in enumerate(field.columns) if column.kind in (Kind.WHOLE, Kind.MONEY)}
    return Table([_(column.label) for column in field.columns], cells + spare, widths, numbers)


def _sums(field: Field, part: str, document: dict[str, Any]) -> list[Block]:
    if part != "budget":
        return []
    return [Facts([(label, value) for label, value in form.budget_totals(document)])]
