"""Pages of needs that everybody reads, and the question that an organisation asks there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import actor, done, paged, viewer
from matchhub.domain import following, paths, policy, roles
from matchhub.domain.models import Need, NeedPhase
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.needs import lists, queries, service, showing
from matchhub.features.needs.forms import QuestionForm

bp = Blueprint("needs", __name__)


@bp.get("/needs")
@access(PUBLIC)
@kept
def index() -> Any:
    wanted, sort = queries.filters(request.path, request.args), queries.sort_of(request.args)
    page = paged(lists.public(wanted, sort).query)
    sorts = [(code, _(word)) for code, word in queries.SORTS.items()]
    codes = queries.codes_of(page.rows)
    return render_template("needs/index.html", page=page, wanted=wanted, sort=sort, sorts=sorts, codes=codes)


@kit.offer_export(bp, "index", "/needs", PUBLIC)
def _index_list() -> Any:
    return lists.public(queries.filters(request.path, request.args), queries.sort_of(request.args))


@bp.get("/needs/<ref>")
@access(PUBLIC)
@kept
def show(ref: str) -> Any:
    need = policy.find(Need, ref, viewer())
    # Whoever raised a need may follow it here before it is public; the street's people have their own page.
    if need.state not in policy.NEED_PUBLIC and not roles.NEIGHBOURHOOD & actor().role_codes:
        return redirect(paths.path(need, paths.STAFF))
    return page_of(need)


@bp.post("/needs/<ref>/questions")
@access(roles.ORGANISATION)
def ask(ref: str) -> Any:
    need = policy.find(Need, ref, actor())
    policy.require(actor(), need, Party.MEMBER)
    form = QuestionForm()
    if not form.validate_on_submit():
        return page_of(need, form), 422
    try:
        service.ask(actor(), need, form.text.data)
    except Refused as no:
        form.form_errors.append(str(no))
        return page_of(need, form), 409
    told = _("问题已提交，街道看不到是哪家机构提的。答复会公开在本页，并发消息告诉您。")
    return done(told, url_for("needs.show", ref=ref) + "#questions")


def page_of(need: Need, form: QuestionForm | None = None) -> str:
    """The public page; `form` is a question that was refused and keeps its text."""
    user = viewer()
    mine = parties(user, need)
    takes_questions = need.phase is NeedPhase.OPEN and need.questions_close_at > clock.now()
    if form is None and takes_questions and Party.MEMBER in mine:
        form = QuestionForm()
    return render_template(
        "needs/show.html",
        d=showing.details(need, user),
        form=form,
        takes_questions=takes_questions,
        may_apply=need.phase is NeedPhase.OPEN and Party.MEMBER in mine,
        works_for=user.organisation_id if user else None,
        follows=following.of_account(user, need),
        is_late=showing.is_late,
    )


from matchhub.features.needs import (  # noqa: E402, F401 - they add their routes to `bp`
    views_follow,
    views_papers,
    views_questions,
    views_raise,
    views_staff,
)
