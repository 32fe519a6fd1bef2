"""The list of assessments as it is taken away: what its page shows, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.documents.table import ORGANISATION, PROJECT, REF, STATE, Column, Kind, Listed, Table, state
from matchhub.domain.models import Assessment, User
from matchhub.features.closing import queries

ASSESSMENTS = Table("assessments", _l("结项与测评"), (
    REF, PROJECT, ORGANISATION, STATE, Column(_l("结项报告")), Column(_l("督察人")), Column(_l("汇报日期"), Kind.DAY),
    Column(_l("得分"), Kind.POINTS),
))  # fmt: skip


def assessments(user: User, wanted: Filters) -> Listed:
    def rows(found: Sequence[Assessment]) -> Iterator[Sequence[Any]]:
        reports = queries.reports_of(found)
        for one in found:
            report = reports.get(one.project_id)
            yield (
                one.ref, one.project.title, one.project.organisation.name, state(one),
                state(report) if report else _("没有结项报告"), one.inspector.name if one.inspector else None,
                one.presentation_on, one.score,
            )  # fmt: skip

    return Listed(ASSESSMENTS, queries.listed(user, wanted["state"]), rows, wanted.conditions())
