"""What is typed is saved by itself: "saved" is said only when it is, and nobody's text is lost to anybody else's."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import application_form as form
from matchhub.domain.models import LedgerEntry
from matchhub.features.applications import service
from tests import factories as make
from tests.applications.conftest import applicant


def url(application, part, rest="/keep"):
    return f"/my/applications/{application.ref}/{part}{rest}"


def seen(application, part):
    return service.fingerprint(application.body.document, part)


def stored(application, part):
    db.session.expire_all()
    return form.part_of(application.body.document, part)


def test_what_is_typed_is_kept_and_the_answer_says_when(org, client_as):
    application = org.start()
    answer = client_as(org.member).post(
        url(application, "risks"), data={"seen": seen(application, "risks"), "risks": "遇雨改期"}
    )
    assert answer.status_code == 200
    assert answer.json["kind"] == "saved" and re.fullmatch(r"已暂存 \d\d:\d\d", answer.json["sentence"])
    assert stored(application, "risks")["risks"] == "遇雨改期"
    assert answer.json["seen"] == seen(application, "risks")
    assert answer.json["version"] == application.body.version


def test_saving_by_itself_finishes_nothing_writes_no_ledger_and_says_nothing_twice(org, client_as):
    application, client = org.start(), client_as(org.admin)
    data = {"seen": seen(application, "risks"), "risks": "预案", "safety": "承诺", "done": "y"}
    first = client.post(url(application, "risks"), data=data).json
    db.session.expire_all()
    assert "risks" not in application.body.done_parts
    again = client.post(url(application, "risks"), data=data | {"seen": first["seen"]}).json
    assert again["version"] == first["version"]
    deeds = sa.select(LedgerEntry.deed).where(LedgerEntry.subject == f"application:{application.ref}")
    assert list(db.session.scalars(deeds)) == ["application.start"]


def test_a_finished_part_stays_finished_while_it_is_whole(org, client_as):
    application, client = org.filled(), client_as(org.admin)
    whole = {"seen": seen(application, "risks"), "risks": "另一种预案", "safety": "两人同行"}
    answer = client.post(url(application, "risks"), data=whole).json
    db.session.expire_all()
    assert "risks" in application.body.done_parts
    client.post(url(application, "risks"), data={"seen": answer["seen"], "risks": "", "safety": "两人同行"})
    db.session.expire_all()
    assert "risks" not in application.body.done_parts


def test_what_cannot_be_read_is_left_out_and_named_and_the_rest_is_kept(org, client_as):
    application = org.start()
    service.save_part(org.admin, application, "budget", {"amount_fen": 500_00})
    data = {"seen": seen(application, "budget"), "amount_fen": "八万", "other_resources": "场地免费",
            "rows-0-item": "协商会", "rows-0-unit_price_fen": "1O0", "rows-0-quantity": "3"}  # fmt: skip
    answer = client_as(org.admin).post(url(application, "budget"), data=data).json
    assert answer["partly"] and "有 2 处除外" in answer["sentence"] and "申请金额" in answer["sentence"]
    kept = stored(application, "budget")
    assert kept["amount_fen"] == 500_00 and kept["other_resources"] == "场地免费"
    assert (kept["rows"][0]["item"], kept["rows"][0]["unit_price_fen"], kept["rows"][0]["quantity"]) == (
        "协商会",
        None,
        3,
    )


def test_a_text_that_is_too_long_is_kept_all_the_same(org, client_as):
    application, long = org.start(), "长" * 700
    data = {"seen": seen(application, "project"), "summary": long}
    assert client_as(org.admin).post(url(application, "project"), data=data).json["kind"] == "saved"
    assert stored(application, "project")["summary"] == long


def test_after_the_deadline_nothing_is_kept_and_the_answer_says_so(org, client_as, later):
    application, data = org.start(), None
    data = {"seen": seen(application, "risks"), "risks": "晚了"}
    later(days=11)
    answer = client_as(org.admin).post(url(application, "risks"), data=data)
    assert answer.status_code == 409 and answer.json["kind"] == "closed"
    assert answer.json["sentence"].startswith("没有暂存：征集已经截止")
    assert stored(application, "risks")["risks"] == ""


def test_only_the_organisation_can_save(org, client_as):
    application, other = org.start(), applicant(org.need)
    assert client_as(other.admin).post(url(application, "risks"), data={"risks": "x"}).status_code == 404
    with pytest.raises(NotYours):
        service.keep_part(other.admin, application, "risks", {"risks": "x"}, "")


def test_the_page_tells_the_script_where_to_save(org, client_as, later):
    application = org.start()
    page = client_as(org.admin).get(url(application, "risks", "")).text
    assert f'data-autosave="{url(application, "risks")}"' in page and "autosave.js" in page
    later(days=11)
    page = client_as(org.admin).get(url(application, "risks", "")).text
    assert "data-autosave=" not in page and "autosave.js" not in page


# --- two people on one part ------------------------------------------------------------------------------------------


def test_answers_that_only_one_of_two_changed_are_joined(org, client_as):
    """Two people in one part on different questions: both texts stay, and each is told."""
    application = org.start()
    began = seen(application, "risks")
    client_as(org.member).post(url(application, "risks"), data={"seen": began, "safety": "同事写的承诺"})
    mine = (
        client_as(org.admin)
        .post(url(application, "risks"), data={"seen": began, "risks": "我写的预案", "safety": ""})
        .json
    )
    assert mine["kind"] == "saved" and "同事改过“安全与隐私承诺”" in mine["sentence"]
    assert stored(application, "risks") == {"risks": "我写的预案", "safety": "同事写的承诺"}
    # The page still shows the old text of what the colleague wrote; saving again must not take it away.
    client_as(org.admin).post(
        url(application, "risks"), data={"seen": mine["seen"], "risks": "我写的预案二", "safety": ""}
    )
    assert stored(application, "risks") == {"risks": "我写的预案二", "safety": "同事写的承诺"}


def test_the_same_answer_changed_by_both_is_never_overwritten_silently(org, client_as):
    application = org.start()
    began = seen(application, "risks")
    client_as(org.member).post(url(application, "risks"), data={"seen": began, "risks": "同事写的预案"})
    answer = client_as(org.admin).post(url(application, "risks"), data={"seen": began, "risks": "我写的预案"})
    assert answer.status_code == 409 and answer.json["kind"] == "clash"
    assert org.member.name in answer.json["sentence"] and answer.json["action"] == "对照两份内容"
    assert stored(application, "risks")["risks"] == "同事写的预案"


def clash(org, client_as):
    application = org.start()
    began = seen(application, "risks")
    client_as(org.member).post(url(application, "risks"), data={"seen": began, "risks": "同事写的预案", "safety": "甲"})
    page = client_as(org.admin).post(
        url(application, "risks", ""), data={"seen": began, "risks": "我写的预案", "safety": "乙"}
    )
    return application, page


def test_both_texts_stand_side_by_side_with_their_difference_marked(org, client_as):
    application, page = clash(org, client_as)
    assert page.status_code == 409
    assert "对照两份内容" in page.text and org.member.name in page.text
    words = re.sub(r"<[^>]+>", "", page.text)
    assert "我" in words and "同事" in words
    assert "mh-ins" in page.text and "mh-del" in page.text
    assert 'name="keep-risks"' in page.text and 'name="keep-safety"' in page.text
    assert stored(application, "risks")["risks"] == "同事写的预案"


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [("mine", "我写的预案"), ("theirs", "同事写的预案"), ("both", "我写的预案\n\n同事写的预案")],
)
def test_each_answer_is_chosen_by_itself(org, client_as, wanted, kept):
    application, page = clash(org, client_as)
    marks = re.search(r'name="seen" value="([^"]+)"', page.text)[1]
    answer = client_as(org.admin).post(
        url(application, "risks", ""),
        data={"seen": marks, "resolve": "1", "risks": "我写的预案", "safety": "乙", "keep-risks": wanted,
              "keep-safety": "theirs"},
    )  # fmt: skip
    assert answer.status_code == 303
    assert stored(application, "risks") == {"risks": kept, "safety": "甲"}


def test_going_back_to_the_form_keeps_what_i_typed(org, client_as):
    application, _page = clash(org, client_as)
    answer = client_as(org.admin).post(
        url(application, "risks", ""), data={"seen": "", "back": "1", "resolve": "1", "risks": "我写的预案"}
    )
    assert answer.status_code == 200 and "我写的预案" in answer.text
    assert stored(application, "risks")["risks"] == "同事写的预案"


def test_rows_stored_before_a_column_was_added_are_nobodys_change(org):
    """The division of work got columns later: an untouched page of such a draft clashes with nobody."""
    application = org.start()
    application.body.document = {**application.body.document, "organisation": {"joint": [{"name": "甲", "work": "乙"}]}}
    db.session.commit()
    began = seen(application, "organisation")
    service.keep_part(
        org.member, application, "organisation", {"joint": [{"name": "甲", "work": "乙"}], "contact_name": "丙"}, began
    )
    service.keep_part(
        org.admin, application, "organisation", {"joint": [{"name": "甲", "work": "乙"}], "experience": "丁"}, began
    )
    kept = stored(application, "organisation")
    assert (kept["contact_name"], kept["experience"]) == ("丙", "丁")


def test_a_correction_saves_only_the_parts_that_were_named(closed, client_as):
    from matchhub.domain.models import ApplicationState

    application = closed.application
    application.state, application.correction_parts = ApplicationState.CORRECTION, ["risks"]  # as the section asked
    application.correction_due_at = make.clock.now() + make.timedelta(days=2)
    db.session.commit()
    service.keep_part(closed.org.admin, application, "risks", {"risks": "补正"}, seen(application, "risks"))
    with pytest.raises(NotNow, match="只能修改街道指明的部分"):
        service.keep_part(closed.org.admin, application, "team", {"volunteers": "十人"}, seen(application, "team"))
