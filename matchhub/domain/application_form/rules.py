"""Every rule of the form (domain.md §2.6.2), each with a sentence that says how to repair it, with numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from matchhub.core import contact, money
from matchhub.core.i18n import _
from matchhub.domain import reference
from matchhub.domain.application_form import sums
from matchhub.domain.application_form.assets import fixed_asset
from matchhub.domain.application_form.reading import Document, day_of, is_blank, part_of
from matchhub.domain.application_form.spec import BY_CODE, PARTS, SOURCES, Field, Kind
from matchhub.domain.models import Need, Organisation, Role


@dataclass(frozen=True, slots=True)
class Problem:
    """What must be repaired: `field` is the id of its control on the page of `part` ("title", "rows-1-item")."""

    part: str
    field: str
    sentence: str


Found = Iterator[Problem]


def problems(
    document: Document, need: Need, part: str | None = None, applicant: Organisation | None = None
) -> list[Problem]:
    """Everything that stands in the way of submitting, in the order of the form; of one part only when named.

    Caps follow the settings `cap_management` and `cap_personnel` (percent of the amount applied for). Whose application
    it is decides what is asked about names: without `applicant` no name is compared.
    """
    wanted = [BY_CODE[part]] if part else PARTS
    found: list[Problem] = []
    for one in wanted:
        values = part_of(document, one.code)
        for field in one.fields:
            found += _field(one.code, field, values[field.name])
        found += RULES[one.code](values, need) if one.code in RULES else ()
        if applicant is not None:
            found += BY_NAME[one.code](values, applicant, document) if one.code in BY_NAME else ()
    return found


def _field(part: str, field: Field, value: Any) -> Found:
    if _is_missing(field, value):
        yield Problem(part, field.name, _(field.needed))
    elif field.kind is Kind.ROWS:
        for number, row in enumerate(value):
            yield from _row(part, field, number, row)
    else:
        yield from _limit(part, field.name, field, value, _(field.label))


def _is_missing(field: Field, value: Any) -> bool:
    """Numbers that are asked for start at 1; an amount applied for has its own sentence."""
    if not field.needed:
        return False
    counted = field.kind is Kind.WHOLE or (field.kind is Kind.MONEY and field.name != "amount_fen")
    return is_blank(value) or (counted and value < 1)


def _row(part: str, field: Field, number: int, row: dict[str, Any]) -> Found:
    for column in field.columns:
        place, value = f"{field.name}-{number}-{column.name}", row.get(column.name)
        words = {"table": _(field.label), "n": number + 1}
        if _is_missing(column, value):
            yield Problem(part, place, _("%(table)s第 %(n)s 行：%(what)s", what=_(column.needed), **words))
        else:
            yield from _limit(
                part, place, column, value, _("%(table)s第 %(n)s 行：%(what)s", what=_(column.label), **words)
            )


def _limit(part: str, place: str, field: Field, value: Any, name: str) -> Found:
    if field.kind in (Kind.TEXT, Kind.LONG) and len(value or "") > field.limit:
        over = len(value) - field.limit
        sentence = _("%(name)s最多 %(limit)s 字，请删去 %(over)s 字", name=name, limit=field.limit, over=over)
        yield Problem(part, place, sentence)
    if field.kind is Kind.WHOLE and value is not None and value > field.limit:
        yield Problem(part, place, _("%(name)s不能大于 %(limit)s", name=name, limit=f"{field.limit:,}"))
    if field.kind is Kind.CHOICE and value and value not in options(field):
        yield Problem(part, place, _("%(name)s：请从列出的选项里选择", name=name))


def options(field: Field) -> dict[str, str]:
    """The choices of a field: code and word in the language in use."""
    if field.options == "source":
        return {code: _(word) for code, word in SOURCES.items()}
    return {code: str(name) for code, name in reference.codes(field.options).items()}


def _organisation(values: dict[str, Any], need: Need) -> Found:
    if values["contact_phone"] and not contact.is_phone(values["contact_phone"]):
        yield Problem("organisation", "contact_phone", contact.not_a_phone())
    if values["joint"] and not need.joint_allowed:
        yield Problem("organisation", "joint", _("本需求不接受联合申报，请删除联合申报机构"))


def _plan(values: dict[str, Any], need: Need) -> Found:
    starts, ends = day_of(values["starts_on"]), day_of(values["ends_on"])
    if starts and ends and ends <= starts:
        yield Problem("plan", "ends_on", _("计划结束日期要晚于开始日期 %(day)s，请修改", day=starts.isoformat()))
        return
    yield from _inside_need(starts, ends, need)
    for number, row in enumerate(values["rows"]):
        yield from _months(number, row, starts, ends)


def _inside_need(starts: date | None, ends: date | None, need: Need) -> Found:
    if starts and need.starts_on and starts < need.starts_on:
        day = need.starts_on.isoformat()
        yield Problem(
            "plan", "starts_on", _("需求的实施周期从 %(day)s 开始，请把计划开始日期改到这一天或之后", day=day)
        )
    if ends and need.ends_on and ends > need.ends_on:
        day = need.ends_on.isoformat()
        yield Problem("plan", "ends_on", _("需求的实施周期到 %(day)s 结束，请把计划结束日期改到这一天或之前", day=day))


def _months(number: int, row: dict[str, Any], starts: date | None, ends: date | None) -> Found:
    first, last = row.get("from_month") or "", row.get("to_month") or ""
    if first and last and first > last:
        sentence = _(
            "活动计划第 %(n)s 行：结束月份 %(last)s 早于开始月份 %(first)s，请修改",
            n=number + 1,
            first=first,
            last=last,
        )
        yield Problem("plan", f"rows-{number}-to_month", sentence)
        return
    if not starts or not ends:
        return
    low, high = starts.strftime("%Y-%m"), ends.strftime("%Y-%m")
    for name, month in (("from_month", first), ("to_month", last)):
        if month and not low <= month <= high:
            sentence = _(
                "活动计划第 %(n)s 行：%(month)s 不在项目周期 %(low)s 至 %(high)s 之内，请修改月份或项目周期",
                n=number + 1, month=month, low=low, high=high,
            )  # fmt: skip
            yield Problem("plan", f"rows-{number}-{name}", sentence)


def _budget(values: dict[str, Any], need: Need) -> Found:
    document, amount = {"budget": values}, values["amount_fen"]
    if amount is not None and amount <= 0:
        yield Problem("budget", "amount_fen", _("申请金额要大于 0"))
    if amount and values["rows"]:
        yield from _sum(sums.from_source(document, "applied"), amount)
    if amount and need.budget_fen is not None and amount > need.budget_fen:
        yield Problem("budget", "amount_fen", _over_ceiling(amount, need))
    if amount:
        shares = sums.by_category(document)
        yield from _cap("management", _("管理费"), shares, amount)
        yield from _cap("personnel", _("人员费"), shares, amount)
    for number, row in enumerate(values["rows"]):
        yield from _asset(number, row)


def _sum(total: int, amount: int) -> Found:
    if total == amount:
        return
    numbers = {"sum": money.yuan(total), "diff": money.yuan(abs(amount - total))}
    if total < amount:
        sentence = _("申请来源的预算合计 %(sum)s 元，比申请金额少 %(diff)s 元，请修改预算行或申请金额", **numbers)
    else:
        sentence = _("申请来源的预算合计 %(sum)s 元，比申请金额多 %(diff)s 元，请修改预算行或申请金额", **numbers)
    yield Problem("budget", "rows", sentence)


def _over_ceiling(amount: int, need: Need) -> str:
    """The ceiling is named only where it is public."""
    ceiling = need.budget_fen or 0
    if not need.budget_public:
        return _("申请金额超过本需求的预算上限，请调低申请金额和预算行")
    over = money.yuan(amount - ceiling)
    return _("申请金额比预算上限 %(top)s 元多 %(over)s 元，请调低申请金额和预算行", top=money.yuan(ceiling), over=over)


def _cap(category: str, word: str, shares: dict[str, int], amount: int) -> Found:
    percent = Decimal(reference.setting(f"cap_{category}"))
    spent, most = shares.get(category, 0), int(amount * percent / 100)
    if spent > most:
        sentence = _(
            "%(word)s合计 %(spent)s 元，超过申请金额的 %(percent)s%%（最多 %(most)s 元），请减少 %(over)s 元",
            word=word, spent=money.yuan(spent), percent=f"{percent.normalize():f}", most=money.yuan(most),
            over=money.yuan(spent - most),
        )  # fmt: skip
        yield Problem("budget", "rows", sentence)


def _asset(number: int, row: dict[str, Any]) -> Found:
    word = fixed_asset(row.get("item") or "") if row.get("source") == "applied" else None
    if word:
        sentence = _(
            "预算明细第 %(n)s 行：“%(item)s”属于固定资产（%(word)s），不能用申请的经费购置，请改为租借，或把来源改为配套、自筹",
            n=number + 1, item=row["item"], word=word,
        )  # fmt: skip
        yield Problem("budget", f"rows-{number}-item", sentence)


def _declaration(values: dict[str, Any], need: Need) -> Found:
    left = [condition for condition in need.essential if condition not in values["essential"]]
    if left:
        sentence = _("还有 %(n)s 条必备条件没有确认，请逐条核对后勾选：%(first)s", n=len(left), first=left[0])
        yield Problem("declaration", "essential", sentence)


def _partners(values: dict[str, Any], applicant: Organisation, document: Document) -> Found:
    """Each partner once, never the applicant itself; what they share leaves something for the applicant."""
    names: set[str] = set()
    for number, row in enumerate(values["joint"]):
        name, place = row.get("name") or "", f"joint-{number}-name"
        if name == applicant.name:
            yield Problem(
                "organisation", place, _("联合申报机构第 %(n)s 行：这是贵机构自己，请删去这一行", n=number + 1)
            )
        elif name and name in names:
            yield Problem(
                "organisation", place, _("联合申报机构第 %(n)s 行：“%(name)s”写了两次，请合并", n=number + 1, name=name)
            )
        names.add(name)
    shared = sum(row.get("share") or 0 for row in values["joint"])
    if shared >= 100:
        yield Problem(
            "organisation", "joint", _("联合机构的工作占比合计 %(sum)s%%，要给贵机构留下至少 1%%，请调低", sum=shared)
        )
    given, amount = sum(row.get("amount_fen") or 0 for row in values["joint"]), sums.amount_fen(document)
    if amount and given > amount:
        sentence = _(
            "联合机构分得经费合计 %(sum)s 元，超过申请金额 %(amount)s 元，请调低",
            sum=money.yuan(given), amount=money.yuan(amount),
        )  # fmt: skip
        yield Problem("organisation", "joint", sentence)


SPACES = re.compile(r"[\s\u00b7\u2022.]+")


def _plain_name(name: str) -> str:
    """A name as it is compared: without spaces and the dot in foreign and minority names."""
    return SPACES.sub("", unicodedata.normalize("NFKC", name)).casefold()


def signers(applicant: Organisation) -> list[str]:
    """Who may sign for an organisation: its legal representative, and its people who may submit."""
    heads = [one.name for one in applicant.people if one.active and Role.ORG_ADMIN in one.roles]
    return list(dict.fromkeys(name for name in (applicant.legal_representative, *heads) if name))


def _signature(values: dict[str, Any], applicant: Organisation, _document: Document) -> Found:
    """The declaration binds the organisation, so it is signed by somebody who may bind it."""
    signed, allowed = values["signed_name"], signers(applicant)
    if signed and allowed and _plain_name(signed) not in {_plain_name(name) for name in allowed}:
        sentence = _(
            "签名“%(signed)s”不是贵机构的法定代表人或负责人，请由%(names)s签名；人员有变动的，请先在机构资料里更新",
            signed=signed, names=_("或").join(allowed),
        )  # fmt: skip
        yield Problem("declaration", "signed_name", sentence)


BY_NAME = {"organisation": _partners, "declaration": _signature}
RULES = {"organisation": _organisation, "plan": _plan, "budget": _budget, "declaration": _declaration}
