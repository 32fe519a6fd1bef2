"""axe on a page that is open: the rules that no page may break."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
OPEN_EVERYTHING = "document.querySelectorAll('details').forEach(d => { d.open = true })"

# Pages to which the demonstration leads nobody on the day it is played; the journey opens each and lets axe look at it.
SEEN_ON_THE_JOURNEY = {
    "admin/initial_password.html",
    "applications/ask_correction.html",
    "applications/check.html",
    "applications/disqualify.html",
    "applications/files.html",
    "applications/part.html",
    "closing/report.html",
    "closing/report_read.html",
    "closing/rescore.html",
    "closing/self_score.html",
    "notices/closed.html",
    "notices/follow.html",
    "notices/publish.html",
    "organisations/initial_password.html",
    "organisations/leave.html",
    "organisations/submit.html",
    "projects/agreement.html",
    "projects/exempt.html",
    "projects/payment.html",
    "projects/reply.html",
    "reviews/approve.html",
    "reviews/declare.html",
    "reviews/propose.html",
    "reviews/set_up.html",
    "site/home_care.html",
    "supervision/cancel.html",
    "supervision/contest.html",
    "supervision/reply.html",
    "supervision/score.html",
}

# Pages to which nothing in the demonstration leads on the day it is played and through which the journey does not pass: a
# link in a mail, a room that is open only while an event runs, two people in the same form. Their features test them,
# test_applying and test_roadshow open some of them here; axe does not look at each of them on every run yet.
NOT_LED_TO = {
    "applications/changes.html",
    "applications/conflict.html",
    "applications/copy.html",
    "applications/copy_choose.html",
    "applications/object.html",
    "applications/staff_changes.html",
    "applications/table.html",
    "applications/table_preview.html",
    "events/ballots.html",
    "events/ballots_of.html",
    "events/check_in.html",
    "events/door_closed.html",
    "events/live.html",
    "events/live_sheet.html",
    "matching/answer.html",
    "needs/follow_confirm.html",
    "needs/follow_leave.html",
    "needs/follow_left.html",
    "needs/followed.html",
    "notices/ask.html",
    "reviews/revise.html",
    "reviews/untie.html",
    "support/pledge.html",
    "support/report.html",
}


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now, as sentences."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url}: {one['id']}: {_where(one)}" for one in found]


def everywhere(page: Page) -> list[str]:
    """As it is, and in care mode with everything open that opens."""
    found = violations(page)
    page.evaluate(f"document.documentElement.dataset.mode = 'care'; {OPEN_EVERYTHING}")
    return found + violations(page)


def _where(violation: dict[str, Any]) -> str:
    return f"{violation['help']} {[node['target'] for node in violation['nodes'][:3]]}"
