"""One's own data, logins and messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, redirect, request, session, url_for

from matchhub.core.access import SIGNED_IN, access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged, safe_next
from matchhub.domain import accounts, logins, throttle
from matchhub.features import kit
from matchhub.features.accounts import lists, queries, service
from matchhub.features.accounts.forms import ContactForm
from matchhub.features.accounts.views import bp


def _token() -> str:
    return str(session["_user_id"])


@bp.route("/my/settings", methods=["GET", "POST"])
@access(SIGNED_IN)
def settings() -> Any:
    user = actor()
    form = ContactForm(obj=user)
    status = None
    if form.validate_on_submit():
        try:
            service.confirm(user, form.current.data)
            service.change_contact(user, form.email.data, form.phone.data)
            return done(_("登录邮箱和手机号已保存。"), url_for("accounts.settings"))
        except accounts.Taken as no:
            form.refuse(no.field, str(no))
        except service.WrongLogin as no:
            form.refuse("current", str(no))
        except Refused as no:
            form.form_errors.append(str(no))
            status = 429 if isinstance(no, throttle.TooMany) else None
    page, plain = kit.shown("accounts/settings.html", form, user=user, logins=_logins(user))
    return page, status or plain


def _logins(user: Any) -> list[dict[str, Any]]:
    config, mine = current_app.config, logins.current(_token())
    idle, longest = timedelta(minutes=config["SESSION_IDLE_MINUTES"]), timedelta(hours=config["SESSION_HOURS"])
    rows = logins.of(user, idle, longest)
    return [
        {"mark": logins.mark(row), "device": queries.device(row.device), "since": row.created_at, "seen": row.seen_at,
         "mine": logins.mark(row) == mine}
        for row in rows
    ]  # fmt: skip


@bp.post("/my/settings/logins/end")
@access(SIGNED_IN)
def end_login() -> Any:
    service.end_login(actor(), request.form.get("mark", ""))
    return done(_("这次登录已结束。"), url_for("accounts.settings"))


@bp.post("/my/settings/logins/end-others")
@access(SIGNED_IN)
def end_other_logins() -> Any:
    service.end_other_logins(actor(), _token())
    return done(_("其他设备上的登录已全部退出。"), url_for("accounts.settings"))


@bp.get("/my/messages")
@access(SIGNED_IN)
def messages() -> Any:
    user = actor()
    only_unread = request.args.get("show") == "unread"
    page = paged(lists.messages(user, only_unread).query)
    return kit.shown("accounts/messages.html", page=page, unread=queries.unread(user), only_unread=only_unread)


@kit.offer_export(bp, "messages", "/my/messages", SIGNED_IN)
def _messages_list() -> Any:
    return lists.messages(actor(), request.args.get("show") == "unread")


@bp.post("/my/messages/<int:message_id>/open")
@access(SIGNED_IN)
def open_message(message_id: int) -> Any:
    leads_to = service.read_message(actor(), message_id)
    return redirect(safe_next(leads_to, url_for("accounts.messages")), 303)


@bp.post("/my/messages/read")
@access(SIGNED_IN)
def read_messages() -> Any:
    service.read_all_messages(actor())
    return done(_("全部消息已标为已读。"), url_for("accounts.messages"))
