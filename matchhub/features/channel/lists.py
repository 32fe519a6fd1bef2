"""The lists of the green channel as they are taken away: what their pages show, without ways to reach anybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.documents.table import ORGANISATION, PROJECT, REF, STATE, Column, Kind, Listed, Table, state
from matchhub.domain import helping, reference
from matchhub.domain.models import CoachingNote, HelpRequest, HelpResource, User
from matchhub.features.channel import queries

TITLE, WHO, RAISED = Column(_l("什么事"), Kind.LONG), Column(_l("需要谁帮忙")), Column(_l("提出时间"), Kind.MOMENT)
REQUESTS = Table("help-requests", _l("绿色通道的求助"), (
    REF, TITLE, PROJECT, ORGANISATION, STATE, Column(_l("紧急")), WHO, RAISED, Column(_l("首次答复期限"), Kind.MOMENT),
    Column(_l("首次答复时间"), Kind.MOMENT), Column(_l("首次答复用时（办公分钟）"), Kind.NUMBER), Column(_l("超时")),
))  # fmt: skip
OWN = Table("own-help-requests", _l("本机构的求助"), (REF, TITLE, PROJECT, STATE, WHO, RAISED, Column(_l("结果"))))
RESOURCES = Table("help-resources", _l("资源名录"), (
    Column(_l("名称"), Kind.LONG), Column(_l("类别")), Column(_l("单位"), Kind.LONG), Column(_l("能帮什么"), Kind.LONG),
    Column(_l("对接过（件）"), Kind.NUMBER), Column(_l("状态")),
))  # fmt: skip
COACHING = Table("coaching", _l("辅导记录"), (
    Column(_l("日期"), Kind.DAY), PROJECT, ORGANISATION, Column(_l("方式")), Column(_l("分钟数"), Kind.NUMBER),
    Column(_l("主题"), Kind.LONG), Column(_l("记录人")), Column(_l("机构答复时间"), Kind.MOMENT),
))  # fmt: skip


def requests(user: User, wanted: Filters) -> Listed:
    def rows(found: Sequence[HelpRequest]) -> Iterator[Sequence[Any]]:
        for one in found:
            yield (
                one.ref, one.title, one.project.title, one.project.organisation.name, state(one),
                _("紧急") if one.urgency == "urgent" else None, reference.word("help_kind", one.kind), one.raised_at,
                one.answer_due_at, one.first_answered_at, one.answer_minutes, _("超时") if one.is_late else None,
            )  # fmt: skip

    return Listed(REQUESTS, queries.listed(user, wanted), rows, wanted.conditions())


def own(user: User) -> Listed:
    def rows(found: Sequence[HelpRequest]) -> Iterator[Sequence[Any]]:
        for one in found:
            outcome = _(helping.OUTCOME_WORDS[one.outcome]) if one.outcome else None
            kind = reference.word("help_kind", one.kind)
            yield one.ref, one.title, one.project.title, state(one), kind, one.raised_at, outcome

    return Listed(OWN, queries.of_organisation(user), rows)


def resources(user: User, wanted: Filters) -> Listed:
    """Without names and numbers of those who help: they are for who works on a request."""

    def rows(found: Sequence[HelpResource]) -> Iterator[Sequence[Any]]:
        called = queries.times_called(list(found))
        for one in found:
            kind, used = reference.word("help_kind", one.kind), _("使用中") if one.active else _("停用")
            yield one.name, kind, one.body, one.abilities, called.get(one.id, 0), used

    return Listed(RESOURCES, queries.directory(user, wanted), rows, wanted.conditions())


def coaching(user: User, wanted: Filters) -> Listed:
    def rows(found: Sequence[CoachingNote]) -> Iterator[Sequence[Any]]:
        for one in found:
            kind, project = reference.word("coaching_kind", one.kind), one.project
            yield (
                one.given_on, project.title, project.organisation.name, kind, one.minutes, one.topic,
                one.written_by.name, one.replied_at,
            )  # fmt: skip

    return Listed(COACHING, queries.coaching_notes(user, wanted), rows, wanted.conditions())
