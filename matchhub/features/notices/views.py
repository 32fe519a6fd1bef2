"""Pages of notices that everybody reads, and the objection that anybody may raise and follow."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for

from matchhub.core import files
from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import done, paged, viewer
from matchhub.domain import noticing, paths, policy, reference
from matchhub.domain.models import Notice, NoticePhase
from matchhub.features import kit
from matchhub.features.notices import lists, queries, service
from matchhub.features.notices.forms import ObjectionForm

bp = Blueprint("notices", __name__)


@bp.get("/notices")
@access(PUBLIC)
@kept
def index() -> Any:
    wanted = queries.filters(request.path, request.args)
    page = paged(lists.public(wanted).query)
    return render_template("notices/index.html", page=page, wanted=wanted)


@kit.offer_export(bp, "index", "/notices", PUBLIC)
def _index_list() -> Any:
    return lists.public(queries.filters(request.path, request.args))


@bp.get("/notices/<ref>")
@access(PUBLIC)
@kept
def show(ref: str) -> Any:
    notice = policy.find(Notice, ref, viewer())
    if notice.phase is NoticePhase.DRAFT:  # only the street's people come this far
        return redirect(paths.path(notice, paths.STAFF))
    return render_template(
        "notices/show.html",
        d=queries.details(notice),
        running=noticing.is_running(notice),
        follows=noticing.what_follows(notice),
        answer_days=reference.setting("objection_days"),
        check_days=reference.setting("objection_check_days"),
    )


@bp.route("/notices/<ref>/object", methods=["GET", "POST"])
@access(PUBLIC)
def object_to(ref: str) -> Any:
    notice = policy.find(Notice, ref, None)
    if not noticing.is_running(notice) and request.method == "GET":
        return render_template("notices/closed.html", notice=notice)
    form = ObjectionForm()
    if form.validate_on_submit() and (stored := kit.keep_uploads(form, "files", files.ANY)) is not None:
        with kit.refusals(form):
            objection = service.object_to(notice, form.values(), stored, request.remote_addr or "")
            told = _("异议已收到。请记下查询码，凭它查看处理情况和答复。")
            return done(told, url_for("notices.follow", code=objection.follow_code))
    names = [str(row.get("organisation")) for row in notice.rows if row.get("organisation")]
    return kit.shown("notices/object.html", form, notice=notice, names=list(dict.fromkeys(names)))


@bp.get("/objections/<code>")
@access(PUBLIC)
def follow(code: str) -> Any:
    objection = queries.followed(code)
    if objection is None:
        raise Missing(code)
    answer = make_response(render_template("notices/follow.html", o=objection))
    # The code is the key: no copy of the page is kept, and no search engine lists it.
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


from matchhub.features.notices import (  # noqa: E402 - they add their routes to `bp`
    views_follow,  # noqa: F401
    views_from,  # noqa: F401
    views_hearings,  # noqa: F401
    views_objections,  # noqa: F401
    views_paper,  # noqa: F401
    views_staff,  # noqa: F401
)
