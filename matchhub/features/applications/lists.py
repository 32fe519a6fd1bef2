"""The lists of applications as they are taken away: what their pages show; before the opening nobody's but one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Condition
from matchhub.documents.table import ORGANISATION, REF, SECTION, STATE, Column, Kind, Listed, Table, state
from matchhub.domain import policy, reference
from matchhub.domain.models import Application, ApplicationPartner, Need, User
from matchhub.features.applications import joining, queries

NEED_REF, NEED = Column(_l("需求编号")), Column(_l("需求"), Kind.LONG)
CLOSES, TITLE = Column(_l("申报截止"), Kind.MOMENT), Column(_l("申报的项目"), Kind.LONG)
OWN = Table("own-applications", _l("本机构的申报"), (
    REF, TITLE, NEED_REF, NEED, STATE, CLOSES, Column(_l("提交时间"), Kind.MOMENT), Column(_l("补正期限"), Kind.MOMENT),
))  # fmt: skip
OFFICE = Table("office-applications", _l("申报受理"), (
    NEED_REF, NEED, Column(_l("需求状态")), SECTION, CLOSES, REF, TITLE, ORGANISATION,
    Column(_l("申请金额（元）"), Kind.YUAN), Column(_l("提交时间"), Kind.MOMENT), Column(_l("已核对条件"), Kind.NUMBER),
    Column(_l("不符合条件"), Kind.NUMBER), Column(_l("全部条件"), Kind.NUMBER), STATE,
))  # fmt: skip
JOINT = Table("partnerships", _l("联合申报"), (REF, NEED_REF, NEED, Column(_l("牵头机构"), Kind.LONG), STATE, CLOSES))


def own(user: User) -> Listed:
    def rows(found: Sequence[Application]) -> Iterator[Sequence[Any]]:
        for one in found:
            title = one.body.document.get("project", {}).get("title")
            due = one.correction_due_at if one.state == "correction" else None
            yield one.ref, title, one.need.ref, one.need.title, state(one), one.need.closes_at, one.submitted_at, due

    return Listed(OWN, queries.own(user), rows)


def office(user: User, everything: bool) -> Listed:
    """One row for each application; a need that received none has a row of its own."""

    def rows(needs: Sequence[Need]) -> Iterator[Sequence[Any]]:
        lines = queries.lines(user, needs)
        for need in needs:
            section = reference.word("section", need.section_code)
            of_need = need.ref, need.title, state(need), section, need.closes_at
            for line in lines.get(need.id, []):
                one = line.application
                yield (
                    *of_need, one.ref, line.title, one.organisation.name, line.amount_fen, one.submitted_at,
                    line.decided, line.failed, line.rules, state(one),
                )  # fmt: skip
            if need.id not in lines:
                yield *of_need, *(None,) * 8, _("没有收到申报") if policy.is_opened(need) else _("还没有开启")

    shown = Condition("show", "all" if everything else "open", _("全部已截止的需求") if everything else _("待资格审查"))
    return Listed(OFFICE, queries.closed_needs(user, everything), rows, [shown])


def joint(user: User) -> Listed:
    def rows(found: Sequence[ApplicationPartner]) -> Iterator[Sequence[Any]]:
        for one in found:
            application, need = one.application, one.application.need
            answer = _("等您确认") if one.answer == "asked" else _("已确认")
            yield application.ref, need.ref, need.title, application.organisation.name, answer, need.closes_at

    return Listed(JOINT, joining.joined(user), rows)
