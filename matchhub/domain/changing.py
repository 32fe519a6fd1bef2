"""Changes of a running project that are announced (变更公示): before and after, and what its quiet end makes of them.

A change of the period moves the end of the project and adds the monthly reports of the added months; other changes
(people, activities, money within the amount) are kept in the notice and in the project's history. The agreed amount
never changes here: what is paid follows the agreement. All functions run inside the caller's command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _, _l
from matchhub.domain import deadlines, ending, lifecycle, measuring, noticing, numbering, reference
from matchhub.domain.models import Notice, NoticeKind, Project, Report, User

KINDS: dict[str, str] = {
    "period": _l("进度和期限"),
    "people": _l("人员"),
    "budget": _l("预算分配"),
    "content": _l("服务内容"),
}
MOST_MONTHS = 24
# A notice is kept in the source language: marked here, filled in below, never translated.
TITLE = _l("关于《%(title)s》变更的公示")
BODY = _l(
    "%(name)s承接的《%(title)s》（%(ref)s）拟作变更（%(kind)s）。理由：%(reason)s\n\n如有异议，请在公示期内实名提出。"
)
PERIOD = _l("项目结束日期")


def problem(project: Project, ends_on: date | None) -> str | None:
    """Why the project cannot end on this day instead; None when it can, or stays as it is."""
    if ends_on is None:
        return None
    if project.ends_on is None or project.starts_on is None:
        return _("项目还没有约定起止日期，请先登记协议。")
    if ends_on <= project.ends_on:
        return _("新的结束日期要晚于现在的 %(day)s；提前结束请用“进入结项”或终止公示。", day=project.ends_on)
    if ends_on > project.ends_on + timedelta(days=31 * MOST_MONTHS):
        return _("一次最多延长 %(n)s 个月，请核对日期。", n=MOST_MONTHS)
    return None


def draft_notice(
    project: Project, kind: str, rows: Sequence[Mapping[str, str]], reason: str, ends_on: date | None, actor: User
) -> Notice:
    """The draft of a change: `rows` hold title, before and after. Raises NotNow when one is under way."""
    if project.state not in ending.GOING_ON:
        raise NotNow(_("项目已经进入结项或已经结束，不能再变更。"))
    if ending.open_notice(project, NoticeKind.CHANGE) is not None:
        raise NotNow(_("这个项目的变更公示已经起草或正在公示，请先办完。"))
    if (why := problem(project, ends_on)) is not None:
        raise NotNow(why)
    table = [dict(row) for row in rows]
    if ends_on is not None and project.ends_on is not None:
        table.insert(0, {"title": PERIOD, "before": project.ends_on.isoformat(), "after": ends_on.isoformat()})
    if not table:
        raise NotNow(_("请至少写一项变更：原来怎样、变更后怎样。"))
    name = project.organisation.name
    words = {"title": project.title, "name": name, "ref": project.ref, "kind": KINDS[kind], "reason": reason}
    return noticing.draft(
        NoticeKind.CHANGE,
        (TITLE % words)[:120],
        BODY % words,
        [{"organisation": name} | row for row in table],
        actor,
        organisation=project.organisation,
        project=project,
        proposal={"deed": "change", "kind": kind} | ({"ends_on": ends_on.isoformat()} if ends_on else {}),
    )


def on_publish(notice: Notice, actor: User) -> None:
    """Nothing changes before the end of the notice; it must still be possible then."""
    project = noticing.project_of(notice)
    if project.state not in ending.GOING_ON:
        raise NotNow(_("项目已经进入结项或已经结束，不能再变更。"))
    if (why := problem(project, _ends_on(notice))) is not None:
        raise NotNow(why)


def on_conclude(notice: Notice, actor: User, upheld: bool) -> None:
    """The change takes effect, unless an objection against it was upheld or the project ended meanwhile."""
    project, ends_on = noticing.project_of(notice), _ends_on(notice)
    if upheld or project.state not in ending.GOING_ON:
        return
    facts: dict[str, Any] = {"notice": notice.ref, "kind": (notice.proposal or {}).get("kind", "")}
    if ends_on is not None and problem(project, ends_on) is None:
        facts |= {"ends_on": ends_on.isoformat()}
        extend(project, ends_on)
    lifecycle.record(actor, project, "change", facts)


def on_revoke(notice: Notice, actor: User) -> None:
    """What was only announced stays as it was."""


def extend(project: Project, ends_on: date) -> None:
    """Let a project end later; of one that has started, the added months get their reports."""
    project.ends_on = ends_on
    if project.started_at is None or project.starts_on is None:
        return
    known = set(db.session.scalars(sa.select(Report.month).where(Report.project_id == project.id)))
    this_month, terms = clock.today().replace(day=1), reference.terms()
    for month in measuring.months(project.starts_on, ends_on):
        if month not in known:
            asked = max(month, this_month)
            due_on = deadlines.report_due_on(asked.year, asked.month, terms)
            db.session.add(
                Report(ref=numbering.next_ref(numbering.REPORT), project=project, month=month, due_on=due_on)
            )


def _ends_on(notice: Notice) -> date | None:
    text = (notice.proposal or {}).get("ends_on")
    return date.fromisoformat(text) if text else None
