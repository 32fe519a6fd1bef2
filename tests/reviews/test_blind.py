"""A name-blind review: nothing that the rubric hides reaches a reviewer before the decision, wherever they look."""

from __future__ import annotations

import io
import zipfile

import pytest
import sqlalchemy as sa

from matchhub.core.db import command, db
from matchhub.domain import application_form, blind
from matchhub.domain.models import Rubric
from matchhub.features.reviews import judging, service, signing, traces
from tests import factories as make
from tests.reviews import story
from tests.reviews.test_secrecy import words_of

CONTACT, LEAD, MEMBER, SIGNER = "温若瑜", "邵知远", "柳青禾", "范仲淹淹"
PHONE = "19900001234"


def hides(*codes: str) -> None:
    @command
    def change():
        for rubric in db.session.scalars(sa.select(Rubric).where(Rubric.code == "A")):
            rubric.hidden = list(codes)

    change()


def told(entry, name: str) -> None:
    """The application names everybody, in its fields and in its running text."""

    @command
    def change():
        version = application_form.latest(entry)
        document = story.document()
        document["organisation"] = {"contact_name": CONTACT, "contact_phone": PHONE, "experience": "", "joint": []}
        document["project"]["title"] = f"{name}的睦邻计划"
        document["project"]["summary"] = f"由{name}的{LEAD}牵头，{CONTACT}联络。"
        document["plan"]["rows"][0]["lead"] = LEAD
        document["team"] = {"rows": [{"name": MEMBER, "qualification": "社工师", "role": "带组", "share": 50}]}
        document["declaration"] = {"ties": "无", "honest": True, "signed_name": SIGNER}
        version.document = document

    change()


@pytest.fixture
def blinded(app):
    hides(*blind.HIDDEN)
    made = story.scoring()
    for entry in made.entries:
        told(entry, entry.organisation.name)
    file = make.paper(made.entries[0], "survey", name=f"{made.organisations[0].name}调研.pdf")
    return made, file


def pages(made, file):
    first = made.entries[0].ref
    return ["/workbench", "/review", f"/review/{made.round.ref}", f"/review/applications/{first}",
            f"/review/applications/{first}/form.pdf", f"/files/{file.code}", "/review/scales"]  # fmt: skip


def test_no_name_reaches_a_reviewer_on_any_page(blinded, client_as):
    made, file = blinded
    client = client_as(made.judges[0])
    for address in pages(made, file):
        answer = client.get(address)
        where = answer.text + str(answer.headers) if "pdf" not in (answer.content_type or "") else str(answer.headers)
        for name in (made.organisations[0].name, CONTACT, LEAD, MEMBER, SIGNER, PHONE):
            assert name not in where, (address, name)
    page = client.get(f"/review/applications/{made.entries[0].ref}").text
    assert "［机构］的睦邻计划" in page and "（盲审不显示）" in page and "这次评审不显示" in page


def test_the_street_sees_everything_and_a_check_of_what_is_left(blinded, client_as):
    made, _file = blinded
    client = client_as(made.staff)
    assert made.organisations[0].name in client.get(f"/staff/rounds/{made.round.ref}").text
    page = client.get(f"/staff/rounds/{made.round.ref}/blind").text
    assert LEAD in page and CONTACT in page and made.organisations[0].name in page


def test_after_the_decision_names_are_shown(app, client_as):
    hides(*blind.HIDDEN)
    made = story.proposed()
    client = client_as(made.judges[0])
    assert made.organisations[0].name not in client.get(f"/review/{made.round.ref}").text
    signing.approve(made.approver, made.round)
    assert made.organisations[0].name in client.get(f"/review/{made.round.ref}").text


def test_the_declaration_names_the_organisations_but_not_which_application_is_whose(blinded, client_as):
    made, _file = blinded
    page = client_as(made.judges[0]).get(f"/review/{made.round.ref}/declare").text
    assert all(organisation.name in page for organisation in made.organisations)
    assert not any(entry.ref in page for entry in made.entries)


def test_a_barred_application_is_counted_but_not_listed(blinded, client_as):
    made, _file = blinded
    judging.declare(made.judges[0], made.round, {made.organisations[0].id: ("family", "")})
    page = client_as(made.judges[0]).get(f"/review/{made.round.ref}").text
    assert "另有 1 份申报按规定回避" in page
    assert made.entries[0].ref not in page and made.organisations[0].name not in page


def test_only_what_is_ticked_is_hidden(app, client_as):
    hides(blind.CONTACT)
    made = story.scoring()
    told(made.entries[0], made.organisations[0].name)
    page = client_as(made.judges[0]).get(f"/review/applications/{made.entries[0].ref}").text
    assert CONTACT not in page and PHONE not in page
    assert LEAD in page and MEMBER in page and made.organisations[0].name in page


def test_without_a_tick_nothing_is_hidden(app, client_as):
    made = story.scoring()
    told(made.entries[0], made.organisations[0].name)
    page = client_as(made.judges[0]).get(f"/review/applications/{made.entries[0].ref}").text
    assert all(name in page for name in (CONTACT, LEAD, MEMBER, made.organisations[0].name))
    assert "这次评审不显示" not in words_of(client_as(made.judges[0]).get(f"/review/{made.round.ref}"))


def test_short_forms_of_a_name_are_replaced_as_well(app):
    organisation = make.organisation(name="上海睦邻有约社区服务中心（演示）")
    made = story.case(applicants=1)
    made.entries[0].organisation = organisation
    document = story.document()
    document["project"]["summary"] = "睦邻有约社区服务中心在曹杨十年。上海睦邻有约社区服务中心（演示）负责。"
    shown = blind.veiled(document, made.entries[0], {blind.ORGANISATION})
    assert shown["project"]["summary"] == "［机构］在曹杨十年。［机构］负责。"
    assert "睦邻有约" in document["project"]["summary"], "the original is untouched"


def test_at_the_roadshow_one_sees_who_speaks_once_the_paper_is_scored(app, client_as):
    hides(*blind.HIDDEN)
    made = story.scoring(review_mode="both")
    client, address = client_as(made.judges[0]), f"/review/applications/{made.entries[0].ref}/roadshow"
    assert made.organisations[0].name not in client.get(address).text
    story.score(made.judges[0], made.entries[0])
    assert made.organisations[0].name in client.get(address).text


@pytest.mark.parametrize(("data", "says"), [
    (b"%PDF-1.4 1 0 obj << /Author (Mulin Center) /Title (x) >> endobj", "Mulin Center"),
    (b"%PDF-1.4 << /Author <FEFF7766> >>", "睦"),
    (b"%PDF-1.4 <x:xmpmeta><dc:creator><rdf:Seq><rdf:li>\xe7\x9d\xa6\xe9\x82\xbb</rdf:li></rdf:Seq></dc:creator>", "睦邻"),
    (b"%PDF-1.4 no properties at all", ""),
])  # fmt: skip
def test_the_author_in_the_properties_of_a_pdf_is_found(data, says):
    assert traces._pdf(data) == says


def test_the_author_of_an_office_file_is_found():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "docProps/core.xml",
            '<c:p xmlns:c="x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>温若瑜</dc:creator></c:p>',
        )
    assert traces._office(out.getvalue()) == "温若瑜"
    assert traces._office(b"PK no archive") == ""


def test_the_panel_can_score_and_finish_a_blind_review(app):
    hides(*blind.HIDDEN)
    made = story.scored({0: 0.9, 1: 0.75})
    service.finish(made.staff, made.round)
    assert made.round.result["applications"][0]["organisation"] == made.organisations[0].name
