"""The standard text of agreements: its versions, a preview with a real project, and the next version."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused
from matchhub.core.forms import Form, text
from matchhub.core.i18n import _, _l
from matchhub.core.web import actor, done, viewer
from matchhub.documents import agreement as papers
from matchhub.domain import agreeing, policy, roles
from matchhub.domain.models import AgreementTemplate, Project
from matchhub.features import kit
from matchhub.features.admin import agreements
from matchhub.features.admin.views import bp

KEEPERS = roles.SYSADMIN | roles.APPROVER
READERS = KEEPERS | roles.AUDITOR


class TemplateForm(Form):
    title = text(_l("标题"), 80, required=_l("请填写协议的标题"))
    body = text(_l("正文"), agreeing.LONGEST, required=_l("请填写协议的正文"), long=True)
    note = text(_l("改了什么"), 200, required=_l("请写明改了什么、为什么，方便今后查对"))


@bp.get("/admin/agreements")
@access(READERS)
def agreement_versions() -> Any:
    may_change = bool(actor().role_codes & KEEPERS)
    return kit.shown("admin/agreements.html", rows=agreements.all_versions(), may_change=may_change)


@bp.get("/admin/agreements/<int(max=9999):number>")
@access(READERS)
def agreement_version(number: int) -> Any:
    row, examples = agreements.find(number), agreements.examples()
    project = _example(request.args.get("project", ""))
    return kit.shown(
        "admin/agreement.html",
        version=row,
        examples=examples,
        project=project,
        paper=_paper(row, project) if project else None,
        newest=agreeing.newest().number,
        may_change=bool(actor().role_codes & KEEPERS),
    )


@bp.get("/admin/agreements/<int(max=9999):number>.<any(pdf,docx):kind>")
@access(READERS)
def agreement_preview(number: int, kind: str) -> Response:
    row, project = agreements.find(number), _example(request.args.get("project", ""))
    if project is None:
        raise Missing(str(number))
    return kit.sent(_paper(row, project), kind, _("协议模板第 %(n)s 版预览", n=number))


def _example(ref: str) -> Project | None:
    return policy.find(Project, ref, viewer()) if ref else None


def _paper(row: AgreementTemplate, project: Project) -> Any:
    return papers.preview(agreements.preview(row.title, row.body, project), project.organisation.name)


@bp.route("/admin/agreements/new", methods=["GET", "POST"])
@access(KEEPERS)
def new_agreement_version() -> Any:
    newest, form = agreeing.newest(), TemplateForm()
    if not form.is_submitted():
        form.title.data, form.body.data, form.version.data = newest.title, newest.body, str(newest.number)
    examples, paper = agreements.examples(), None
    sound = form.validate_on_submit()
    if form.is_submitted():
        for sentence in agreeing.problems(form.body.data):
            form.refuse("body", sentence)
    if "preview" in request.form:
        # A look needs no reason yet.
        form.note.errors = []
        if examples and not form.errors:
            content = agreements.preview(form.title.data, form.body.data, examples[0])
            paper = papers.preview(content, examples[0].organisation.name)
    elif sound and not form.errors and (made := _saved(form)) is not None:
        told = _("第 %(n)s 版已建立，今后拟定的协议用它。", n=made.number)
        return done(told, url_for("admin.agreement_version", number=made.number))
    return kit.shown(
        "admin/agreement_edit.html", form, newest=newest, words=agreeing.WORDS, tables=agreeing.TABLES,
        required=agreeing.REQUIRED, paper=paper, example=examples[0] if examples else None,
    )  # fmt: skip


def _saved(form: TemplateForm) -> AgreementTemplate | None:
    """The new version; None when it was refused, with the sentence on the form."""
    try:
        return agreements.new_version(actor(), form.title.data, form.body.data, form.note.data, form.seen_version())
    except Refused as no:
        form.form_errors = [str(no)]
        return None
