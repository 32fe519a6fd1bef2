"""What a new version changed can be read; and a saved file can be proven to be what was handed in."""

from __future__ import annotations

import copy
import io
import json

import pytest

from matchhub.core.db import db
from matchhub.domain import application_form as form
from matchhub.domain.models import ApplicationState
from matchhub.features.applications import service, submitting
from tests import factories as make
from tests.applications.conftest import applicant


def bits(change):
    return [(bit.text, bit.mark) for bit in change.bits]


def changed(**parts):
    """The differences between the complete document and one with other answers."""
    old, new = make.document(), copy.deepcopy(make.document())
    for part, values in parts.items():
        new[part] |= values
    return form.differences(old, new)


def test_words_are_marked_not_whole_texts(app):
    (part,) = changed(project={"approach": "听、算、谈、签、看、访。"})
    assert (part.code, part.changes[0].name) == ("project", "approach")
    assert bits(part.changes[0]) == [("听、算、谈、签、看", ""), ("、访", "added"), ("。", "")]


def test_the_same_document_has_no_differences(app):
    assert changed() == []


def test_amounts_and_days_are_read_as_people_read_them(app):
    parts = changed(budget={"amount_fen": 80_000_00}, plan={"ends_on": "2027-05-31"})
    assert [part.code for part in parts] == ["plan", "budget"]
    budget = parts[1].changes[0]
    assert "".join(bit.text for bit in budget.before) == "90,000 元"
    assert "".join(bit.text for bit in budget.after) == "80,000 元"


def test_rows_that_were_added_removed_and_changed_are_told_apart(app):
    rows = copy.deepcopy(make.document()["budget"]["rows"])
    rows[0] = rows[0] | {"unit_price_fen": 520_00}
    del rows[1]
    rows.append(
        {"category": "publicity", "item": "海报", "unit_price_fen": 300_00, "quantity": 2, "source": "own", "note": ""}
    )
    (part,) = changed(budget={"rows": rows})
    found = [(row.kind, row.number, [cell.name for cell in row.cells]) for row in part.changes[0].rows]
    assert found == [
        ("removed", 2, ["category", "item", "unit_price_fen", "quantity", "source"]),
        ("changed", 1, ["item", "unit_price_fen"]),
        ("added", 3, ["category", "item", "unit_price_fen", "quantity", "source"]),
    ]


def test_a_row_that_only_moved_is_no_change(app):
    rows = list(reversed(make.document()["plan"]["rows"]))
    assert changed(plan={"rows": rows}) == []


def test_files_are_told_by_their_content(app):
    old = make.document() | {"files": [{"name": "调研.pdf", "sha256": "a"}]}
    new = make.document() | {"files": [{"name": "调研.pdf", "sha256": "b"}]}
    (part,) = form.differences(old, new)
    assert [(row.kind, row.cells[0].bits[0].text) for row in part.changes[0].rows] == [
        ("removed", "调研.pdf"), ("added", "调研.pdf")]  # fmt: skip


def test_long_texts_are_compared_in_reasonable_time(app):
    import time

    old, new = "甲乙丙丁。" * 600, "戊己庚辛。" * 600
    began = time.perf_counter()
    changed(project={"approach": old})
    form.change_of(form.BY_CODE["project"].field("approach"), old, new)
    list(form.change_of(form.BY_CODE["project"].field("approach"), "甲" * 3000, "乙甲" * 1500))
    assert time.perf_counter() - began < 2


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def resubmitted(org):
    application = org.submitted()
    risks = make.document()["risks"] | {"risks": "意见不一，先个别谈。"}
    service.save_part(org.admin, application, "risks", risks)
    submitting.submit(org.admin, application)
    return application


def url(application, rest):
    return f"/my/applications/{application.ref}{rest}"


def test_the_organisation_reads_what_its_versions_changed(org, resubmitted, client_as):
    client = client_as(org.member)
    page = client.get(url(resubmitted, "/versions/2/changes"))
    assert page.status_code == 200 and "，先个别谈" in page.text and "mh-ins" in page.text
    assert client.get(url(resubmitted, "/versions/1/changes")).status_code == 404
    assert "看最后一版改了什么" in client.get(url(resubmitted, "")).text
    service.save_part(org.admin, resubmitted, "risks", {"risks": "又一种预案", "safety": "两人同行。"})
    draft = client.get(url(resubmitted, "/changes")).text
    assert "又一种预案" in draft and "还没有提交" in draft
    assert client_as(applicant(org.need).admin).get(url(resubmitted, "/versions/2/changes")).status_code == 404


def test_the_street_reads_what_a_correction_changed_and_never_what_was_replaced(org, resubmitted, client_as, later):
    address = f"/staff/applications/{resubmitted.ref}/versions"
    staff = make.staff()
    assert client_as(staff).get(f"{address}/2/changes").status_code == 404
    later(days=11)
    make.opened(org.need)
    resubmitted.state, resubmitted.correction_parts = ApplicationState.CORRECTION, ["risks"]  # as the section asked
    resubmitted.correction_due_at = make.clock.now() + make.timedelta(days=2)
    db.session.commit()
    service.save_part(
        org.admin, resubmitted, "risks", {"risks": "意见不一，先个别谈，再开会。", "safety": "两人同行。"}
    )
    submitting.submit(org.admin, resubmitted)
    page = client_as(staff).get(f"{address}/3/changes")
    assert page.status_code == 200 and "，再开会" in page.text
    # The first version was replaced before the deadline: nobody but the organisation ever reads it.
    assert client_as(staff).get(f"{address}/2/changes").status_code == 404
    assert f"{address}/3/changes" in client_as(staff).get(f"/staff/applications/{resubmitted.ref}").text


def test_a_receipt_is_proven_by_the_file_it_was_computed_from(org, resubmitted, client_as):
    client = client_as(org.admin)
    content = client.get(url(resubmitted, "/versions/2.json")).data

    def told(data):
        return client.post(url(resubmitted, "/verify"), data={"file": (io.BytesIO(data), "a.json")})

    assert "提交的第 2 版，内容没有改动过" in told(content).text
    # Saved again by an editor it has other line ends, and is still the same text.
    assert "提交的第 2 版" in told(json.dumps(json.loads(content), indent=2).encode("utf-8-sig")).text
    forged = content.replace("意见不一".encode(), "意见一致".encode())
    assert "不一致：这个文件不是任何一版" in told(forged).text
    assert "不一致" in told(b"\xff\xfe nonsense").text
    missing = client.post(url(resubmitted, "/verify"), data={})
    assert missing.status_code == 422 and "请选择要核对的文件" in missing.text
    assert "certutil -hashfile" in missing.text and "sha256sum" in missing.text


def test_the_receipt_has_number_time_and_hash_and_leads_to_its_proof(org, resubmitted, client_as):
    page = client_as(org.admin).get(url(resubmitted, "/done")).text
    last = form.latest(resubmitted)
    assert resubmitted.ref in page and last.sha256 in page and "第 2 版" in page
    assert url(resubmitted, "/verify") in page and "data-print" in page
