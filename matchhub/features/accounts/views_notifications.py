"""How somebody wants to be told of things: a box for each event and each way, and one mail a day or each at once."""

from __future__ import annotations

from typing import Any

from flask import url_for

from matchhub.core import mail
from matchhub.core.access import SIGNED_IN, access
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.domain import messages, telling
from matchhub.features import kit
from matchhub.features.accounts import service
from matchhub.features.accounts.forms import NotificationsForm
from matchhub.features.accounts.views import bp


@bp.route("/my/notifications", methods=["GET", "POST"])
@access(SIGNED_IN)
def notifications() -> Any:
    user = actor()
    topics = telling.events_for(user, messages.EVENTS)
    events = [event for mine in topics.values() for event in mine]
    form = NotificationsForm(data=_chosen(user, events))
    form.on_site.choices = form.by_mail.choices = [(event, event) for event in events]
    if form.validate_on_submit():
        service.choose_messages(user, events, form.on_site.data, form.by_mail.data, form.rhythm.data == "daily")
        return done(_("消息提醒已保存。"), url_for("accounts.notifications"))
    return kit.shown("accounts/notifications.html", form, topics=topics, fixed=telling.FIXED, words=messages.EVENTS,
                     user=user, mails=mail.is_on())  # fmt: skip


def _chosen(user: Any, events: list[str]) -> dict[str, Any]:
    chosen = telling.choices_of(user)
    ways = {event: chosen.get(event, telling.USUAL) for event in events}
    return {
        "on_site": [event for event, way in ways.items() if way.on_site],
        "by_mail": [event for event, way in ways.items() if way.by_mail],
        "rhythm": "daily" if telling.gets_one_a_day(user) else "now",
    }
