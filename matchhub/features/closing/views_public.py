"""The page on which everybody can recompute a grade, and its inputs as files."""

from __future__ import annotations

import csv
import io

from flask import Response, render_template

from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import viewer
from matchhub.domain import assessing, evidence, policy, reference, roles
from matchhub.domain.models import Assessment
from matchhub.features.closing import formula, queries
from matchhub.features.closing.views_base import bp


def _readable(ref: str) -> Assessment:
    """The assessment, for the street at any time, for the organisation and its judges from the notice on, then for all."""
    found = policy.find(Assessment, ref, viewer())
    inside = viewer() is not None and bool(viewer().role_codes & roles.INSIDE)
    if not inside and not queries.is_told(found):
        raise Missing(ref)
    return found


@bp.route("/assessments/<ref>")
@access(PUBLIC)
@kept
def result(ref):
    found = _readable(ref)
    return render_template(
        "closing/result.html",
        assessment=found, project=found.project, organisation=found.project.organisation,
        page=formula.page(found) if found.digest and found.result.get("evidence") else None,
        notice=evidence.notice_of(found), report=queries.public_card(found),
        inside=viewer() is not None and bool(viewer().role_codes & roles.INSIDE),
    )  # fmt: skip


@bp.route("/assessments/<ref>/inputs.json")
@access(PUBLIC)
def inputs_json(ref):
    """Exactly the text whose SHA-256 is the digest, byte for byte."""
    found = _frozen(ref)
    return Response(assessing.frozen_text(found), mimetype="application/json")


@bp.route("/assessments/<ref>/inputs.csv")
@access(PUBLIC)
def inputs_csv(ref):
    found = _frozen(ref)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("代码"), _("类别"), _("名称"), _("数值"), _("权重")])
    writer.writerows(formula.csv_rows(found, lambda code: reference.word("veto", code)))
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.ref}.csv"'
    return response


def _frozen(ref: str) -> Assessment:
    found = _readable(ref)
    if not found.inputs:
        raise Missing(ref)
    return found
