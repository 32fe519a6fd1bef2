"""The standard text of agreements: versions that never change, placeholders that are known, a preview with a real project."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import command, db
from matchhub.core.errors import Refused, Stale
from matchhub.domain import agreeing, founding
from matchhub.domain.models import AgreementTemplate, Role
from matchhub.features.admin import agreements
from tests import factories as make
from tests.documents import reading

NEEDED = "".join(f"{{{name}}}\n" for name in agreeing.REQUIRED)


@pytest.fixture
def admin(app):
    return make.user(Role.SYSADMIN)


def test_the_text_that_comes_with_the_software_is_sound(app):
    assert agreeing.problems(agreeing.newest().body) == []


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (NEEDED + "{甲方名字}", "没有这样的占位符：{甲方名字}"),
        (NEEDED.replace("{金额大写}\n", ""), "还缺少必要的占位符：{金额大写}"),
        (NEEDED.replace("{付款安排}", "按 {付款安排} 支付"), "请让它独占一行：{付款安排}"),
        (NEEDED + "甲方}", "花括号没有成对"),
        (NEEDED + "长" * 30_000, "不能超过 30000 字"),
    ],
)
def test_a_text_that_would_not_fill_in_is_refused_with_its_repair(app, admin, body, sentence):
    assert sentence in "".join(agreeing.problems(body))
    with pytest.raises(Refused):
        agreements.new_version(admin, "协议", body, "试")
    assert agreeing.newest().number == 1


def test_each_change_is_a_new_version_on_record(app, admin):
    made = agreements.new_version(admin, "新协议", NEEDED, "改得短一些")
    assert (made.number, agreeing.newest().id) == (2, made.id)
    assert ledger.history("agreement_template:2")[0].deed == "agreement_template.new_version"
    with pytest.raises(Refused, match="内容和现在的版本一样"):
        agreements.new_version(admin, "新协议", NEEDED, "再来一次")


def test_two_people_editing_at_once_do_not_overwrite_each_other(app, admin):
    agreements.new_version(admin, "甲", NEEDED, "甲", seen_number=1)
    with pytest.raises(Stale):
        agreements.new_version(admin, "乙", NEEDED, "乙", seen_number=1)
    assert agreeing.newest().title == "甲"


@pytest.mark.parametrize("change", [sa.update(AgreementTemplate).values(body="x"), sa.delete(AgreementTemplate)])
def test_no_version_ever_changes(app, change):
    with pytest.raises(sa.exc.DBAPIError, match="never changes"):
        _execute(change)


def test_by_page_it_is_edited_previewed_and_saved(app, client_as, admin):
    command(founding.found)(make.awarded(), make.staff())
    client = client_as(admin)
    page = client.get("/admin/agreements/new").text
    assert "{金额大写}" in page
    typed = {"title": "试用协议", "body": NEEDED, "note": "", "version": "1"}
    looked = client.post("/admin/agreements/new", data=typed | {"preview": "1"})
    assert "还没有保存" in looked.text
    assert "元整" in looked.text
    assert agreeing.newest().number == 1
    assert client.post("/admin/agreements/new", data=typed).status_code == 422
    wrong = client.post("/admin/agreements/new", data=typed | {"note": "试", "body": NEEDED + "{不知道}"})
    assert wrong.status_code == 422
    assert "{不知道}" in wrong.text
    saved = client.post("/admin/agreements/new", data=typed | {"note": "试"})
    assert saved.headers["Location"] == "/admin/agreements/2"
    assert "试用协议" in client.get("/admin/agreements").text


def test_a_version_is_tried_with_a_real_project_as_page_pdf_and_word(app, client_as, admin):
    project = command(founding.found)(make.awarded(), make.staff())
    client = client_as(admin)
    page = client.get(f"/admin/agreements/1?project={project.ref}").text
    assert project.organisation.name in page
    assert f"/admin/agreements/1.pdf?project={project.ref}" in page
    text = reading.text_of_pdf(client.get(f"/admin/agreements/1.pdf?project={project.ref}").data)
    assert "模板预览，不作为签署文本" in text
    word = reading.text_of_word(client.get(f"/admin/agreements/1.docx?project={project.ref}").data)
    assert project.title.replace(" ", "") in word
    assert client.get("/admin/agreements/1.pdf").status_code == 404
    assert client.get("/admin/agreements/9").status_code == 404


def test_the_auditor_reads_and_changes_nothing(app, client_as):
    client = client_as(make.user(Role.AUDITOR))
    assert "修改模板" not in client.get("/admin/agreements").text
    assert client.get("/admin/agreements/new").status_code == 403


@command
def _execute(statement) -> None:
    db.session.execute(statement)
