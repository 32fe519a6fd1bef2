"""A need on paper and in calendars: the notice for the board (A4, with a QR code) and the dates as calendar events."""

from __future__ import annotations

from matchhub.core import clock
from matchhub.core.i18n import _, day_in_words, pick
from matchhub.core.money import yuan
from matchhub.documents.calendar import Event, uid
from matchhub.documents.paper import Block, Code, Facts, Heading, Look, Paper, Table, Text
from matchhub.domain import needing, reference
from matchhub.domain.models import Need, NeedState
from matchhub.features.needs.showing import Details

REMIND_HOURS = (24,)


def notice(shown: Details, address: str) -> Paper:
    """The notice of a published need. `address` is its page, which the QR code opens."""
    need = shown.need
    assert need.published_at is not None
    # The code stands high up: on a board the foot of a paper hangs too low, and a long need fills a second sheet.
    code = Code(address, _("扫码看最新进展、提问和申报；不用注册也可以关注"))
    blocks: list[Block] = [Text(need.background), Facts(_facts(shown)), code]
    if need.outcomes:
        rows = [[str(row[name] or "–") for name in ("indicator", "baseline", "target")] for row in need.outcomes]
        blocks += [Heading(_("期望成效")), Table([_("指标"), _("现状"), _("目标值")], rows, widths=[3, 1, 1])]
    for title, lines in ((_("必备条件"), need.essential), (_("优先条件"), need.preferred)):
        if lines:
            blocks += [Heading(title), Text("\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)), indent=False)]
    for correction in shown.corrections:
        lines = "\n".join([correction.text, *correction.moved])
        blocks += [Heading(_("更正 %(n)s，%(at)s", n=correction.number, at=_moment(correction.at))), Text(lines)]
    return Paper(
        title=need.title,
        blocks=blocks,
        number=need.ref,
        meta=[_("社区治理项目需求公告"), need.summary],
        issuer=str(reference.setting("site_owner")),
        issued_on=day_in_words(clock.local(need.published_at).date()),
        footer=address,
        look=Look.FORM,
    )


def _facts(shown: Details) -> list[tuple[str, str]]:
    need, codes = shown.need, shown.codes
    budget = _("%(amount)s 元", amount=yuan(need.budget_fen)) if need.budget_public and need.budget_fen else _("不公开")
    found = [
        (_("发布科室"), pick(need.section.name_zh, need.section.name_en)),
        (_("服务领域"), _("、").join(reference.words("field", codes.get("field", [])))),
        (_("涉及社区"), _("、").join(reference.words("community", codes.get("community", [])))),
        (_("服务对象"), _people(need, codes)),
        (_("实施周期"), _("%(a)s 至 %(b)s", a=need.starts_on, b=need.ends_on)),
        (_("预算上限"), budget),
        (_("提问截止"), _moment(need.questions_close_at)),
        (_("申报截止"), _moment(need.closes_at)),
        (_("评审方式"), _(needing.REVIEW_MODES.get(need.review_mode, need.review_mode))),
        (_("联系人"), " ".join(part for part in (need.contact_name, need.contact_phone) if part)),
    ]
    return [(name, value) for name, value in found if value]


def _people(need: Need, codes: dict[str, list[str]]) -> str:
    groups = _("、").join(reference.words("target_group", codes.get("target_group", [])))
    count = _("约 %(n)s 人", n=need.target_count) if need.target_count else ""
    return "\n".join(part for part in (groups, need.target_note, count) if part)


def _moment(moment: object) -> str:
    return clock.local(moment).strftime("%Y-%m-%d %H:%M") if moment else ""  # type: ignore[arg-type]


def dates(need: Need, address: str) -> list[Event]:
    """The dates of a published need. A date that was moved keeps its identity; those of an ended need are taken out."""
    over = need.state in (NeedState.WITHDRAWN, NeedState.CANCELLED, NeedState.FAILED)
    common = {"url": address, "sequence": need.version, "cancelled": over}
    moments = (
        ("questions", _("提问截止：%(title)s", title=need.title), need.questions_close_at),
        ("answers", _("答复截止：%(title)s", title=need.title), need.answers_due_at),
        ("closes", _("申报截止：%(title)s", title=need.title), need.closes_at),
    )
    days = (
        ("review", _("评审：%(title)s", title=need.title), need.review_on),
        ("roadshow", _("路演：%(title)s", title=need.title), need.roadshow_on),
    )
    found = [
        Event(uid("need", need.ref, what), title, starts_at=at, remind=REMIND_HOURS, **common)  # type: ignore[arg-type]
        for what, title, at in moments
        if at is not None
    ]
    found += [
        Event(uid("need", need.ref, what), title, first_day=day, **common)  # type: ignore[arg-type]
        for what, title, day in days
        if day is not None
    ]
    return found
