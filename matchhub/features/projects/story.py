"""What happened to a project, for everybody: its six steps and its timeline."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from matchhub.core import clock, money
from matchhub.core.i18n import _
from matchhub.domain import paths
from matchhub.domain.models import Project, ProjectState
from matchhub.domain.scoring.assessment_words import grade_word
from matchhub.features.projects.queries_public import Public, month_sentence_numbers

Item = dict[str, Any]


def steps(shown: Public) -> list[Item]:
    """From the published need to the closing, as `U.steps` prints them."""
    project, need = shown.project, shown.project.need
    notice = shown.award_notice
    ended = project.state in (ProjectState.CLOSING, ProjectState.ASSESSED, ProjectState.CLOSED)
    return [
        _step(_("发布需求"), need.published_at),
        _step(_("申报"), need.closes_at),
        _step(_("评审"), shown.reviewed_at),
        _step(_("公示"), notice.published_at if notice else None),
        {"title": _("实施"), "state": "done" if ended else "current", "note": _carrying_out(project)},
        {"title": _("结项"), "state": _closing_state(project), "note": _closing_note(shown)},
    ]


def _step(title: str, at: datetime | None) -> Item:
    return {"title": title, "state": "done", "note": _day(at)}


def _carrying_out(project: Project) -> str:
    notes = {
        ProjectState.PREPARING: _("待启动"),
        ProjectState.ACTIVE: _("进行中"),
        ProjectState.PAUSED: _("已暂停"),
        ProjectState.TERMINATED: _("已终止"),
    }
    return notes.get(project.state) or _day(project.started_at)


def _closing_state(project: Project) -> str:
    if project.state is ProjectState.CLOSED:
        return "done"
    return "current" if project.state in (ProjectState.CLOSING, ProjectState.ASSESSED) else "todo"


def _closing_note(shown: Public) -> str:
    project = shown.project
    if project.state is ProjectState.CLOSED:
        return _day(project.ended_at)
    if project.state in (ProjectState.CLOSING, ProjectState.ASSESSED):
        return _("进行中")
    if project.state is ProjectState.TERMINATED or project.ends_on is None:
        return ""
    return _("预计 %(month)s", month=f"{project.ends_on:%Y-%m}")


def timeline(shown: Public) -> list[Item]:
    """Newest first. Reports appear once they are accepted, the assessment once it is final."""
    items = [*_beginning(shown.project), *_reports(shown), *_notices(shown), *_end(shown)]
    return sorted((item for item in items if item["day"]), key=lambda item: item["day"], reverse=True)


def _item(at: date | datetime | None, title: str, text: str, icon: str, href: str | None = None) -> Item:
    day = clock.local(at).date() if isinstance(at, datetime) else at
    return {"day": day, "at": day.isoformat() if day else "", "title": title, "text": text, "icon": icon, "href": href}


def _beginning(project: Project) -> list[Item]:
    period = ""
    if project.starts_on and project.ends_on:
        period = _(
            "协议金额 %(amount)s 元，期限 %(first)s 至 %(last)s。",
            amount=money.yuan(project.amount_fen), first=project.starts_on, last=project.ends_on,
        )  # fmt: skip
    name = project.organisation.name
    return [
        _item(project.created_at, _("立项"), _("由%(name)s承接。", name=name), "flag"),
        _item(project.signed_on, _("签订协议"), period, "pen"),
        _item(project.started_at, _("项目启动"), _("机构开始按计划开展活动。"), "play-circle"),
    ]


def _reports(shown: Public) -> list[Item]:
    items = []
    for report in shown.reports:
        month, sessions, people = month_sentence_numbers(report)
        text = _("开展活动 %(n)s 场，服务 %(people)s 人次。", n=sessions, people=people)
        if not sessions:
            text = _("本月没有开展活动。")
        title = _("%(month)s 月报", month=f"{month:%Y-%m}")
        items.append(_item(report.replied_at, title, text, "file-earmark-text"))
    return items


def _notices(shown: Public) -> list[Item]:
    items = []
    for notice in shown.notices:
        text = ""
        if notice.starts_at and notice.ends_at:
            text = _("公示期 %(first)s 至 %(last)s。", first=_day(notice.starts_at), last=_last_day(notice.ends_at))
        items.append(_item(notice.published_at, notice.title, text, "megaphone", paths.path(notice)))
    return items


def _end(shown: Public) -> list[Item]:
    project, assessment = shown.project, shown.assessment
    items = []
    if assessment is not None:
        grade = grade_word(assessment.grade)
        text = _("得分 %(score)s 分，等级：%(grade)s。", score=assessment.score, grade=grade)
        title = _("活跃度测评定级")
        items.append(_item(assessment.final_at, title, text, "award", paths.path(assessment)))
    if project.state is ProjectState.TERMINATED:
        items.append(_item(project.ended_at, _("项目终止"), project.end_reason, "x-circle"))
    if project.state is ProjectState.CLOSED:
        items.append(_item(project.ended_at, _("结项归档"), "", "archive"))
    return items


def _day(at: datetime | None) -> str:
    return clock.local(at).date().isoformat() if at else ""


def _last_day(ends_at: datetime) -> str:
    """The last day of a period that ends at 24:00."""
    return (clock.local(ends_at).date() - date.resolution).isoformat()
