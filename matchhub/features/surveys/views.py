"""The questionnaire of a project: for residents without an account, and its results for those who work on the project."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for

from matchhub.core.access import PUBLIC, access
from matchhub.core.db import db
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.documents import qr
from matchhub.domain import paths, policy, roles, surveying
from matchhub.domain.models import Project, SurveyAnswer
from matchhub.domain.parties import Party, parties
from matchhub.domain.throttle import TooMany
from matchhub.features import kit
from matchhub.features.surveys import service
from matchhub.features.surveys.forms import StrikeForm, SurveyForm

bp = Blueprint("surveys", __name__)
SHOWN = 50
READERS = roles.INSIDE | roles.SUPERVISOR
TYPISTS = roles.STAFF | roles.CENTRE | roles.SUPERVISOR


# --- residents -------------------------------------------------------------------------------------------------------


def _asked(token: str) -> Project:
    """The project that a link asks about. Raises Missing for a link that is not ours."""
    found = db.session.scalar(sa.select(Project).where(Project.ref == (surveying.ref_of(token) or "")))
    if found is None:
        raise Missing(token)
    return found


@bp.route("/survey/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def answer(token: str) -> Any:
    project, form = _asked(token), SurveyForm()
    if form.validate_on_submit():
        try:
            service.answer(project, form.marks(), form.wish.data or "", request.remote_addr or "")
            told = _("谢谢您，您的回答已经收到。结果会在项目结项时和得分一起公布。")
            return done(told, paths.path(project))
        except Refused as no:
            form.form_errors.append(str(no))
            return _answer_page(project, form, 429 if isinstance(no, TooMany) else 409)
    return _answer_page(project, form, 422 if form.errors else 200)


def _answer_page(project: Project, form: SurveyForm, status: int) -> Any:
    closed = surveying.why_closed(project)
    return render_template("surveys/answer.html", project=project, form=form, closed=closed), status


# --- those who work on the project -----------------------------------------------------------------------------------


def _own(ref: str) -> Project:
    project = policy.find(Project, ref, viewer())
    policy.require(actor(), project, Party.OWNER)
    return project


def _seen(ref: str) -> Project:
    """A project for the street's people and for its supervisors."""
    project = policy.find(Project, ref, viewer())
    if not actor().role_codes & roles.INSIDE:
        policy.require(actor(), project, Party.SUPERVISOR)
    return project


def _side() -> str:
    """Whose desk the page belongs to: a supervisor has no list of all projects to go back to."""
    return "staff" if actor().role_codes & roles.INSIDE else "judge"


@bp.get("/my/projects/<ref>/survey")
@access(roles.ORGANISATION)
def own_results(ref: str) -> Any:
    return _results(_own(ref), "my")


@bp.get("/staff/projects/<ref>/survey")
@access(READERS)
def results(ref: str) -> Any:
    return _results(_seen(ref), _side())


def _results(project: Project, side: str) -> Any:
    """Single answers are shown to the organisation only when there are enough of them to hide in."""
    tally, mine = surveying.tally(project), parties(viewer(), project)
    rows = _answers(project) if side != "my" or tally.is_enough else []
    return render_template(
        "surveys/results.html",
        project=project, side=side, tally=tally, rows=rows[:SHOWN],
        older=rows[SHOWN - 1].id if len(rows) > SHOWN else None,
        link=url_for("surveys.answer", token=surveying.token(project)),
        closed=surveying.why_closed(project), may_type=bool(mine & service.TYPISTS),
        may_strike=Party.OFFICE in mine, questions=surveying.QUESTIONS, answers=surveying.ANSWERS,
        channels=surveying.CHANNELS,
    )  # fmt: skip


def _answers(project: Project) -> list[SurveyAnswer]:
    """The newest answers, or those before the one that the address names, and one more to know whether more follow."""
    found = sa.select(SurveyAnswer).where(SurveyAnswer.project_id == project.id)
    if before := request.args.get("before", type=int):
        found = found.where(SurveyAnswer.id < before)
    return list(db.session.scalars(found.order_by(SurveyAnswer.id.desc()).limit(SHOWN + 1)))


@bp.get("/my/projects/<ref>/survey/poster")
@access(roles.ORGANISATION)
def own_poster(ref: str) -> Any:
    return _poster(_own(ref), "my")


@bp.get("/staff/projects/<ref>/survey/poster")
@access(READERS)
def poster(ref: str) -> Any:
    return _poster(_seen(ref), _side())


def _poster(project: Project, side: str) -> Any:
    address = kit.absolute(url_for("surveys.answer", token=surveying.token(project)))
    return render_template(
        "surveys/poster.html", project=project, side=side, address=address,
        code=qr.markup(address, _("满意度问卷的二维码")), questions=surveying.QUESTIONS, answers=surveying.ANSWERS,
    )  # fmt: skip


@bp.route("/my/projects/<ref>/survey/paper", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def own_paper(ref: str) -> Any:
    return _paper(_own(ref), "my", "surveys.own_paper")


@bp.route("/staff/projects/<ref>/survey/paper", methods=["GET", "POST"])
@access(TYPISTS)
def paper(ref: str) -> Any:
    project = policy.find(Project, ref, viewer())
    policy.require(actor(), project, *service.TYPISTS)
    return _paper(project, _side(), "surveys.paper")


def _paper(project: Project, side: str, endpoint: str) -> Any:
    """Sheet after sheet: each one that is kept brings the empty form for the next."""
    form = SurveyForm()
    if form.validate_on_submit():
        try:
            service.enter_paper(actor(), project, form.marks(), form.wish.data or "")
            count = surveying.tally(project).by_channel[surveying.SurveyChannel.PAPER]
            told = _("已录入，这个项目共有 %(n)s 份纸质问卷。请接着录下一份。", n=count)
            return done(told, url_for(endpoint, ref=project.ref))
        except Refused as no:
            form.form_errors.append(str(no))
    return kit.shown(
        "surveys/paper.html", form, project=project, side=side, closed=surveying.why_closed(project)
    )  # fmt: skip


@bp.route("/staff/projects/<ref>/survey/<int:answer_id>/strike", methods=["GET", "POST"])
@access(roles.STAFF)
def strike(ref: str, answer_id: int) -> Any:
    project = policy.find(Project, ref, viewer())
    policy.require(actor(), project, Party.OFFICE)
    row, form = db.session.get(SurveyAnswer, answer_id), StrikeForm()
    if row is None or row.project_id != project.id:
        raise Missing(str(answer_id))
    if form.validate_on_submit():
        try:
            service.strike(actor(), row, form.reason.data)
            return done(_("这份问卷已划去，不再计入。"), url_for("surveys.results", ref=ref))
        except Refused as no:
            form.form_errors.append(str(no))
    return kit.shown("surveys/strike.html", form, project=project, answer=row, questions=surveying.QUESTIONS,
                     answers=surveying.ANSWERS)  # fmt: skip
