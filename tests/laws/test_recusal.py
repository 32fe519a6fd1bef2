"""Recusal (回避) as a law: whatever tie there is, of whatever kind, it keeps a reviewer from everything of the applicant.

Many panels are made by chance; for each pair of reviewer and application every way in is tried: the sheet, saving and
submitting, the file, the paper, the list, the WHERE clause and what waits on the desk.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import Missing, Refused
from matchhub.core.workdays import months_later
from matchhub.domain import application_form, attachments, panels, policy, sheets, ties, todo
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    JointProject,
    PartnerAnswer,
    ProjectState,
    Recusal,
    Role,
    SubjectKind,
)
from matchhub.features.reviews import judging, service
from tests import factories as make
from tests.reviews import story

KINDS = ("employment", "board", "family", "co_project", "same_team", "supervision")


def bind(kind: str, judge, entry, organisation) -> None:
    """Make a tie of this kind between a reviewer and an organisation that takes part in an application."""
    match kind:
        case "employment":
            judge.employer = organisation.name
        case "board":
            organisation.board = [*organisation.board, judge.name]
        case "family":
            make.add(Recusal(user_id=judge.id, organisation_id=organisation.id, kind="family"))
        case "co_project":
            until = clock.today() - timedelta(days=1000)
            make.add(JointProject(user_id=judge.id, organisation_id=organisation.id, title="睦邻节", until=until))
        case "same_team":
            version = application_form.latest(entry)
            rows = version.document.get("team", {}).get("rows", [])
            version.document = version.document | {"team": {"rows": [*rows, {"name": judge.name, "role": "顾问"}]}}
        case "supervision":
            make.supervision(make.project(ProjectState.ACTIVE, organisation=organisation), judge)
    db.session.commit()


def partner_of(entry):
    """A second organisation that has agreed to take part in an application."""
    organisation, asked_by = make.organisation(), make.org_admin(entry.organisation)
    make.add(
        ApplicationPartner(
            application_id=entry.id, organisation_id=organisation.id, answer=PartnerAnswer.CONFIRMED,
            terms_sha256="0" * 64, asked_by_id=asked_by.id,
        )
    )  # fmt: skip
    return organisation


def panel(seed: int):
    """A round whose panel is tied here and there by chance: (the case, the tied pairs)."""
    chance = random.Random(seed)
    made = story.case(applicants=3, judges=8)
    joint = {entry.id: partner_of(entry) for entry in made.entries if chance.random() < 0.5}
    tied = set()
    for judge in made.judges[:5]:
        entry, kind = chance.choice(made.entries), chance.choice(KINDS)
        direct = kind == "same_team" or entry.id not in joint or chance.random() < 0.5
        bind(kind, judge, entry, entry.organisation if direct else joint[entry.id])
        tied.add((judge.id, entry.id))
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    for judge in made.judges:
        service.add_panelist(made.staff, made.round, judge)
    service.open_round(made.staff, made.round)
    for judge in made.judges:
        judging.declare(judge, made.round, {})
    return made, tied


@pytest.mark.parametrize("seed", range(6))
def test_no_tie_of_any_kind_lets_a_reviewer_near(app, client_as, seed):
    made, tied = panel(seed)
    files = {entry.id: make.paper(entry, "survey") for entry in made.entries}
    for judge in made.judges:
        seen = set(db.session.scalars(sa.select(Application.id).where(policy.visible(judge, Application))))
        client = client_as(judge)
        listed = client.get(f"/review/{made.round.ref}").text
        for entry in made.entries:
            barred = (judge.id, entry.id) in tied
            where = (seed, judge.name, entry.ref, barred)
            db.session.commit()
            assert (entry.id in seen) is not barred, where
            assert policy.can_see(judge, entry) is not barred, where
            assert attachments.can_fetch(judge, files[entry.id]) is not barred, where
            assert panels.barred(judge, entry) is barred, where
            for address in (f"/review/applications/{entry.ref}", f"/review/applications/{entry.ref}/form.pdf"):
                assert (client.get(address).status_code == 404) is barred, (address, where)
            assert (f"/review/applications/{entry.ref}" in listed) is not barred, where
            if barred:
                for deed in (judging.save_sheet, judging.submit_sheet):
                    arguments = ({},) if deed is judging.save_sheet else ()
                    with pytest.raises((Refused, Missing)):
                        deed(judge, entry, *arguments)
                assert sheets.find(SubjectKind.APPLICATION, entry.id, judge.id) is None
        waiting = [one for one in todo.gather(judge) if one.kind == "评审打分"]
        free = sum((judge.id, entry.id) not in tied for entry in made.entries)
        assert [f"未评 {free}，" in one.title for one in waiting] == [True]


@pytest.mark.parametrize("kind", KINDS)
def test_a_tie_that_comes_late_takes_the_sheet_out_and_the_page_away(app, client_as, kind):
    made = story.scored({0: 0.9, 1: 0.75}, judges=4)
    judge, entry = made.judges[0], made.entries[0]
    bind(kind, judge, entry, entry.organisation)
    service.finish(made.staff, made.round)
    row = next(row for row in made.round.result["applications"] if row["id"] == entry.id)
    assert judge.id not in {sheet["judge"] for sheet in row["sheets"]}
    assert client_as(judge).get(f"/review/applications/{entry.ref}").status_code == 404


def test_a_tie_to_a_partner_bars_from_their_joint_application_alone(app):
    """Asked about the applications of two needs at once, where one organisation applies jointly and alone."""
    joint, alone = (story.case(applicants=1, judges=1) for _ in range(2))
    judge, first, second = joint.judges[0], joint.entries[0], alone.entries[0]
    second.organisation = first.organisation
    bind("family", judge, first, partner_of(first))
    bars = panels.bars([judge], [first, second])
    assert (bars.of(judge.id, first), bars.of(judge.id, second)) == (["family"], [])
    assert (panels.barred(judge, first), panels.barred(judge, second)) == (True, False)


def test_what_ended_before_36_months_is_no_tie_any_more(app):
    made = story.case(applicants=1, judges=1)
    judge, organisation = made.judges[0], made.organisations[0]
    make.add(JointProject(user_id=judge.id, organisation_id=organisation.id, title="旧事",
                          until=clock.today() - timedelta(days=1200)))  # fmt: skip
    old = make.project(ProjectState.CLOSED, organisation=organisation, ended_at=clock.now() - timedelta(days=1200))
    make.supervision(old, judge)
    assert not ties.bars(judge, organisation)
    assert not panels.in_texts([judge], made.entries)
    assert made.entries[0].id in db.session.scalars(sa.select(Application.id).where(panels.free(judge))).all()


def test_the_window_is_36_calendar_months_to_the_day(app):
    person, organisation = make.user(Role.REVIEWER), make.organisation()
    edge = months_later(clock.today(), -36)
    row = make.add(JointProject(user_id=person.id, organisation_id=organisation.id, title="旧事", until=edge))
    assert ties.bars(person, organisation)
    row.until = edge - timedelta(days=1)
    db.session.commit()
    assert not ties.bars(person, organisation)


def test_the_declaration_stands_on_every_printed_sheet(app, client_as):
    made = story.finished({0: 0.9, 1: 0.75})
    sheet = sheets.find(SubjectKind.APPLICATION, made.entries[0].id, made.judges[0].id)
    page = client_as(made.staff).get(f"/staff/rounds/{made.round.ref}/sheets/{sheet.id}").text
    assert "声明：与这家机构没有利益关系" in page
    judging.declare(made.judges[0], made.round, {made.organisations[0].id: ("family", "")})
    page = client_as(made.staff).get(f"/staff/rounds/{made.round.ref}/sheets/{sheet.id}").text
    assert "近亲属关系" in page and "不计入汇总" in page
