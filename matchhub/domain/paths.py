"""The address of each record's page, per side that looks at it. Built from references: a list needs no router."""

from __future__ import annotations

from typing import Any

PUBLIC, MY, STAFF, JUDGE = "public", "my", "staff", "judge"

PATHS: dict[tuple[str, str], str] = {
    ("need", PUBLIC): "/needs/{0.ref}",
    ("need", STAFF): "/staff/needs/{0.ref}",
    ("application", MY): "/my/applications/{0.ref}",
    ("application", STAFF): "/staff/applications/{0.ref}",
    ("application", JUDGE): "/review/applications/{0.ref}",
    ("review_round", STAFF): "/staff/rounds/{0.ref}",
    ("review_round", JUDGE): "/review/{0.ref}",
    ("notice", PUBLIC): "/notices/{0.ref}",
    ("notice", STAFF): "/staff/notices/{0.ref}",
    ("objection", PUBLIC): "/objections/{0.follow_code}",
    ("objection", STAFF): "/staff/objections/{0.ref}",
    ("hearing", MY): "/my/hearings/{0.ref}",
    ("hearing", STAFF): "/staff/objections/{0.objection.ref}",
    **{("support_line", side): "/support/{0.ref}" for side in (PUBLIC, MY, STAFF)},
    **{("pledge", side): "/pledges/{0.ref}" for side in (PUBLIC, MY, STAFF)},
    **{("help_request", side): "/channel/{0.ref}" for side in (MY, STAFF, JUDGE)},
    **{("coaching_note", side): "/coaching/{0.project.ref}#{0.ref}" for side in (MY, STAFF, JUDGE)},
    ("help_resource", STAFF): "/staff/resources/{0.ref}",
    ("project", PUBLIC): "/projects/{0.ref}",
    ("project", MY): "/my/projects/{0.ref}",
    ("project", STAFF): "/staff/projects/{0.ref}",
    ("project", JUDGE): "/supervise/projects/{0.ref}",
    ("report", MY): "/my/reports/{0.ref}",
    ("report", STAFF): "/staff/reports/{0.ref}",
    ("report", JUDGE): "/staff/reports/{0.ref}",
    ("visit", JUDGE): "/supervise/{0.ref}",
    ("visit", MY): "/my/visits/{0.ref}",
    ("visit", STAFF): "/staff/visits/{0.ref}",
    ("rectification", MY): "/my/rectifications/{0.ref}",
    ("rectification", JUDGE): "/rectifications/{0.ref}",
    ("rectification", STAFF): "/rectifications/{0.ref}",
    ("closing_report", MY): "/my/closings/{0.ref}",
    ("closing_report", STAFF): "/staff/closings/{0.ref}",
    ("assessment", PUBLIC): "/assessments/{0.ref}",
    ("assessment", MY): "/assessments/{0.ref}",
    ("assessment", STAFF): "/staff/assessments/{0.ref}",
    ("assessment", JUDGE): "/assess/{0.ref}",
    ("event", PUBLIC): "/events/{0.ref}",
    ("event", STAFF): "/staff/events/{0.ref}",
    ("event", JUDGE): "/review/live/{0.ref}",
    ("library", PUBLIC): "/library/{0.ref}",
    ("library", STAFF): "/staff/library/{0.ref}",
    ("presentation", MY): "/my/presentations/{0.code}",
    ("organisation", PUBLIC): "/orgs/{0.ref}",
    ("organisation", MY): "/my/org",
    ("organisation", STAFF): "/staff/orgs/{0.ref}",
}


def kind_of(subject: Any) -> str:
    """The name of a record's kind, as in the ledger and in attachments: its table's name."""
    return str(type(subject).__tablename__)


def path(subject: Any, side: str = PUBLIC) -> str:
    """The address of this record's page for one side. KeyError when that side has none."""
    return PATHS[kind_of(subject), side].format(subject)


def of_ref(kind: str, ref: str, side: str) -> str:
    """The address of a record of which no more than its reference is known; "" where that is not enough to find it."""
    before, found, after = PATHS.get((kind, side), "").partition("{0.ref}")
    return before + ref * bool(found) + after if "{" not in before + after else ""
