"""Papers of a review: sheets with their declaration on ties, the application as its reviewer may read it, and no more."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core.db import command, db
from matchhub.domain import blind, sheets
from matchhub.domain.models import Recusal, Role, ScoreSheet, SubjectKind
from matchhub.features.reviews import judging
from tests import factories as make
from tests.documents import reading
from tests.reviews import story


def sheet_of(made, number=0) -> ScoreSheet:
    return sheets.find(SubjectKind.APPLICATION, made.entries[0].id, made.judges[number].id)


def staff_paper(made) -> str:
    return f"/staff/rounds/{made.round.ref}/sheets/{sheet_of(made).id}.pdf"


def text(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return reading.text_of_pdf(answer.data)


def test_the_sheet_says_what_its_page_says_with_the_declaration_on_ties(app, client_as):
    made = story.finished()
    sheet, judge = sheet_of(made), made.judges[0]
    said = text(client_as(made.staff), staff_paper(made))
    for words in ("评审评分表", judge.name, made.entries[0].ref, made.need.ref, "总分", "见申报书。", "总体可行。", sheet.digest,
                  "没有发现需要回避的关系", "2026-09-1510:00声明"):  # fmt: skip
        assert words.replace(" ", "") in said
    for item in sheet.rubric.items:
        assert item.name_zh.replace(" ", "") in said
    page = client_as(made.staff).get(staff_paper(made).removesuffix(".pdf")).text
    assert staff_paper(made) in page


def test_a_tie_that_came_to_light_stands_on_the_sheet(app, client_as):
    made = story.finished()
    make.add(Recusal(user_id=made.judges[0].id, organisation_id=made.entries[0].organisation_id, kind="family"))
    said = text(client_as(made.staff), staff_paper(made))
    assert "登记有利益关系" in said
    assert "不计入汇总" in said
    assert "没有发现需要回避的关系" not in said


def test_a_private_note_is_printed_for_nobody(app, client_as):
    made = story.scoring()
    judge = made.judges[0]
    judging.save_sheet(judge, made.entries[0], story.entries_of(0.8), "总体可行。", private_note="私下的话不能打印")
    judging.submit_sheet(judge, made.entries[0])
    said = text(client_as(judge), f"/review/applications/{made.entries[0].ref}/application/sheet.pdf")
    assert "总体可行。" in said
    assert "私下的话" not in said


def test_while_scoring_goes_on_nobody_but_the_reviewer_prints_a_sheet(app, client_as):
    made = story.scored()
    assert client_as(made.staff).get(staff_paper(made)).status_code == 404
    own = f"/review/applications/{made.entries[0].ref}/application/sheet.pdf"
    assert made.judges[0].name in text(client_as(made.judges[0]), own)
    assert made.judges[1].name not in text(client_as(made.judges[0]), own)


def test_a_draft_is_not_printed(app, client_as):
    made = story.scoring()
    judging.save_sheet(made.judges[0], made.entries[0], story.entries_of(0.8), "")
    own = f"/review/applications/{made.entries[0].ref}/application/sheet.pdf"
    assert client_as(made.judges[0]).get(own).status_code == 404


@pytest.mark.parametrize("role", [Role.ORG_ADMIN, Role.SUPERVISOR, Role.REVIEWER])
def test_nobody_else_prints_a_sheet(app, client_as, role):
    made = story.finished()
    other = make.org_admin(made.entries[0].organisation) if role is Role.ORG_ADMIN else make.user(role)
    assert client_as(other).get(staff_paper(made)).status_code in (403, 404)
    own = f"/review/applications/{made.entries[0].ref}/application/sheet.pdf"
    assert client_as(other).get(own).status_code in (403, 404)


def test_a_reviewer_prints_the_application_that_the_page_shows(app, client_as):
    made = story.scoring()
    address = f"/review/applications/{made.entries[0].ref}/form.pdf"
    said = text(client_as(made.judges[0]), address)
    assert story.SECRET in said
    assert made.entries[0].organisation.name in said
    assert address in client_as(made.judges[0]).get(f"/review/applications/{made.entries[0].ref}").text


def test_what_a_blind_review_hides_is_on_no_paper(app, client_as):
    _hide(sheets.newest_rubric("A"))  # before anybody uses it: then it is frozen
    made = story.scoring()
    entry, judge = made.entries[0], made.judges[0]
    story.score(judge, entry)
    for address in (
        f"/review/applications/{entry.ref}/form.pdf",
        f"/review/applications/{entry.ref}/application/sheet.pdf",
    ):
        answer = client_as(judge).get(address)
        assert entry.organisation.name not in reading.text_of_pdf(answer.data)
        assert entry.organisation.name not in str(reading.pdf(answer.data).metadata)
        assert entry.ref in reading.text_of_pdf(answer.data)


@command
def _hide(rubric) -> None:
    db.session.execute(sa.update(type(rubric)).where(type(rubric).id == rubric.id).values(hidden=list(blind.HIDDEN)))


def test_before_the_declaration_and_with_a_tie_nothing_is_printed(app, client_as):
    made = story.prepared()
    address = f"/review/applications/{made.entries[0].ref}/form.pdf"
    assert client_as(made.judges[0]).get(address).status_code == 404
    made = story.scoring()
    make.add(Recusal(user_id=made.judges[0].id, organisation_id=made.entries[0].organisation_id, kind="family"))
    address = f"/review/applications/{made.entries[0].ref}/form.pdf"
    assert client_as(made.judges[0]).get(address).status_code == 404
