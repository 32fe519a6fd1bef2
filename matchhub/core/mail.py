"""Plain-text mail through the outbox. Without MAIL_SERVER nothing is queued and messages stay on the site."""

from __future__ import annotations

import logging
import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from matchhub.core import outbox

log = logging.getLogger(__name__)

_settings: dict[str, str] = {"server": "", "sender": "", "public_url": ""}


def configure(server: str, sender: str, public_url: str) -> None:
    """Called once at start-up; `server` is host:port or empty."""
    _settings.update(server=server, sender=sender, public_url=public_url.rstrip("/"))


def is_on() -> bool:
    return bool(_settings["server"])


def address(path: str) -> str:
    """The full address of a page of this site, for texts that leave it."""
    return f"{_settings['public_url']}{path}"


def post(to: str, subject: str, text: str, path: str = "", dedupe: str | None = None, leave: str = "") -> None:
    """Queue one mail in the present command; `path` is a page of this site, shown as a full address.

    `leave` is the page on which its reader leaves the list with one POST: mail programs offer it as a button (RFC 8058).
    """
    if is_on():
        outbox.put("mail", {"to": to, "subject": subject, "text": text, "path": path, "leave": leave}, dedupe)


def _mail(payload: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    message["From"] = _settings["sender"]
    message["To"] = Address(addr_spec=payload["to"])
    message["Subject"] = " ".join(payload["subject"].split())
    if leave := payload.get("leave"):
        message["List-Unsubscribe"] = f"<{address(leave)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    link = f"\n\n{address(payload['path'])}" if payload["path"] else ""
    message.set_content(f"{payload['text']}{link}\n")
    return message


@outbox.handles("mail")
def _send(payloads: list[dict[str, Any]]) -> None:
    host, _, port = _settings["server"].partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=20) as server:
        for payload in payloads:
            try:
                server.send_message(_mail(payload))
            except smtplib.SMTPRecipientsRefused:
                # One dead address must not send everybody else's mail again.
                log.warning("a mail was refused by its recipient's server")
