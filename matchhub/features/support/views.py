"""Pages of support: the public list, one line, and the lists of organisations, foundations and the street."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for

from matchhub.core import ledger
from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import actor, done, paged, viewer
from matchhub.domain import deeds, lifecycle, paths, policy, roles, supporting
from matchhub.domain.models import Project, SupportLine
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.support import lists, queries, service
from matchhub.features.support.forms import LineForm, ReasonForm

bp = Blueprint("support", __name__)
LINE_ENDS = {"send_back", "close"}


@bp.get("/support")
@access(PUBLIC)
@kept
def index() -> Any:
    wanted = queries.filters(request.path, request.args)
    page = paged(lists.asking(wanted).query)
    return render_template(
        "support/index.html", page=page, wanted=wanted, sums=supporting.sums_of(page.rows),
        totals=supporting.totals(), amount=supporting.amount_words, kinds=supporting.KIND_WORDS,
    )  # fmt: skip


@kit.offer_export(bp, "index", "/support", PUBLIC)
def _index_list() -> Any:
    return lists.asking(queries.filters(request.path, request.args))


@bp.get("/support/<ref>")
@access(PUBLIC)
@kept
def show(ref: str) -> Any:
    line, user = policy.find(SupportLine, ref, viewer()), viewer()
    mine = parties(user, line)
    pledges = queries.pledges_for(user, line)
    foundation = Party.FOUNDATION in mine and supporting.foundation_id(user) is not None
    own = queries.own_standing(user, line) if foundation else None
    insider = bool(mine & {Party.OWNER, Party.OFFICE, Party.APPROVER, Party.CENTRE, Party.AUDITOR})
    return render_template(
        "support/show.html", line=line, sums=supporting.sums_of([line])[line.id], amount=supporting.amount_words,
        kinds=supporting.KIND_WORDS, budget=supporting.budget_words(line.project, line.budget_row),
        offers=kit.offers(line, user), pledges=pledges, own=own, insider=insider, may_pledge=foundation and own is None,
        asking=supporting.is_asking(line),
        history=deeds.timeline(ledger.history(f"support_line:{ref}")) if insider else [],
    )  # fmt: skip


@bp.route("/my/projects/<ref>/support/new", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def new(ref: str) -> Any:
    project = policy.find(Project, ref, actor())
    policy.require(actor(), project, Party.OWNER)
    form = LineForm()
    form.offer_budget(project)
    if form.validate_on_submit() and not _beside(form, project):
        with kit.refusals(form):
            line = service.propose(actor(), project, form.values())
            return done(_("已提交，街道确认后公布。"), paths.path(line))
    return kit.shown("support/edit.html", form, project=project, line=None)


@bp.route("/support/<ref>/edit", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def edit(ref: str) -> Any:
    line = policy.find(SupportLine, ref, actor())
    policy.require(actor(), line, Party.OWNER)
    form = LineForm(data=_filled(line))
    form.offer_budget(line.project)
    if form.validate_on_submit() and not _beside(form, line.project, line):
        with kit.refusals(form):
            service.resubmit(actor(), line, form.seen_version(), form.values())
            return done(_("已重新提交，街道确认后公布。"), paths.path(line))
    return kit.shown("support/edit.html", form, project=line.project, line=line)


def _filled(line: SupportLine) -> dict[str, Any]:
    hours = line.kind.value == "expertise"
    return {
        "version": str(line.version), "kind": line.kind.value, "title": line.title, "details": line.details,
        "amount": None if hours else line.quantity, "hours": line.quantity if hours else None, "why": line.why,
        "until": line.until, "budget_row": str(line.budget_row or ""),
    }  # fmt: skip


def _beside(form: LineForm, project: Project, line: SupportLine | None = None) -> bool:
    """Put what the rules say beside the fields; whether anything was said."""
    found = service.problems(project, form.values(), line)
    for name, sentence in found:
        form.refuse(("hours" if form.kind.data == "expertise" else "amount") if name == "quantity" else name, sentence)
    return bool(found)


@bp.post("/support/<ref>/<any(confirm):action>")
@access(roles.STREET)
def move_line(ref: str, action: str) -> Any:
    line = policy.find(SupportLine, ref, actor())
    policy.require(actor(), line, Party.OFFICE, Party.APPROVER)
    service.confirm(actor(), line, kit.seen_version())
    return done(_("已确认公布，基金会会收到消息。"), paths.path(line))


@bp.route("/support/<ref>/reason", methods=["GET", "POST"])
@access(roles.STREET | roles.ORGANISATION)
def reason_line(ref: str) -> Any:
    line = policy.find(SupportLine, ref, actor())
    policy.require(actor(), line, Party.OFFICE, Party.APPROVER, Party.OWNER)
    action = request.args.get("action", "")
    move = lifecycle.engine.find(line, action)
    if action not in LINE_ENDS or move is None:
        raise Missing(ref)
    form = ReasonForm(data={"version": str(line.version)})
    if form.validate_on_submit():
        with kit.refusals(form):
            service.end_line(actor(), line, action, form.reason.data, form.seen_version())
            return done(_("已办理。"), paths.path(line))
    return kit.shown("support/reason.html", form, subject=line, title=line.title, move=move)


@bp.get("/my/support")
@access(roles.ORGANISATION)
def mine() -> Any:
    page = paged(lists.own(actor()).query)
    return _lines_page(page, _("寻求支持"), _("项目预算以外还需要的资金、物资和专业服务；在项目页可以提出。"), own=True)


@bp.get("/staff/support")
@access(roles.INSIDE)
def staff_index() -> Any:
    page = paged(lists.office(actor()).query)
    return _lines_page(page, _("基金会支持"), _("机构提出，街道确认后公布；等确认的在前。"), own=False)


@kit.offer_export(bp, "mine", "/my/support", roles.ORGANISATION)
def _own_list() -> Any:
    return lists.own(actor())


@kit.offer_export(bp, "staff_index", "/staff/support", roles.INSIDE)
def _staff_list() -> Any:
    return lists.office(actor())


def _lines_page(page: Any, title: str, lead: str, own: bool) -> str:
    return render_template(
        "support/lines.html", page=page, title=title, lead=lead, own=own, sums=supporting.sums_of(page.rows),
        amount=supporting.amount_words, kinds=supporting.KIND_WORDS, here=url_for(request.endpoint or "support.mine"),
    )  # fmt: skip


from matchhub.features.support import views_pledges  # noqa: E402, F401 - it adds its routes to `bp`
