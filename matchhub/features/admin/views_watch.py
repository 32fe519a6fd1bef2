"""Watching: the ledger, the health of the installation, and who may do what."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request, url_for

from matchhub.core import access as marks
from matchhub.core.access import access
from matchhub.core.i18n import _, _l
from matchhub.core.web import actor, done, paged
from matchhub.domain import deeds, lifecycle, parties, reference, roles
from matchhub.features import kit
from matchhub.features.admin import health as state
from matchhub.features.admin import lists, queries, service
from matchhub.features.admin.forms import LedgerForm
from matchhub.features.admin.views import bp

WATCHERS = roles.SYSADMIN | roles.AUDITOR
OWN_KINDS = {"account": _l("账号"), "setting": _l("设置"), "code": _l("代码表"), "holiday": _l("日历"),
             "rubric": _l("评分量表"), "agreement_template": _l("协议模板"), "outbox": _l("发送"), "ledger": _l("操作记录"),
             "list": _l("导出的清单")}  # fmt: skip
EVERYBODY = {"public": _l("任何人"), "signed_in": _l("已登录的人")}


def kinds() -> dict[str, str]:
    """The kinds of record that the ledger speaks of, in words."""
    lives = {life.kind: _(life.title) for life in lifecycle.LIVES.values()}
    return lives | {code: _(word) for code, word in OWN_KINDS.items()}


@bp.post("/admin/ledger/verify")
@access(WATCHERS)
def verify_ledger() -> Any:
    """Recompute the chain and put it on record; the page shows what was found."""
    service.verify_ledger(actor())
    return redirect(url_for("admin.ledger"))


@bp.get("/admin/ledger")
@access(WATCHERS)
def ledger() -> Any:
    form, args = _asked()
    page = paged(_ledger_list().query, size=50)
    return kit.shown(
        "admin/ledger.html", form, page=page, args=args, kinds=kinds(), last=queries.last_verified(), deed=deeds.words
    )


def _asked() -> tuple[LedgerForm, dict[str, str]]:
    form = LedgerForm(request.args)
    form.validate()
    return form, {name: request.args.get(name, "").strip()[:60] for name in ("kind", "subject", "who")}


@kit.offer_export(bp, "ledger", "/admin/ledger", WATCHERS)
def _ledger_list() -> Any:
    form, args = _asked()
    return lists.ledger(args | {"first": form.first.data, "last": form.last.data}, kinds())


@bp.get("/admin/health")
@access(WATCHERS)
def health() -> Any:
    may_act = bool(actor().role_codes & roles.SYSADMIN)
    return kit.shown(
        "admin/health.html",
        **state.summary(),
        kinds=state.OUTBOX_KINDS,
        file_problems=state.FILE_PROBLEMS,
        may_act=may_act,
    )


@bp.post("/admin/health/outbox/<int:row_id>/retry")
@access(roles.SYSADMIN)
def retry(row_id: int) -> Any:
    state.retry(actor(), row_id)
    return done(_("已重新排队，稍后发送。"), url_for("admin.health"))


@bp.get("/admin/roles")
@access(WATCHERS | roles.APPROVER)
def roles_page() -> Any:
    words = {role.value: _(word) for role, word in roles.WORDS.items()} | {k: _(v) for k, v in EVERYBODY.items()}
    rows: dict[str, dict[str, list[str]]] = {}
    for method, rule, who in marks.table(current_app):
        rows.setdefault(rule, {})[method] = [words.get(code, code) for code in who.split(",") if code]
    return kit.shown(
        "admin/roles.html", rows=rows, words=words, sections=reference.codes("section"), lives=lifecycle.LIVES.values(),
        parties=parties.WORDS,
    )  # fmt: skip
