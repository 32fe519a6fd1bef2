"""The ledger (台账): activities are recorded as they happen, corrected until their month is reported, struck for good."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, lifecycle, messages
from matchhub.domain.models import Activity, Project, ProjectState, User
from matchhub.domain.parties import Party, parties
from matchhub.features.projects import rules
from matchhub.features.projects.rules import PHOTO, SIGN_IN

FIELDS = ("held_on", "plan_row_id", "name", "form", "place", "people", "new_people", "volunteers", "volunteer_hours",
          "summary", "feedback", "expense_fen", "expense_category", "no_photo_reason")  # fmt: skip

# Who may enter what an organisation brings on paper.
PROXIES = (Party.OFFICE, Party.CENTRE)


def completed(project: Project, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with name and form of their plan row where none were given, and no category without an expense."""
    row = next((row for row in project.plan if row.id == values.get("plan_row_id")), None)
    known = {key: values[key] for key in FIELDS if values.get(key) is not None}
    if row is not None:
        known["name"] = known.get("name") or row.name
        known["form"] = known.get("form") or row.form
    known.setdefault("form", "other")
    if not known.get("expense_fen"):
        known["expense_fen"], known["expense_category"] = 0, ""
    return {"plan_row_id": None} | known


@command
def record_activity(
    actor: User, project: Project, values: Mapping[str, Any], photos: Sequence[Stored], sign_in: Stored | None = None
) -> Activity:
    """Enter one activity into the ledger of a running project; the street and the centre do it for an organisation (代填).

    `values`: held_on, place, people are needed; plan_row_id (a row of the plan, None: beside the plan), name, form,
    new_people, volunteers, volunteer_hours, summary, feedback, expense_fen, expense_category, no_photo_reason.
    Name and form come from the plan row when empty.
    """
    rules.must_be(actor, project, Party.OWNER, *PROXIES)
    rules.must_be_in(project, ProjectState.ACTIVE)
    by_proxy = Party.OWNER not in parties(actor, project)
    known = completed(project, values)
    rules.refuse(rules.activity(project, known, len(photos)))
    activity = Activity(project=project, recorded_at=clock.now(), recorded_by_id=actor.id, by_proxy=by_proxy, **known)
    db.session.add(activity)
    db.session.flush()
    _attach(activity, photos, sign_in, actor)
    _into_the_ledger(actor, activity, "record_activity", **({"by_proxy": True} if by_proxy else {}))
    if by_proxy:
        messages.tell(project, "record_activity", (Party.OWNER,), actor, note=activity.name)
    return activity


@command
def change_activity(
    actor: User,
    activity: Activity,
    values: Mapping[str, Any],
    photos: Sequence[Stored] = (),
    sign_in: Stored | None = None,
    dropped: Collection[str] = (),
    seen: int | None = None,
) -> None:
    """Correct an activity whose month has not been reported; `dropped` are the codes of files to take away."""
    lifecycle.same_version(activity, seen)
    project = activity.project
    rules.must_be(actor, project, Party.OWNER)
    rules.must_be_in(project, ProjectState.ACTIVE)
    must_be_open(activity)
    files = attachments.of(activity)
    gone = [file for file in files if file.code in dropped]
    known = completed(project, values)
    kept = sum(file.purpose == PHOTO for file in files) - sum(file.purpose == PHOTO for file in gone)
    rules.refuse(rules.activity(project, known, kept + len(photos)))
    for key, value in known.items():
        setattr(activity, key, value)
    for file in gone:
        attachments.remove(file)
    _attach(activity, photos, sign_in, actor)
    _into_the_ledger(actor, activity, "change_activity")


@command
def strike_activity(actor: User, activity: Activity, reason: str, seen: int | None = None) -> None:
    """Strike an activity out with a reason: it stays readable and counts no more.

    The organisation may until the month is reported, the street also afterwards.
    """
    lifecycle.same_version(activity, seen)
    mine = parties(actor, activity.project)
    rules.must_be(actor, activity.project, Party.OWNER, Party.OFFICE)
    rules.must_be_in(activity.project, ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)
    if activity.struck_at is not None:
        raise NotNow(_("这场活动已经划去。"))
    if Party.OFFICE not in mine:
        must_be_open(activity)
    if not reason:
        raise NotNow(_("请写明划去的理由。"))
    activity.struck_at, activity.struck_reason = clock.now(), reason
    _into_the_ledger(actor, activity, "strike_activity", reason=reason)


def must_be_open(activity: Activity) -> None:
    """Raises NotNow when an activity can no longer be changed by its organisation."""
    if activity.struck_at is not None:
        raise NotNow(_("这场活动已经划去，不能再改。"))
    if (locked := rules.month_locked(activity.project, activity.held_on)) is not None:
        raise NotNow(locked)


def _attach(activity: Activity, photos: Sequence[Stored], sign_in: Stored | None, actor: User) -> None:
    for stored in photos:
        attachments.attach(activity, PHOTO, stored, actor)
    if sign_in is not None:
        attachments.attach(activity, SIGN_IN, sign_in, actor)


def _into_the_ledger(actor: User, activity: Activity, deed: str, **more: Any) -> None:
    """The numbers that are claimed stand in the chain of hashes; names and stories do not."""
    facts = {"activity": activity.id, "held_on": activity.held_on, "plan_row": activity.plan_row_id,
             "people": activity.people, "new_people": activity.new_people or 0, "expense_fen": activity.expense_fen}  # fmt: skip
    lifecycle.record(actor, activity.project, deed, facts | more)
