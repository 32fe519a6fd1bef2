"""Taking a table or the whole form away as a file, and bringing a table back: seen first, then confirmed."""

from __future__ import annotations

import json
from typing import Any

from flask import render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.documents import table_read
from matchhub.domain import application_form as form_spec
from matchhub.domain import roles
from matchhub.domain.models import Application
from matchhub.features import kit
from matchhub.features.applications import forms, reading, service, submitting, tables, wordform
from matchhub.features.applications.views import bp, frame, own

PARTS = ",".join(tables.TABLES)


@bp.get("/my/applications/<ref>/word")
@access(roles.ORGANISATION)
def word_file(ref: str) -> Any:
    """The whole form as Word, filled with what has been typed, for the team to work on."""
    application = own(ref)
    paper = wordform.paper(application, submitting.draft_document(application))
    return kit.sent(paper, "docx", f"{application.ref}-{_('申报书')}")


@bp.get(f"/my/applications/<ref>/<any({PARTS}):part>/table.xlsx")
@access(roles.ORGANISATION)
def table_file(ref: str, part: str) -> Any:
    application, spec = own(ref), form_spec.BY_CODE[part]
    content = tables.write(spec, application.body.document, application.ref)
    return kit.download(content, f"{application.ref}-{_(tables.table_of(spec).label)}.xlsx", tables.MIMETYPE)


@bp.route(f"/my/applications/<ref>/<any({PARTS}):part>/table", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def table_upload(ref: str, part: str) -> Any:
    """Choose a file; its answer shows what it would change, and what is wrong with which cell."""
    application, spec = own(ref), form_spec.BY_CODE[part]
    form = forms.TableForm()
    if form.validate_on_submit():
        try:
            return _preview(application, spec, reading.read(_content(form), spec), form)
        except table_read.BadTable as error:
            form.refuse("file", str(error))
    return _upload_page(application, spec, form)


def _upload_page(application: Application, spec: form_spec.Part, form: Any) -> Any:
    closed = service.why_closed(application, spec.code)
    page = render_template("applications/table.html", form=form, spec=spec, closed=closed, **frame(application))
    return page, 409 if form.form_errors else 422 if form.errors else 200


def _content(form: Any) -> bytes:
    """The file's content, never more than one byte beyond the limit. Raises BadTable when none was chosen."""
    chosen = list(kit.uploads(form["file"].data))
    if not chosen:
        raise table_read.BadTable(_("请选择要上传的表格"))
    if len(chosen) > 1:
        raise table_read.BadTable(_("一次只能上传一个表格"))
    content: bytes = chosen[0].stream.read(table_read.MOST_BYTES + 1)
    chosen[0].close()
    return content


def _preview(application: Application, spec: form_spec.Part, found: reading.Read, form: Any) -> Any:
    """What the table would change. Only a table without a wrong cell can be taken over."""
    field = tables.table_of(spec)
    stored = form_spec.part_of(application.body.document, spec.code)
    after = form_spec.read_part(spec.code, stored | {field.name: found.rows})
    changes = list(form_spec.row_changes(field, stored[field.name], after[field.name]))
    document = {**application.body.document, spec.code: after}
    page = render_template(
        "applications/table_preview.html",
        form=form, spec=spec, field=field, wrong=found.wrong, changes=changes, before=len(stored[field.name]),
        after=len(after[field.name]), seen=service.fingerprint(application.body.document, spec.code),
        rows=json.dumps(after[field.name], ensure_ascii=False), closed=service.why_closed(application, spec.code),
        problems=form_spec.problems(document, application.need, spec.code, application.organisation),
        counts={kind: sum(row.kind == kind for row in changes) for kind in ("added", "changed", "removed")},
        **frame(application),
    )  # fmt: skip
    return page, 422 if found.wrong else 200


@bp.post(f"/my/applications/<ref>/<any({PARTS}):part>/table/take")
@access(roles.ORGANISATION)
def table_take(ref: str, part: str) -> Any:
    """Write the rows that the preview showed into the draft; the other answers of the part stay."""
    application, spec = own(ref), form_spec.BY_CODE[part]
    field, form = tables.table_of(spec), forms.TableForm()
    values = form_spec.part_of(application.body.document, part) | {
        field.name: _rows(request.form.get("rows", ""), part, field.name)
    }
    try:
        service.save_part(
            actor(), application, part, values, None, part in application.body.done_parts, request.form.get("seen", "")
        )
    except service.Changed:
        form.form_errors.append(_("看过对照之后，同事改过这张表。请重新上传，核对新的对照。"))
        return _upload_page(application, spec, form)
    except Refused as no:
        form.form_errors.append(str(no))
        return _upload_page(application, spec, form)
    count = len(values[field.name])
    return done(
        _("“%(table)s”已按上传的表格更新，共 %(n)s 行。", table=_(field.label), n=count),
        url_for("applications.part", ref=ref, part=part),
    )


def _rows(text: str, part: str, field: str) -> list[dict[str, Any]]:
    """The rows that the preview page carried. Raises Refused when they are not what it had written."""
    try:
        rows = json.loads(text)
        if not isinstance(rows, list) or len(rows) > form_spec.MOST_ROWS:
            raise ValueError(field)
        read: list[dict[str, Any]] = form_spec.read_part(part, {field: rows})[field]
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(_("页面内容不完整，请重新上传表格。")) from error
    return read
