"""The sheets of a closing on paper: one's own once submitted, and for the street what its page shows."""

from __future__ import annotations

from matchhub.domain import sheets
from matchhub.domain.models import Role, SubjectKind
from tests import factories as make
from tests.closing import story
from tests.documents import reading


def text(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return reading.text_of_pdf(answer.data)


def test_the_inspector_prints_the_own_sheet_and_the_street_the_same(app, client_as):
    case = story.inspected(story.sampled(story.reported(story.closing())))
    found, ref = case.assessment, case.assessment.ref
    sheet = sheets.find(SubjectKind.LEDGER_INSPECTION, found.id, case.inspector.id)
    own = f"/assess/{ref}/ledger_inspection.pdf"
    for said in (text(client_as(case.inspector), own),
                 text(client_as(case.staff), f"/staff/assessments/{ref}/sheets/{sheet.id}.pdf")):  # fmt: skip
        for words in ("台账督察评分表（C1）", case.inspector.name, ref, "现场核对过。", sheet.digest, "利益关系声明",
                      "没有发现需要回避的关系"):  # fmt: skip
            assert words in said
    assert own in client_as(case.inspector).get(f"/assess/{ref}").text
    assert f"/sheets/{sheet.id}.pdf" in client_as(case.staff).get(f"/staff/assessments/{ref}").text


def test_sheets_of_the_panel_are_printed_only_once_all_are_in(app, client_as):
    case = story.presented(story.inspected(story.sampled(story.reported(story.closing()))), shares=("0.8", "0.9", "1"))
    found = case.assessment
    sheet = sheets.find(SubjectKind.PRESENTATION, found.id, case.judges[0].id)
    address = f"/staff/assessments/{found.ref}/sheets/{sheet.id}.pdf"
    assert "现场汇报评分表（C2）" in text(client_as(case.staff), address)
    own = f"/assess/{found.ref}/presentation.pdf"
    assert case.judges[0].name in text(client_as(case.judges[0]), own)
    assert case.judges[1].name not in text(client_as(case.judges[0]), own)


def test_before_a_sheet_is_submitted_there_is_no_paper_and_others_get_none(app, client_as):
    case = story.sampled(story.reported(story.closing()))
    own = f"/assess/{case.assessment.ref}/ledger_inspection.pdf"
    assert client_as(case.inspector).get(own).status_code == 404
    case = story.inspected(case)
    sheet = sheets.find(SubjectKind.LEDGER_INSPECTION, case.assessment.id, case.inspector.id)
    for other in (case.admin, make.user(Role.SUPERVISOR), make.user(Role.REVIEWER)):
        client = client_as(other)
        assert client.get(own).status_code in (403, 404)
        assert client.get(f"/staff/assessments/{case.assessment.ref}/sheets/{sheet.id}.pdf").status_code in (403, 404)
    other_sheet = sheet.id + 999
    assert (
        client_as(case.staff).get(f"/staff/assessments/{case.assessment.ref}/sheets/{other_sheet}.pdf").status_code
        == 404
    )
