"""An assessment brought to each of its stages."""

from __future__ import annotations

from matchhub.core.db import command
from matchhub.domain import noticing
from matchhub.features.closing import service


@command
def publish(notice, actor):
    noticing.publish(notice, actor)


@command
def conclude(notice, actor, upheld=False):
    noticing.conclude(notice, actor, "公示期间没有收到异议。", upheld)


def computed(case):
    service.compute(case.staff, case.assessment)
    return case.assessment


def announced(case):
    """Computed, reviewed and published; the notice."""
    computed(case)
    service.review(case.approver, case.assessment)
    notice = service.draft_notice(case.staff, case.assessment)
    publish(notice, case.staff)
    return notice


def finished(case, later):
    notice = announced(case)
    later(days=12)
    conclude(notice, case.staff)
    return case.assessment
