"""Lists and details of organisations, for everybody, for the street and for the organisation itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.core.listing import Filters, words
from matchhub.domain import attachments, coding, lifecycle, policy, reference
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.lifecycle import organisation as joining
from matchhub.domain.models import (
    Assessment,
    AssessmentState,
    Attachment,
    Organisation,
    OrganisationState,
    Project,
    User,
)
from matchhub.domain.scoring.assessment_words import GRADES
from matchhub.features.organisations.words import DEEDS, PURPOSES

EXPIRES_SOON = timedelta(days=60)


def filters(path: str, args: MultiDict[str, str], staff: bool = False) -> Filters:
    """The filters of the list: the street knows more states than everybody."""
    life = LIVES[Organisation]
    states = [state for state in life.states if staff or state in policy.ORGANISATION_PUBLIC]
    allowed: dict[str, Mapping[str, str]] = {"state": {state.value: _(life.words[state]) for state in states}}
    for name, kind in (("field", "field"), ("class", "org_class"), ("origin", "origin"), ("community", "community")):
        allowed[name] = words(reference.codes(kind).values())
    return Filters(path, args, allowed)


def listed(user: User | None, wanted: Filters) -> sa.Select[Any]:
    """Organisations that `user` may know, admitted ones first, then by name."""
    found = sa.select(Organisation).where(policy.visible(user, Organisation))
    if wanted.query:
        like = f"%{_escaped(wanted.query)}%"
        code = f"{_escaped(wanted.query.upper())}%"
        matches = [Organisation.name.like(like, escape="\\"), Organisation.brand_project.like(like, escape="\\"),
                   Organisation.uscc.like(code, escape="\\")]  # fmt: skip
        found = found.where(sa.or_(*matches))
    if wanted["state"]:
        found = found.where(Organisation.state.in_([OrganisationState(code) for code in wanted["state"]]))
    if wanted["class"]:
        found = found.where(Organisation.org_class.in_(wanted["class"]))
    if wanted["origin"]:
        found = found.where(Organisation.origin.in_(wanted["origin"]))
    for kind in ("field", "community"):
        if wanted[kind]:
            found = found.where(sa.or_(*(coding.has_code(Organisation, kind, code) for code in wanted[kind])))
    return found.order_by(
        _rank(OrganisationState.PENDING in wanted.allowed["state"]), Organisation.name, Organisation.id
    )


def _rank(staff: bool) -> Any:
    """The street first sees who waits for it; everybody else who takes part."""
    order = [OrganisationState.PENDING, OrganisationState.ADMITTED] if staff else [OrganisationState.ADMITTED]
    return sa.case(*((Organisation.state == state, n) for n, state in enumerate(order)), else_=len(order))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def codes_of(rows: Sequence[Organisation]) -> dict[int, dict[str, list[str]]]:
    return coding.codes_for(Organisation, [row.id for row in rows])


def expiries(rows: Sequence[Organisation]) -> dict[int, date]:
    """Of each organisation the day on which its registration certificate runs out, where that is known and near."""
    soon = clock.today() + EXPIRES_SOON
    found = {}
    for row_id, files in attachments.of_all(rows, "certificate").items():
        last = max((file.expires_on or date.max for file in files), default=date.max)
        if last <= soon:
            found[row_id] = last
    return found


@dataclass(frozen=True, slots=True)
class Carried:
    """A project of an organisation with its final grade: (word, tone) or None."""

    project: Project
    grade: tuple[str, str] | None
    score: Any


def projects(user: User | None, organisation: Organisation) -> list[Carried]:
    """The projects that `user` may know of, newest first, each with its grade once that is final."""
    found = (
        sa.select(Project, Assessment.grade, Assessment.score)
        .outerjoin(Assessment, sa.and_(Assessment.project_id == Project.id, Assessment.state == AssessmentState.FINAL))
        .where(Project.organisation_id == organisation.id, policy.visible(user, Project))
        .options(joinedload(Project.need))
        .order_by(Project.created_at.desc(), Project.id.desc())
    )
    return [
        Carried(project, (_(GRADES[grade][0]), GRADES[grade][2]) if grade in GRADES else None, score)
        for project, grade, score in db.session.execute(found).unique()
    ]


def documents(organisation: Organisation) -> dict[str, list[Attachment]]:
    """The documents of the profile by purpose, in the order of the page."""
    files = attachments.of(organisation, *PURPOSES)
    return {purpose: [file for file in files if file.purpose == purpose] for purpose in PURPOSES}


def runs_out(file: Attachment) -> str:
    """How urgent a document's end is: `over`, `soon` or empty."""
    if file.expires_on is None or file.expires_on > clock.today() + EXPIRES_SOON:
        return ""
    return "over" if file.expires_on < clock.today() else "soon"


def own(user: User) -> Organisation | None:
    """The organisation that somebody works for, read with its people."""
    return db.session.get(Organisation, user.organisation_id) if user.organisation_id else None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to have before the profile is handed in; `url` is where to mend it."""

    title: str
    needed: bool
    done: bool
    note: str
    url: str


def checks(organisation: Organisation) -> list[Check]:
    """What the submission asks for, each as done or not: what is needed is what the life-cycle's guards say."""
    now, files = clock.now(), documents(organisation)
    profile = joining.profile_complete(organisation, now)
    certificate = joining.certificate_valid(organisation, now)
    return [
        Check(_("机构资料"), True, profile is None, profile or "", "/my/org/edit"),
        Check(_(PURPOSES["certificate"]), True, certificate is None, certificate or "", "/my/org/documents"),
        *(
            Check(_(title), False, bool(files[purpose]), "", "/my/org/documents")
            for purpose, title in PURPOSES.items()
            if purpose != "certificate"
        ),
    ]


def history(organisation: Organisation) -> list[dict[str, Any]]:
    """What was done to an organisation, newest first, as `U.timeline` wants it (moments stay moments)."""
    labels = {move.action: move.label for move in LIVES[Organisation].moves} | DEEDS
    rows = []
    for entry in ledger.history(f"organisation:{organisation.ref}", 100):
        deed = entry.deed.split(".", 1)[1]
        rows.append(
            {
                "moment": entry.at,
                "title": _(labels.get(deed, deed)),
                "who": entry.actor,
                "text": entry.details.get("reason", ""),
            }
        )
    return rows


def offers_here(organisation: Organisation, user: User, actions: Sequence[str]) -> bool:
    """Whether `user` has one of these moves on the organisation now."""
    return any(offer.move.action in actions for offer in lifecycle.moves_for(organisation, user))
