"""Results in figures (成效与数据): every number with what it means, its moment, and the list behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import render_template

from matchhub.core import clock, months
from matchhub.core.access import PUBLIC, access
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.domain import coaching, helping, lifecycle, reference
from matchhub.domain.models import Project
from matchhub.domain.scoring.assessment_words import GRADES
from matchhub.features.site import queries
from matchhub.features.site.views import bp

# So many rows of a list stand on the page itself; the list has them all.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline number with the sentence that says what was counted."""

    value: int
    unit: str
    label: str
    url: str
    meaning: str


def _figures(counts: queries.Counters) -> list[Figure]:
    return [
        Figure(counts.organisations, _("家"), _("入驻机构"), "/orgs?state=admitted", _("街道核验通过、现在是“已入驻”的社会组织。")),
        Figure(
            counts.needs, _("条"), _("发布需求"), "/needs",
            _("街道公开发布过的需求，包括后来对接成功、流标、撤回和取消的。"),
        ),
        Figure(
            counts.matched, _("个"), _("有效对接"), "/projects?agreed=yes",
            _("已经签订协议并定下开始日期的项目，包括后来结项或终止的。还没有签约的不算。"),
        ),
        Figure(
            counts.active, _("个"), _("在实施"), "/projects?state=active", _("现在正在开展活动的项目，不含暂停和结项中的。")
        ),
        Figure(
            counts.visits, _("次"), _("督导走访"), "/outcomes/visits",
            _("督导员已经走访并提交记录的次数，安排了还没有去的不算。")
        ),
        Figure(
            counts.events, _("场"), _("推介路演"), "/events?when=held&kind=roadshow&kind=promotion",
            _("已经举行的路演和项目推介会，不含取消的和还没有举行的。"),
        ),
        Figure(
            counts.assessed, _("个"), _("已结项测评"), "/outcomes/results",
            _("活跃度测评已经公示期满并定级的项目。")
        ),
    ]  # fmt: skip


@bp.get("/outcomes")
@access(PUBLIC)
@kept
def outcomes() -> str:
    """Nine statements, whatever the number of records."""
    by_grade = queries.results_by_grade()
    states, held = queries.projects_by_state(), queries.activities()
    words = lifecycle.LIVES[Project].words
    return render_template(
        "site/outcomes.html",
        figures=_figures(queries.counters()),
        at=clock.now(),
        fields=[
            (reference.word("field", code), n, f"/projects?field={code}") for code, n in queries.projects_by_field()
        ],
        stages=[{"label": _(words[s]), "count": n, "url": f"/projects?state={s.value}"} for s, n in states.items()],
        needs_by_month=[(months.code(m), n, f"/needs?month={months.code(m)}") for m, n in queries.needs_by_month()],
        stage_rows=[(_(words[s]), (n, f"/projects?state={s.value}")) for s, n in states.items()],
        activities=held,
        activity_months=[(months.code(m), n, _of_month(m)) for m, n, _people in held.by_month],
        people_months=[(months.code(m), people, _of_month(m)) for m, _n, people in held.by_month],
        grades=GRADES,
        graded=sum(by_grade.values()),
        grade_bars=[
            (_(GRADES[grade][0]), by_grade.get(grade, 0), f"/outcomes/results?grade={grade}") for grade in GRADES
        ],
        results=queries.results(SHOWN),
        visits=queries.visits_by_project(SHOWN),
        coached=coaching.total(),
        answers=helping.published(),
        minutes=helping.minutes_words,
        help_outcomes=helping.OUTCOME_WORDS,
        help_months=helping.MONTHS,
    )


def _of_month(month: date) -> str:
    return f"/outcomes/activities?month={months.code(month)}"
