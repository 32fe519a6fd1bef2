"""The street's pages of questions: an answer is written as a draft, and the drafts are published together."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused, Stale
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.domain import paths, roles
from matchhub.domain.models import Need, Question
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.needs import forms, service, showing
from matchhub.features.needs.views import bp
from matchhub.features.needs.views_staff import office_need


@bp.route("/staff/needs/<ref>/questions/<int:number>", methods=["GET", "POST"])
@access(roles.STREET)
def question(ref: str, number: int) -> Any:
    need = office_need(ref, Party.OFFICE, Party.APPROVER)
    asked = next((one for one in need.questions if one.id == number), None)
    if asked is None:
        raise Missing(str(number))
    form = forms.AnswerForm(data={"text": asked.draft, "version": str(asked.draft_version)})
    status = 0
    if form.validate_on_submit():
        try:
            service.draft_answer(actor(), asked, form.text.data, form.seen_version())
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
            if isinstance(no, Stale):
                form.version.data, form.version.raw_data = str(asked.draft_version), None
        else:
            return done(_("答复已存为草稿，还没有公开。"), url_for("needs.answers", ref=ref))
    return _question_page(need, asked, form, status)


def _question_page(need: Need, asked: Question, form: Any, status: int) -> Any:
    others = [one for one in need.questions if one.asker_mark == asked.asker_mark and one.id != asked.id]
    page, shown = kit.shown("needs/question.html", form, need=need, asked=asked, others=others, overtaken=status == 409)
    return page, status or shown


@bp.route("/staff/needs/<ref>/answers", methods=["GET", "POST"])
@access(roles.STREET)
def answers(ref: str) -> Any:
    """What is drafted, as it will be read; what is ticked becomes public together."""
    need = office_need(ref, Party.OFFICE, Party.APPROVER)
    if request.method == "POST":
        ticked = {int(number) for number in request.form.getlist("questions") if number.isdecimal()}
        try:
            batch = service.publish_answers(actor(), need, ticked)
        except Refused as no:
            return _answers_page(need, str(no)), 409
        return done(
            _("第 %(n)s 批答复已公开，提问、正在申报和关注的人都会收到消息。", n=batch),
            paths.path(need, paths.STAFF) + "#asked",
        )
    if not need.questions:
        return redirect(paths.path(need, paths.STAFF))
    return _answers_page(need)


def _answers_page(need: Need, refused: str = "") -> str:
    return render_template(
        "needs/answers.html",
        need=need,
        ready=[one for one in need.questions if one.is_drafted],
        waiting=[one for one in need.questions if one.answered_at is None and not one.is_drafted],
        batches=showing.batches(need.questions),
        refused=refused,
    )
