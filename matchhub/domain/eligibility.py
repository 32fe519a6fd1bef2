"""The eligibility check (资格审查) as data: which rules there are, what the records say, and how to repair each.

Computed rules are filled in by the system with its evidence; the others are decided by the section. Evidence is stored
in the source language, for it is part of the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, money
from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.domain import application_form as form
from matchhub.domain import attachments, coding, declarations, reference, uscc
from matchhub.domain.models import (
    Application,
    Attachment,
    OrganisationState,
    Project,
    Rectification,
    RectificationState,
    Report,
    ReportState,
)

# What an organisation attaches to its application: purpose -> word. `survey` is required.
PURPOSES: dict[str, str] = {"survey": _l("需求调研材料"), "proof": _l("资质和证明材料"), "other": _l("其他材料")}
REQUIRED_PURPOSES = ("survey",)
# A file that a submitted text names is never lost: taking it away only gives it this purpose.
DROPPED = "dropped"
CERTIFICATE, FILE, ESSENTIAL = "certificate", "file", "essential"


@dataclass(frozen=True, slots=True)
class Source:
    """A record that was looked at: its word, its kind, and by what it is found (a code for files)."""

    word: str
    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the records say about one rule."""

    passed: bool
    evidence: str
    sources: tuple[Source, ...] = ()


Finder = Callable[[Application, dict[str, Any]], Finding]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `find` None: a person decides, helped by `hint`. `parts` are those that a correction would change."""

    code: str
    label: str
    repair: str
    find: Finder | None = None
    hint: Callable[[Application, dict[str, Any]], str] | None = None
    parts: tuple[str, ...] = ()
    applies: Callable[[Application], bool] = lambda _application: True


def _certificate(application: Application, _document: dict[str, Any]) -> Finding:
    found = attachments.of(application.organisation, CERTIFICATE)
    if not found:
        return Finding(False, _l("机构档案里没有登记证书。"), _profile(application))
    valid = [row for row in found if row.expires_on is None or row.expires_on >= clock.today()]
    row = max(valid or found, key=lambda one: (one.expires_on or date.min, one.id))
    values, seen = {"name": row.name, "day": row.expires_on}, (Source(row.name, FILE, row.code),)
    if not valid:
        return Finding(False, _l("登记证书“%(name)s”已于 %(day)s 到期。") % values, seen)
    if row.expires_on is None:
        return Finding(True, _l("已上传登记证书“%(name)s”，没有填写到期日。") % values, seen)
    return Finding(True, _l("登记证书“%(name)s”有效期到 %(day)s。") % values, seen)


def _profile(application: Application) -> tuple[Source, ...]:
    """The organisation's profile, in which a fact is written."""
    return (Source(application.organisation.name, "organisation", application.organisation.ref),)


def _uscc(application: Application, _document: dict[str, Any]) -> Finding:
    code = application.organisation.uscc
    good = uscc.problem(code) is None
    sentence = _l("统一社会信用代码 %(code)s 校验通过。") if good else _l("统一社会信用代码 %(code)s 校验不通过。")
    return Finding(good, sentence % {"code": code}, _profile(application))


def _admitted(application: Application, _document: dict[str, Any]) -> Finding:
    good = application.organisation.state is OrganisationState.ADMITTED
    day = application.organisation.admitted_at
    if good and day:
        since = _l("%(day)s 起为已入驻机构。") % {"day": clock.local(day).date().isoformat()}
        return Finding(True, since, _profile(application))
    return Finding(good, _l("现在是已入驻机构。") if good else _l("现在不是已入驻机构。"), _profile(application))


def _not_barred(application: Application, _document: dict[str, Any]) -> Finding:
    until = application.organisation.barred_until
    if until is not None and until > clock.today():
        sentence = _l("因测评不合格，%(day)s 前不能新申报。") % {"day": until.isoformat()}
        return Finding(False, sentence, _profile(application))
    return Finding(True, _l("没有限制申报的记录。"), _profile(application))


def _standing(application: Application, _document: dict[str, Any]) -> Finding:
    if application.organisation.in_bad_standing:
        note = application.organisation.credit_note or _l("已列入异常名录或严重失信名单。")
        return Finding(False, note, _profile(application))
    return Finding(True, _l("机构档案没有异常名录或严重失信的记录。"), _profile(application))


def _annual_check(application: Application, _document: dict[str, Any]) -> Finding:
    organisation = application.organisation
    note = organisation.annual_check or _l("档案里没有写明年度")
    good = organisation.annual_check_passed
    sentence = (
        _l("最近一次年检（年报）通过：%(note)s。") if good else _l("最近一次年检（年报）没有通过或没有核验：%(note)s。")
    )
    papers = tuple(Source(row.name, FILE, row.code) for row in attachments.of(organisation, "annual_report"))
    return Finding(good, sentence % {"note": note.rstrip("。")}, papers or _profile(application))


def _reports(application: Application, _document: dict[str, Any]) -> Finding:
    """A report lapses with its project, so only what is still awaited and past its day counts."""
    found = (
        sa.select(Project.ref, Report.month, Report.ref.label("report"))
        .join(Project, Report.project_id == Project.id)
        .where(Project.organisation_id == application.organisation_id)
        .where(Report.state.in_((ReportState.AWAITED, ReportState.RETURNED)), Report.due_on < clock.today())
        .order_by(Report.due_on)
    )
    late = db.session.execute(found).all()
    if not late:
        return Finding(True, _l("以往项目没有逾期未报的月报。"))
    names = "、".join(f"{row.ref} {row.month:%Y-%m}" for row in late[:5])
    seen = tuple(Source(f"{row.ref} {row.month:%Y-%m}", "report", row.report) for row in late[:5])
    return Finding(False, _l("有 %(n)s 份月报逾期未报：%(names)s。") % {"n": len(late), "names": names}, seen)


def _rectifications(application: Application, _document: dict[str, Any]) -> Finding:
    found = (
        sa.select(Rectification.ref)
        .join(Project, Rectification.project_id == Project.id)
        .where(Project.organisation_id == application.organisation_id)
        .where(Rectification.state != RectificationState.CLOSED)
        .order_by(Rectification.ref)
    )
    left = list(db.session.scalars(found))
    if not left:
        return Finding(True, _l("以往项目没有未完成的整改。"))
    seen = tuple(Source(ref, "rectification", ref) for ref in left[:5])
    sentence = _l("有 %(n)s 张整改单没有完成：%(names)s。") % {"n": len(left), "names": "、".join(left[:5])}
    return Finding(False, sentence, seen)


def _ceiling(application: Application, document: dict[str, Any]) -> Finding:
    ceiling, amount = application.need.budget_fen, form.amount_fen(document)
    seen = (Source(application.need.title, "need", application.need.ref),)
    if ceiling is None:
        return Finding(True, _l("本需求没有设预算上限。"), seen)
    good = 0 < amount <= ceiling
    # The organisation reads this evidence, and the ceiling may not be public.
    if not application.need.budget_public:
        sentence = _l("申请 %(amount)s 元，没有超过预算上限。") if good else _l("申请 %(amount)s 元，超过预算上限。")
    else:
        sentence = _l("申请 %(amount)s 元，预算上限 %(top)s 元。")
    return Finding(good, sentence % {"amount": money.yuan(amount), "top": money.yuan(ceiling)}, seen)


def _declaration(_application: Application, document: dict[str, Any]) -> Finding:
    values = form.part_of(document, "declaration")
    if values["honest"] and values["signed_name"]:
        return Finding(True, _l("诚信声明已由%(name)s签名。") % {"name": values["signed_name"]})
    return Finding(False, _l("诚信声明没有签名。"))


def _standing_declarations(application: Application, document: dict[str, Any]) -> Finding:
    """Those in force today, and those that the submitted text names: they were in force on the day it came in."""
    now = declarations.in_force(application.organisation_id)
    named = {one["kind"]: (one["signed_on"], one["signed_name"], one["expires_on"])
             for one in document.get("standing", [])}  # fmt: skip
    found = named | {kind: (row.signed_on.isoformat(), row.signed_name, row.expires_on.isoformat())
                     for kind, row in now.items()}  # fmt: skip
    seen = (Source(_l("常备声明"), "declarations", application.organisation.ref),)
    if missing := [declarations.KINDS[kind] for kind in declarations.KINDS if kind not in found]:
        return Finding(False, _l("没有签署或已经过期：%(missing)s。") % {"missing": "；".join(missing)}, seen)
    oldest = min(found.values())
    values = {"n": len(found), "day": oldest[0], "name": oldest[1], "last": min(one[2] for one in found.values())}
    return Finding(True, _l("%(n)s 项常备声明有效，%(day)s 由%(name)s签署，有效期到 %(last)s。") % values, seen)


def _attachments(application: Application, document: dict[str, Any]) -> Finding:
    there = {one["purpose"] for one in document.get("files", [])}
    seen = tuple(Source(row.name, FILE, row.code) for _purpose, row in files_of(document, attachments.of(application)))
    missing = [PURPOSES[purpose] for purpose in REQUIRED_PURPOSES if purpose not in there]
    if missing:
        return Finding(False, _l("缺少：%(missing)s。") % {"missing": "、".join(missing)}, seen)
    return Finding(True, _l("必需的材料齐全，共 %(n)s 个文件。") % {"n": len(document["files"])}, seen)


def _scope_hint(application: Application, _document: dict[str, Any]) -> str:
    fields = reference.words("field", coding.codes_of(application.organisation).get("field", []))
    wanted = reference.words("field", coding.codes_of(application.need).get("field", []))
    values = {"own": "、".join(fields) or "–", "need": "、".join(wanted) or "–"}
    return _l("机构的服务领域：%(own)s；需求的领域：%(need)s。请对照登记证书上的业务范围。") % values


def _essential_hint(application: Application, document: dict[str, Any]) -> str:
    confirmed = form.part_of(document, "declaration")["essential"]
    lines = [("✔ " if one in confirmed else "✘ ") + str(one) for one in application.need.essential]
    return _l("机构的确认：%(lines)s") % {"lines": "；".join(lines)}


def _ties_hint(_application: Application, document: dict[str, Any]) -> str:
    return _l("机构的说明：%(ties)s") % {"ties": form.part_of(document, "declaration")["ties"] or "–"}


RULES: tuple[Rule, ...] = (
    Rule("admitted", _l("已入驻平台"), _l("请先在“机构资料”完成入驻核验，或向街道了解暂停的原因。"), _admitted),
    Rule("uscc", _l("统一社会信用代码有效"), _l("请在“机构资料”核对代码，与登记证书一致。"), _uscc),
    Rule("certificate", _l("登记证书有效"), _l("请在“机构资料”上传在有效期内的登记证书，并填写到期日。"), _certificate),
    Rule("annual_check", _l("最近一次年检（年报）合格"), _l("请在“机构资料”补充最近一次年检（年报）结论，请街道核验。"), _annual_check),
    Rule("standing", _l("没有异常名录、严重失信记录"), _l("请先向登记机关申请移出，再把证明交给街道。"), _standing),
    Rule("not_barred", _l("没有被限制申报"), _l("限制期满后可以申报；如有不同意见可向街道申诉。"), _not_barred),
    Rule("reports", _l("以往项目没有逾期月报"), _l("请先补报列出的月报，或向科室申请免报。"), _reports),
    Rule("rectifications", _l("以往项目没有未完成的整改"), _l("请先完成列出的整改并通过核验。"), _rectifications),
    Rule("ceiling", _l("申请金额不超过预算上限"), _l("请在“预算”里调低申请金额和预算行。"), _ceiling, parts=("budget",)),
    Rule("declaration", _l("诚信声明已签名"), _l("请在“声明”里勾选诚信声明并签名。"), _declaration, parts=("declaration",)),
    Rule("declarations", _l("常备声明在有效期内"), _l("请由机构负责人在“机构资料”的“常备声明”里签署，可用于多份申报。"),
         _standing_declarations),
    Rule("attachments", _l("必需的附件齐全"), _l("请在“附件”里补传列出的材料。"), _attachments, parts=("files",)),
    Rule("scope", _l("业务范围包含本项服务"), _l("请在“附件”里上传写明业务范围的登记证书或章程页。"), hint=_scope_hint,
         parts=("files", "organisation")),
    Rule("essential", _l("符合需求列出的必备条件"), _l("请在“附件”里补充能证明符合条件的材料。"), hint=_essential_hint,
         parts=("files", "organisation", "team", "declaration"),
         applies=lambda application: bool(application.need.essential)),
    Rule("no_tie", _l("没有需要回避的利益关系"), _l("请在“声明”里把利益关系写完整，由街道决定是否回避。"), hint=_ties_hint,
         parts=("declaration",)),
)  # fmt: skip
BY_CODE: dict[str, Rule] = {rule.code: rule for rule in RULES}


def rules_for(application: Application) -> list[Rule]:
    """The rules that apply to this application, in their order: each essential condition of the need is one of them."""
    found: list[Rule] = []
    for rule in RULES:
        if rule.code == ESSENTIAL:
            found += [_condition(n, str(text)) for n, text in enumerate(application.need.essential, 1)]
        elif rule.applies(application):
            found.append(rule)
    return found


def _condition(number: int, text: str) -> Rule:
    """One essential condition as a rule of its own; its label is the need's text, its hint what the applicant says."""

    def hint(_application: Application, document: dict[str, Any]) -> str:
        confirmed = text in form.part_of(document, "declaration")["essential"]
        return _l("机构已确认符合这一条。") if confirmed else _l("机构没有确认符合这一条。")

    return replace(BY_CODE[ESSENTIAL], code=f"{ESSENTIAL}_{number}", label=text, hint=hint)


def rule_of(application: Application, code: str) -> Rule | None:
    """The rule of one line of an application's check; None when there is none of this code."""
    number = code.removeprefix(f"{ESSENTIAL}_")
    if number != code and number.isdecimal() and 1 <= int(number) <= len(application.need.essential):
        return _condition(int(number), str(application.need.essential[int(number) - 1]))
    return BY_CODE.get(code)


def files_of(document: dict[str, Any], rows: list[Attachment]) -> list[tuple[str, Attachment]]:
    """(purpose, row) of the files that a submitted text names, in its order; the same content is named by its hash."""
    by_hash = {row.sha256: row for row in rows}
    return [(one["purpose"], by_hash[one["sha256"]]) for one in document.get("files", []) if one["sha256"] in by_hash]
