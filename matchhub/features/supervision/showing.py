"""A visit's sheet and deeds in the shape that templates print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from matchhub.core import clock
from matchhub.core.i18n import _, _l, pick
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import attachments, sheet_items, sheets, visit_scoring
from matchhub.domain.models import Attachment, Rubric, RubricItem, ScoreLine, ScoreSheet
from matchhub.domain.sheet_items import plain
from matchhub.features.supervision.recording import item_photo

DEEDS: dict[str, str] = {
    "visit.plan": _l("安排走访"), "visit.reschedule": _l("改期"), "visit.cancel": _l("取消走访"),
    "visit.submit": _l("提交督导记录和评分"), "visit.confirm": _l("机构确认记录"), "visit.contest": _l("机构提出异议"),
    "visit.settle": _l("异议处理完毕"), "visit.answer_suggestion": _l("机构答复改进建议"),
    "rectification.issue": _l("开出整改单"), "rectification.acknowledge": _l("机构签收"),
    "rectification.report": _l("机构回复整改"), "rectification.close": _l("核验通过，整改完成"),
    "rectification.reissue": _l("核验未全部到位，继续整改"), "rectification.escalate": _l("逾期上报街道"),
}  # fmt: skip
ICONS = {
    "visit.submit": "clipboard-check", "visit.contest": "exclamation-circle", "visit.confirm": "check-circle",
    "rectification.issue": "exclamation-triangle", "rectification.close": "check-circle",
}  # fmt: skip


def title(item: RubricItem) -> str:
    return pick(item.name_zh, item.name_en)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the rubric with its items: (item, line) as components/sheet.html wants them."""

    code: str
    name: str
    rows: list[tuple[dict[str, Any], dict[str, Any]]]


def sheet_groups(
    rubric: Rubric,
    entries: Mapping[str, sheets.Entry],
    errors: Mapping[str, str] = {},
    photos: Mapping[str, list[Attachment]] = {},
) -> list[Group]:
    """The whole sheet to be filled in, with what was entered so far."""
    groups: dict[str, Group] = {}
    for item in rubric.items:
        group = groups.setdefault(item.group_code, Group(item.group_code, pick(item.group_zh, item.group_en), []))
        made = entries.get(item.code, sheets.Entry())
        sentences = [errors[item.code]] if item.code in errors else []
        group.rows.append(
            (sheet_items.for_visit(item), _line(item, made, sentences, photos.get(item_photo(item.code), [])))
        )
    return list(groups.values())


def _line(item: RubricItem, made: sheets.Entry, sentences: list[str], photos: list[Attachment]) -> dict[str, Any]:
    readable = made.points is not None and made.points.is_finite()
    return {
        "value": plain(made.points) if readable else None, "na": made.not_applicable, "remark": made.remark,
        "errors": sentences, "explanation": visit_scoring.words(item.code, made.explanation),
        "photos": [(attachments.url(row), row.caption or row.name) for row in photos],
    }  # fmt: skip


def entries_of(sheet: ScoreSheet | None) -> dict[str, sheets.Entry]:
    """The lines of a stored sheet as entries."""
    return {line.item.code: _entry(line) for line in (sheet.lines if sheet else [])}


def _entry(line: ScoreLine) -> sheets.Entry:
    points = None if line.points is None else Decimal(line.points)
    return sheets.Entry(points, line.not_applicable, line.remark, dict(line.explanation))


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A line of a submitted sheet as it is read: with `before` where a correction changed it."""

    code: str
    group: str
    title: str
    maximum: str
    points: str
    how: str
    words: str
    remark: str
    before: str | None
    photos: list[Attachment] = field(default_factory=list)


def score_rows(
    sheet: ScoreSheet, before: ScoreSheet | None = None, photos: Mapping[str, list[Attachment]] | None = None
) -> list[ScoreRow]:
    """The lines of a submitted sheet in the order of the rubric; `before` is the sheet that it replaced."""
    earlier = {line.item.code: _points(line) for line in before.lines} if before else {}
    rows = []
    for line in sorted(sheet.lines, key=lambda line: line.item.sort):
        item, now = line.item, _points(line)
        was = earlier.get(item.code, now)
        rows.append(
            ScoreRow(
                item.code, pick(item.group_zh, item.group_en), title(item), plain(item.maximum), now, item.how,
                visit_scoring.words(item.code, line.explanation), line.remark, was if was != now else None,
                (photos or {}).get(item_photo(item.code), []),
            )
        )  # fmt: skip
    return rows


def _points(line: ScoreLine) -> str:
    if line.not_applicable:
        return _("不适用")
    return "–" if line.points is None else plain(line.points)


def timeline(deeds: Iterable[LedgerEntry]) -> list[dict[str, Any]]:
    """What happened, newest first, as `U.timeline` prints it."""
    return [
        {
            "at": clock.local(row.at).strftime("%Y-%m-%d %H:%M"), "title": _(DEEDS[row.deed]), "text": row.actor,
            "icon": ICONS.get(row.deed, "circle-fill"),
        }
        for row in deeds
        if row.deed in DEEDS
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemError:
    """An error of a sheet's item in the shape that the error summary reads."""

    id: str
    errors: list[str]
    type: str = "Item"


class SheetErrors:
    """The errors of a sheet beside those of its form, for `F.error_summary`."""

    def __init__(self, errors: Mapping[str, str], rubric: Rubric) -> None:
        names = {item.code: title(item) for item in rubric.items}
        self.form_errors: list[str] = []
        self.rows = [
            ItemError(f"line-{code}", [_("%(item)s：%(sentence)s", item=names[code], sentence=sentence)])
            for code, sentence in errors.items()
        ]

    def __iter__(self) -> Iterator[ItemError]:
        return iter(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)
