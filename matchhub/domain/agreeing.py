"""The agreement of a project: its template with placeholders, and the text that is made from both.

What is agreed is written in the source language, whoever prepares it. All functions that write run inside the caller's
command.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, i18n, ledger, money
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import founding, reference
from matchhub.domain.models import Agreement, AgreementTemplate, PlanRow, Project, ProjectPartner, ReviewRound, User

# What a template may name in braces, and what stands there in the finished text.
WORDS: dict[str, str] = {
    "协议编号": _l("协议编号"),
    "甲方": _l("街道（设置里的主办单位）"),
    "甲方联系人": _l("需求的联系人"),
    "甲方电话": _l("需求的联系电话"),
    "乙方": _l("承接机构的名称"),
    "统一社会信用代码": _l("承接机构的代码"),
    "法定代表人": _l("承接机构的法定代表人"),
    "乙方地址": _l("承接机构的地址"),
    "乙方联系人": _l("承接机构的联系人"),
    "乙方电话": _l("承接机构的联系电话"),
    "乙方账户": _l("承接机构的银行账户"),
    "联合承接方": _l("联合承接的机构和分工；不是联合承接的，所在的一行不出现"),
    "项目名称": _l("项目的名称"),
    "项目编号": _l("项目的编号"),
    "需求名称": _l("对接的需求"),
    "需求编号": _l("需求的编号"),
    "开始日期": _l("协议期的第一天"),
    "结束日期": _l("协议期的最后一天"),
    "金额": _l("协议金额，数字"),
    "金额大写": _l("协议金额，中文大写"),
}
# Placeholders that become a table; they stand alone on their line.
TABLES: dict[str, str] = {
    "目标": _l("目标表：指标、现状、目标值"),
    "活动计划": _l("活动计划表：活动、次数、每次人数、起止月"),
    "预算": _l("预算表：类别、事项、金额"),
    "付款安排": _l("分期付款表：期次、条件、比例、金额"),
}
PLACEHOLDERS = WORDS | TABLES
REQUIRED = ("协议编号", "甲方", "乙方", "项目名称", "开始日期", "结束日期", "金额", "金额大写", "付款安排")

_PLACE = re.compile(r"\{([^{}\n]*)\}")
LONGEST = 30_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What both sides agree on. `percents` are the shares paid at signing, mid-term and closing."""

    number: str
    starts_on: date
    ends_on: date
    amount_fen: int
    percents: Sequence[int]


def problems(body: str) -> list[str]:
    """What keeps a text from being a template, as sentences that say how to repair it."""
    named = _PLACE.findall(body)
    found = []
    if unknown := [name for name in dict.fromkeys(named) if name not in PLACEHOLDERS]:
        found.append(_("没有这样的占位符：%(names)s。请从下面的列表里选。", names=_listed(unknown)))
    if missing := [name for name in REQUIRED if name not in named]:
        found.append(_("还缺少必要的占位符：%(names)s。", names=_listed(missing)))
    crowded = [
        name
        for name in TABLES
        if any(f"{{{name}}}" in line and line.strip() != f"{{{name}}}" for line in body.split("\n"))
    ]
    if crowded:
        found.append(_("这些占位符会变成表格，请让它独占一行：%(names)s。", names=_listed(crowded)))
    if re.search(r"[{}]", _PLACE.sub("", body)):
        found.append(_("花括号没有成对，请检查每个占位符的前后。"))
    if len(body) > LONGEST:
        found.append(_("模板不能超过 %(n)s 字。", n=LONGEST))
    return found


def _listed(names: Sequence[str]) -> str:
    return "、".join(f"{{{name}}}" for name in names)


def newest() -> AgreementTemplate:
    """The version that new agreements are made from."""
    return db.session.scalars(sa.select(AgreementTemplate).order_by(AgreementTemplate.number.desc()).limit(1)).one()


def of(project: Project) -> Agreement | None:
    return db.session.scalar(sa.select(Agreement).where(Agreement.project_id == project.id))


def terms_of(agreement: Agreement) -> Terms:
    return Terms(
        agreement.number, agreement.starts_on, agreement.ends_on, agreement.amount_fen, tuple(agreement.percents)
    )


def suggested_terms(project: Project) -> Terms:
    """What a text is made from before anything was agreed: for previews. The dates may be those of today."""
    known = of(project)
    if known is not None:
        return terms_of(known)
    starts_on, ends_on = project.starts_on or project.created_at.date(), project.ends_on or project.created_at.date()
    return Terms(project.agreement_no, starts_on, ends_on, project.amount_fen, founding.default_percents())


def draw_up(project: Project, terms: Terms, actor: User) -> Agreement:
    """Make or change the agreement of a project; the text is made anew unless its terms are the same.

    A text that both sides may hold in hand stays the same letter by letter when only its signing is recorded.
    """
    row = of(project)
    if row is not None and terms_of(row) == _plain(terms):
        return row
    template = newest()
    content = fill(template, project, terms)
    values = {
        "template_id": template.id, "number": terms.number, "amount_fen": terms.amount_fen, "starts_on": terms.starts_on,
        "ends_on": terms.ends_on, "percents": list(terms.percents), "content": content, "digest": digest(content),
        "prepared_by_id": actor.id,
    }  # fmt: skip
    if row is None:
        row = Agreement(project_id=project.id, **values)
        db.session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    db.session.flush()
    return row


def _plain(terms: Terms) -> Terms:
    return Terms(terms.number, terms.starts_on, terms.ends_on, terms.amount_fen, tuple(terms.percents))


def next_number() -> str:
    """A number for the next agreement: prefix of the settings, year, and how many this year have had."""
    year = clock.today().year
    start = f"{reference.setting('agreement_prefix')}〔{year}〕"
    known = sa.select(sa.func.count()).where(Agreement.number.startswith(start, autoescape=True))
    n = (db.session.scalar(known) or 0) + 1
    while db.session.scalar(sa.select(Agreement.id).where(Agreement.number == f"{start}{n} 号")) is not None:
        n += 1
    return f"{start}{n} 号"


def number_taken(project: Project, number: str) -> bool:
    """Whether another project's agreement has this number."""
    found = sa.select(Agreement.id).where(Agreement.number == number, Agreement.project_id != project.id)
    return db.session.scalar(found.limit(1)) is not None


def approved_award(user: User, project: Project) -> bool:
    """Whether this person approved the award: then somebody else puts the agreement on record."""
    found = sa.select(ReviewRound.id).where(
        ReviewRound.need_id == project.need_id, ReviewRound.decided_by_id == user.id
    )
    return db.session.scalar(found.limit(1)) is not None


def digest(content: Sequence[Any]) -> str:
    """SHA-256 of the canonical JSON of a text's blocks: printed on every copy."""
    return hashlib.sha256(ledger.canonical(list(content)).encode()).hexdigest()


def fill(template: AgreementTemplate, project: Project, terms: Terms) -> list[dict[str, Any]]:
    """The text as blocks: {"kind": "title" | "heading" | "text" | "table", …}, in the source language."""
    with i18n.in_source():
        return [{"kind": "title", "text": template.title}, *_blocks(template.body, project, terms)]


def _blocks(body: str, project: Project, terms: Terms) -> list[dict[str, Any]]:
    words, blocks, waiting = _words(project, terms), [], []  # type: dict[str, str], list[dict[str, Any]], list[str]

    def put_text() -> None:
        if text := "\n".join(waiting).strip():
            blocks.append({"kind": "text", "text": text})
        waiting.clear()

    for line in _with_partners(body, project):
        name = line.strip()[1:-1]
        if line.startswith("# "):
            put_text()
            blocks.append({"kind": "heading", "text": _put_in(line[2:].strip(), words)})
        elif line.strip() == f"{{{name}}}" and name in TABLES:
            put_text()
            blocks.append(_table(name, project, terms))
        else:
            # Each line of a template is a paragraph of its own.
            waiting += [_put_in(line, words), ""]
    put_text()
    return blocks


JOINT = "{联合承接方}"


def _with_partners(body: str, project: Project) -> list[str]:
    """The lines of a template: without those on partners where there are none, and with one where it forgot them."""
    lines = body.replace("\r\n", "\n").split("\n")
    if not project.partners:
        return [line for line in lines if JOINT not in line]
    if JOINT in body:
        return lines
    first = next((n for n, line in enumerate(lines) if line.startswith("# ")), len(lines))
    return [*lines[:first], _("联合承接方：%(who)s", who=JOINT), *lines[first:]]


def _partner(row: ProjectPartner) -> str:
    known = row.organisation
    name = _("%(name)s（统一社会信用代码 %(code)s）", name=row.name, code=known.uscc) if known else row.name
    parts = [name, row.work.strip().rstrip("。；")]
    if row.share:
        parts.append(_("承担 %(n)s%% 的工作", n=row.share))
    if row.amount_fen:
        parts.append(_("分得经费 %(amount)s 元", amount=money.yuan(row.amount_fen)))
    return _("，").join(part for part in parts if part)


def _put_in(line: str, words: dict[str, str]) -> str:
    """One pass: what is put in is never read as a placeholder itself."""
    return _PLACE.sub(lambda found: words.get(found[1], found[0]), line)


def _words(project: Project, terms: Terms) -> dict[str, str]:
    need, organisation = project.need, project.organisation
    values = {
        "协议编号": terms.number, "甲方": str(reference.setting("site_owner")), "甲方联系人": need.contact_name,
        "甲方电话": need.contact_phone, "乙方": organisation.name, "统一社会信用代码": organisation.uscc,
        "法定代表人": organisation.legal_representative, "乙方地址": organisation.office_address or organisation.address,
        "乙方联系人": organisation.contact_name, "乙方电话": organisation.contact_phone,
        "乙方账户": organisation.bank_account, "联合承接方": _("；").join(map(_partner, project.partners)),
        "项目名称": project.title, "项目编号": project.ref,
        "需求名称": need.title, "需求编号": need.ref, "开始日期": i18n.day_in_words(terms.starts_on),
        "结束日期": i18n.day_in_words(terms.ends_on), "金额": money.yuan(terms.amount_fen),
        "金额大写": money.capital(terms.amount_fen),
    }  # fmt: skip
    # An empty one leaves room to be filled in by hand.
    return {name: value or "＿＿＿＿＿＿" for name, value in values.items()}


def _table(name: str, project: Project, terms: Terms) -> dict[str, Any]:
    head, rows, widths, numbers = {
        "目标": _goals, "活动计划": _plan, "预算": _budget,
    }.get(name, lambda _project, agreed: _payments(agreed))(project, terms)  # fmt: skip
    return {"kind": "table", "head": head, "rows": rows, "widths": widths, "numbers": numbers}


Columns = tuple[list[str], list[list[str]], list[float], list[int]]


def _goals(project: Project, _terms: Terms) -> Columns:
    rows = [[str(goal.get(key) or "") for key in ("indicator", "baseline", "target")] for goal in project.goals]
    return [_("指标"), _("现状"), _("目标值")], rows, [3, 2, 2], []


def _plan(project: Project, terms: Terms) -> Columns:
    """The plan as it moves with the agreed period."""
    moved = founding.schedule(founding.submitted(project.application)["plan"], terms.starts_on, terms.ends_on)
    rows = [_plan_row(row, first, last) for row, (first, last) in zip(project.plan, moved, strict=True)]
    return [_("活动"), _("形式"), _("次数"), _("每次人数"), _("起止月")], rows, [5, 2, 1.2, 1.5, 2.6], [2, 3]


def _plan_row(row: PlanRow, first: date, last: date) -> list[str]:
    form = reference.word("activity_form", row.form)
    return [row.name, form, str(row.times), str(row.people_each), f"{first:%Y-%m} – {last:%Y-%m}"]


def _budget(project: Project, _terms: Terms) -> Columns:
    rows = [
        [reference.word("budget_category", row["category"]), row["item"], money.yuan(row["amount_fen"])]
        for row in project.budget
    ]
    return [_("类别"), _("事项"), _("金额（元）")], rows, [2, 5, 2], [2]


def _payments(terms: Terms) -> Columns:
    rows = [
        [_("第 %(n)s 期", n=row.seq), condition(row.condition), f"{row.percent}%", money.yuan(row.amount_fen)]
        for row in founding.instalments(terms.amount_fen, terms.percents)
    ]
    return [_("期次"), _("付款条件"), _("比例"), _("金额（元）")], rows, [1.2, 6, 1, 2], [2, 3]


def condition(code: str) -> str:
    """When an instalment is paid, as the settings rule it (domain/paying.py)."""
    match code:
        case "middle":
            return _("中期督导得分达到 %(n)s 分", n=f"{reference.setting('pay_middle_score').normalize():f}")
        case "closing":
            return _("结项且活跃度测评达到 %(n)s 分", n=f"{reference.setting('pay_last_score').normalize():f}")
    return _("协议签订并启动")
