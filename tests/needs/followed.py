"""A need that is followed, and the mails that were sent."""

from __future__ import annotations

from matchhub.domain.models import NeedFollow
from matchhub.features.needs import follow

HERE = "203.0.113.7"


def path_in(payload) -> str:
    return payload["path"]


def confirmed(need, mails, email="qian@example.org") -> NeedFollow:
    follow.ask_by_mail(need, email, HERE)
    token = path_in(mails()[-1]).rsplit("/", 1)[1]
    return follow.confirm(token)
