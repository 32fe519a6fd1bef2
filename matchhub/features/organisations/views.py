"""Organisations as everybody sees them, and how one joins."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for

from matchhub.core import login
from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import done, paged, viewer
from matchhub.domain import accounts, coding, eventing, passwords, past, policy, throttle
from matchhub.domain.models import Organisation
from matchhub.features import kit
from matchhub.features.organisations import lists, queries, service
from matchhub.features.organisations.forms import RegisterForm

bp = Blueprint("organisations", __name__)


@bp.get("/orgs")
@access(PUBLIC)
@kept
def index() -> Any:
    filters = queries.filters(request.path, request.args)
    page = paged(lists.public(viewer(), filters).query)
    return kit.shown("organisations/index.html", filters=filters, page=page, codes=queries.codes_of(page.rows))


@kit.offer_export(bp, "index", "/orgs", PUBLIC)
def _index_list() -> Any:
    return lists.public(viewer(), queries.filters(request.path, request.args))


@bp.get("/orgs/<ref>")
@access(PUBLIC)
@kept
def show(ref: str) -> Any:
    organisation = policy.find(Organisation, ref, viewer())
    return kit.shown(
        "organisations/show.html",
        org=organisation,
        codes=coding.codes_of(organisation),
        carried=queries.projects(viewer(), organisation),
        record=past.record(organisation),
        presented=eventing.presented(organisation),
        taken_part=eventing.counts(organisation, told_only=True),
    )


@bp.route("/register", methods=["GET", "POST"])
@access(PUBLIC)
def register() -> Any:
    if viewer() is not None:
        return redirect("/workbench", 303)
    form, status = RegisterForm(), None
    if form.validate_on_submit() and _good_password(form):
        try:
            made = service.register(
                form.name.data, form.uscc.data, form.type.data, form.person.data, form.email.data, form.phone.data,
                form.password.data, address=request.remote_addr or "", device=request.user_agent.string,
            )  # fmt: skip
            login.open_session(made.user, made.token)
            return done(_("注册成功。请接着填写机构资料，提交后由街道核验。"), url_for("organisations.mine"))
        except (accounts.Taken, service.Taken) as no:
            form.refuse(no.field, str(no))
        except Refused as no:
            form.form_errors.append(str(no))
            status = 429 if isinstance(no, throttle.TooMany) else None
    page, plain = kit.shown("organisations/register.html", form)
    return page, status or plain


def _good_password(form: RegisterForm) -> bool:
    about = [form.name.data, form.person.data, form.email.data, form.phone.data]
    sentence = passwords.problem(form.password.data, about)
    if sentence:
        form.refuse("password", sentence)
    return sentence is None


from matchhub.features.organisations import views_declarations, views_my, views_people, views_staff  # noqa: E402, F401 - add routes to bp
