"""The lists of supervision as they are taken away: what their pages show, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.documents.table import ORGANISATION, PROJECT, REF, STATE, Column, Kind, Listed, Table, state
from matchhub.domain import reference, supervising, visit_scoring
from matchhub.domain.models import Project, Rectification, User, Visit
from matchhub.features.supervision import board, queries

SUPERVISOR, KIND, STAGE = Column(_l("督导人")), Column(_l("方式")), Column(_l("阶段"))
VISITS = Table("visits", _l("督导走访"), (
    REF, PROJECT, ORGANISATION, STATE, SUPERVISOR, Column(_l("督导线")), KIND, STAGE,
    Column(_l("安排日期"), Kind.DAY), Column(_l("走访日期"), Kind.DAY), Column(_l("得分"), Kind.POINTS), Column(_l("红绿灯")),
))  # fmt: skip
OWN = Table("own-visits", _l("本机构项目的督导走访"), (
    REF, PROJECT, STATE, SUPERVISOR, KIND, STAGE, Column(_l("地点"), Kind.LONG), Column(_l("安排日期"), Kind.DAY),
    Column(_l("走访日期"), Kind.DAY), Column(_l("答复期限"), Kind.MOMENT),
))  # fmt: skip
RUNNING = Table("supervised-projects", _l("在实施项目的督导"), (
    REF, PROJECT, ORGANISATION, Column(_l("结束日期"), Kind.DAY), Column(_l("督导人"), Kind.LONG),
    Column(_l("日常督导分"), Kind.POINTS), Column(_l("未完成整改"), Kind.NUMBER), Column(_l("还缺的走访"), Kind.LONG),
))  # fmt: skip
ORDERS = Table("rectifications", _l("整改单"), (
    REF, PROJECT, STATE, Column(_l("问题数"), Kind.NUMBER), Column(_l("问题"), Kind.LONG), Column(_l("期限"), Kind.DAY),
))  # fmt: skip


def visits(user: User, wanted: Filters) -> Listed:
    def rows(found: Sequence[Visit]) -> Iterator[Sequence[Any]]:
        sheets = supervising.sheets_of(found)
        for one in found:
            sheet = sheets.get(one.id)
            light = _(visit_scoring.LIGHT_WORDS[visit_scoring.light(sheet.total)]) if sheet else None
            yield (
                one.ref, one.project.title, one.project.organisation.name, state(one), one.supervisor.name,
                _(board.LINES[one.line.value]), *_how(one), one.planned_on, one.visited_on,
                sheet.total if sheet else None, light,
            )  # fmt: skip

    return Listed(VISITS, board.visits(user, wanted), rows, wanted.conditions())


def _how(visit: Visit) -> tuple[str, str]:
    return reference.word("visit_kind", visit.kind.value), reference.word("visit_phase", visit.stage.value)


def own(user: User) -> Listed:
    def rows(found: Sequence[Visit]) -> Iterator[Sequence[Any]]:
        for one in found:
            waits = one.state.value == "submitted" and not one.is_confirmed_by_silence
            yield (
                one.ref, one.project.title, state(one), one.supervisor.name, *_how(one), one.place, one.planned_on,
                one.visited_on, one.confirm_due_at if waits else None,
            )  # fmt: skip

    return Listed(OWN, queries.my_visits(user), rows)


def running() -> Listed:
    def rows(found: Sequence[Project]) -> Iterator[Sequence[Any]]:
        for row in board.watched(found):
            project = row.project
            seats = [_("%(line)s：%(name)s", line=_(board.LINES[seat.line.value]), name=seat.user.name)
                     for seat in project.supervisors]  # fmt: skip
            yield (
                project.ref, project.title, project.organisation.name, project.ends_on, _("；").join(seats),
                row.scores.mean, row.open_orders, row.missing or _("已满足"),
            )  # fmt: skip

    return Listed(RUNNING, board.running(), rows)


def orders(user: User, wanted: Filters) -> Listed:
    def rows(found: Sequence[Rectification]) -> Iterator[Sequence[Any]]:
        for one in found:
            issues = _("；").join(item.issue for item in one.items)
            yield one.ref, one.project.title, state(one), len(one.items), issues, one.due_on

    return Listed(ORDERS, board.orders(user, wanted), rows, wanted.conditions())
