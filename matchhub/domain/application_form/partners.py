"""Joint applications (联合申报): who takes part, on which terms, and whether each of them has agreed to these.

Rules: a partner that has joined the platform confirms in its own account before the application is submitted; one from
outside is only named and sends its consent on paper. An organisation takes part in one application for a need: its own
or, as a partner, that of another.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.domain.application_form.reading import Document, part_of
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    ApplicationState,
    Organisation,
    OrganisationState,
    PartnerAnswer,
)
from matchhub.domain.scoring.canonical import canonical, digest

S = ApplicationState
# States in which an application takes part in the call, or did: it binds the organisations that it names.
BINDING = (S.SUBMITTED, S.CORRECTION, S.QUALIFIED, S.PROPOSED, S.AWARDED, S.NOT_SELECTED)


@dataclass(frozen=True, slots=True)
class Share:
    """One line of the division of work. `organisation` is None for one that has not joined the platform."""

    name: str
    work: str
    share: int | None
    amount_fen: int | None
    organisation: Organisation | None
    row: ApplicationPartner | None

    @property
    def terms_sha256(self) -> str:
        return digest(canonical({"work": self.work, "share": self.share, "amount_fen": self.amount_fen}))

    @property
    def agreed(self) -> bool:
        """Whether it has confirmed, whatever became of it since."""
        return self.row is not None and self.row.answer is PartnerAnswer.CONFIRMED

    @property
    def stand(self) -> str:
        """outside, suspended, new, asked, confirmed, declined, or changed: it had answered, but to other terms."""
        if self.organisation is None:
            return "outside"
        if self.organisation.state is not OrganisationState.ADMITTED:
            return "suspended"
        if self.row is None:
            return "new"
        if self.row.answer is not PartnerAnswer.DECLINED and self.row.terms_sha256 != self.terms_sha256:
            return "changed"
        return self.row.answer.value


def shares(application: Application, document: Document) -> list[Share]:
    """The division of work that `document` names, each line with its organisation and what that has answered."""
    lines = part_of(document, "organisation")["joint"]
    if not lines:
        return []
    known = _organisations({line.get("name") or "" for line in lines})
    rows = {row.organisation_id: row for row in partner_rows(application)}
    return [_share(line, known.get(line.get("name") or ""), rows) for line in lines]


def _share(line: dict[str, Any], organisation: Organisation | None, rows: dict[int, ApplicationPartner]) -> Share:
    row = rows.get(organisation.id) if organisation else None
    return Share(line.get("name") or "", line.get("work") or "", line.get("share"), line.get("amount_fen"),
                 organisation, row)  # fmt: skip


def _organisations(names: Collection[str]) -> dict[str, Organisation]:
    found = sa.select(Organisation).where(
        Organisation.name.in_(sorted(names)),
        Organisation.state.in_((OrganisationState.ADMITTED, OrganisationState.SUSPENDED)),
    )
    return {row.name: row for row in db.session.scalars(found)}


def admitted_names(but: Organisation) -> list[str]:
    """The names that may be chosen as a partner."""
    found = sa.select(Organisation.name).where(
        Organisation.state == OrganisationState.ADMITTED, Organisation.id != but.id
    )
    return list(db.session.scalars(found.order_by(Organisation.name)))


def partner_rows(application: Application) -> list[ApplicationPartner]:
    """Whoever was asked, in the order of asking."""
    if not application.id:
        return []
    found = sa.select(ApplicationPartner).where(ApplicationPartner.application_id == application.id)
    return list(db.session.scalars(found.order_by(ApplicationPartner.id)))


def partners(application: Application) -> list[Organisation]:
    """The organisations that take part besides the applicant: those that have confirmed. For recusal (回避)."""
    return [row.organisation for row in partner_rows(application) if row.answer is PartnerAnswer.CONFIRMED]


def partner_pairs() -> sa.Select[int, int]:
    """(application_id, organisation_id) of every confirmed partner: `partners` for a WHERE clause."""
    return sa.select(ApplicationPartner.application_id, ApplicationPartner.organisation_id).where(
        ApplicationPartner.answer == PartnerAnswer.CONFIRMED
    )


def why_not_agreed(application: Application, document: Document) -> str | None:
    """The sentence for an application that cannot be submitted because of its partners; None when all agree."""
    listed = shares(application, document)
    if barred := [one.name for one in listed if one.stand == "suspended"]:
        return _("“%(name)s”目前被暂停参与，不能联合申报，请在“机构信息”里删去这一行。", name="”“".join(barred))
    waiting = [one.name for one in listed if one.stand not in ("outside", "confirmed")]
    if waiting:
        return _(
            "联合申报机构“%(name)s”还没有确认分工。请在申报书首页请对方确认；对方不参加的，请在“机构信息”里删去这一行。",
            name="”“".join(waiting),
        )
    return None


def why_bound(organisation: Organisation, application: Application) -> str | None:
    """The sentence for an organisation that may not take part in one more application for the same need."""
    until = organisation.barred_until
    if until is not None and until > clock.today():
        return _("因上次测评不合格，贵机构在 %(day)s 前不能新申报，也不能参加联合申报。", day=until.isoformat())
    return why_elsewhere(organisation, application)


def why_elsewhere(organisation: Organisation, application: Application) -> str | None:
    """The sentence for an organisation that already takes part in another application for the same need."""
    own = sa.select(Application.id).where(
        Application.need_id == application.need_id,
        Application.organisation_id == organisation.id,
        Application.id != (application.id or 0),
        Application.state.in_(BINDING),
    )
    if db.session.scalar(own.limit(1)) is not None:
        return _(
            "贵机构对这个需求已经提交了自己的申报。一家机构对一个需求只能参加一份申报：请先撤回自己的申报，再确认联合。"
        )
    joint = (
        sa.select(Application.id)
        .join(ApplicationPartner, ApplicationPartner.application_id == Application.id)
        .where(
            Application.need_id == application.need_id,
            Application.id != (application.id or 0),
            Application.state != S.WITHDRAWN,
            ApplicationPartner.organisation_id == organisation.id,
            ApplicationPartner.answer == PartnerAnswer.CONFIRMED,
        )
    )
    if db.session.scalar(joint.limit(1)) is not None:
        return _(
            "贵机构已经确认参加另一份对这个需求的联合申报。一家机构对一个需求只能参加一份申报，请先在那一份里退出。"
        )
    return None
