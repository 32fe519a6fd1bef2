"""Sign-ins, refusals and log-outs in the operator's log: one line of JSON each, naming accounts by number only."""

from __future__ import annotations

import json
import logging

from matchhub.core import clock

log = logging.getLogger("matchhub.sign-in")
log.setLevel(logging.INFO)


def write(event: str, account_id: int | None = None, reason: str = "") -> None:
    """One line: `sign_in`, `refused` (with its reason), `sign_out`, `password_changed`, `logins_ended`."""
    if not log.hasHandlers():  # nobody has set up logging: to the server's error stream
        log.addHandler(logging.StreamHandler())
    at = clock.now().isoformat(timespec="seconds") + "Z"
    log.info(json.dumps({"at": at, "event": event, "account": account_id, "reason": reason}))
