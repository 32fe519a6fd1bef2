"""The agreement's text: from a template and the project, in the words both sides sign; drawn up, signed, and then fixed."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
import sqlalchemy as sa

from matchhub.core import clock, i18n, ledger
from matchhub.core.db import command, db, writing
from matchhub.core.errors import NotNow, NotYours
from matchhub.documents import agreement as papers
from matchhub.documents import word
from matchhub.domain import agreeing
from matchhub.domain.agreeing import Terms
from matchhub.domain.models import Agreement, AgreementTemplate, Message, ProjectPartner, ProjectState, Role, RoundState
from matchhub.features.projects import service
from tests import factories as make
from tests.documents import reading
from tests.projects.conftest import PERCENTS, SIGNED

TERMS = Terms("曹街购〔2026〕18 号", date(2026, 9, 1), date(2027, 2, 28), 86_000_50, PERCENTS)
POSTED = {
    "agreement_no": TERMS.number, "starts_on": "2026-09-01", "ends_on": "2027-02-28", "amount": "86000.50", "first": "50",
    "middle": "40", "last": "10",
}  # fmt: skip


@pytest.fixture
def new_template(scene):
    """Makes the next version of the template; PostgreSQL keeps reference data from test to test, so it goes away again."""

    def build(title: str) -> None:
        newest = agreeing.newest()
        make.add(AgreementTemplate(number=newest.number + 1, title=title, body=newest.body))

    yield build
    if db.engine.dialect.name == "postgresql":
        db.session.rollback()
        with writing(), db.engine.begin() as connection:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql("DELETE FROM agreement_template WHERE number > 1")
            connection.exec_driver_sql("SET session_replication_role = origin")


def text_of(agreement: Agreement) -> str:
    return "\n".join(
        block.get("text") or "\n".join(" ".join(row) for row in block["rows"]) for block in agreement.content
    )


def test_the_text_names_both_sides_the_amount_in_capitals_and_every_instalment(scene):
    row = service.prepare(scene.staff, scene.project, TERMS)
    text = text_of(row)
    organisation = scene.project.organisation
    for words in (TERMS.number, organisation.name, organisation.uscc, scene.project.title, scene.project.need.ref,
                  "2026 年 9 月 1 日", "2027 年 2 月 28 日", "人民币 86,000.50 元（大写：捌万陆仟元伍角整）",
                  "第 1 期 协议签订并启动 50% 43,000.25", "第 2 期 中期督导得分达到 65 分 40% 34,400.20",
                  "第 3 期 结项且活跃度测评达到 60 分 10% 8,600.05", scene.project.plan[0].name):  # fmt: skip
        assert words in text
    assert "{" not in text


def test_what_is_signed_is_in_the_source_language_whoever_prepares_it(scene):
    i18n.speak("en")
    try:
        row = service.prepare(scene.staff, scene.project, TERMS)
    finally:
        i18n.speak("zh")
    assert "第 1 期 协议签订并启动" in text_of(row)


def test_drawing_up_is_on_record_and_told_to_the_organisation(scene):
    row = service.prepare(scene.staff, scene.project, TERMS)
    entry = ledger.history(f"project:{scene.project.ref}")[0]
    assert (entry.deed, entry.details["digest"]) == ("project.prepare_agreement", row.digest)
    told = db.session.scalars(sa.select(Message.user_id).where(Message.event == "project.prepare_agreement")).all()
    assert told == [scene.boss.id]
    assert scene.project.signed_on is None, "nothing is agreed yet"


def test_recording_the_signing_keeps_the_text_that_was_signed(scene, new_template):
    row = service.prepare(scene.staff, scene.project, TERMS)
    before = (row.digest, row.content)
    new_template("另一份文本")
    service.sign(
        scene.staff, scene.project, TERMS.number, date(2026, 9, 14), TERMS.starts_on, TERMS.ends_on, TERMS.amount_fen,
        PERCENTS, organisation_signed_on=date(2026, 9, 15),
    )  # fmt: skip
    row = agreeing.of(scene.project)
    assert (row.digest, row.content) == before
    assert (row.street_signed_on, row.organisation_signed_on) == (date(2026, 9, 14), date(2026, 9, 15))
    assert scene.project.signed_on == date(2026, 9, 15), "it is dated by the later signature"
    assert row.is_signed


def test_other_terms_make_another_text_from_the_newest_template(scene, new_template):
    first = service.prepare(scene.staff, scene.project, TERMS).digest
    new_template("另一份文本")
    row = service.prepare(scene.staff, scene.project, dataclasses.replace(TERMS, amount_fen=80_000_00))
    assert row.digest != first
    assert row.content[0]["text"] == "另一份文本"


def test_drawing_up_anew_takes_the_signatures_back(scene):
    scene.sign()
    service.prepare(scene.staff, scene.project, TERMS)
    assert scene.project.signed_on is None
    with pytest.raises(NotNow, match="请先登记协议"):
        scene.name_supervisors()
        service.start(scene.staff, scene.project)


@pytest.mark.parametrize(
    ("over", "sentence"),
    [({"amount_fen": 90_000_01}, "不能超过立项金额"), ({"ends_on": date(2026, 9, 1)}, "结束日期要晚于开始日期"),
     ({"percents": (50, 40, 11)}, "合计应为 100%")],
)  # fmt: skip
def test_terms_that_break_a_rule_make_no_text(scene, over, sentence):
    with pytest.raises(NotNow, match=sentence):
        service.prepare(scene.staff, scene.project, dataclasses.replace(TERMS, **over))
    assert agreeing.of(scene.project) is None


def test_a_number_names_one_agreement(scene):
    service.prepare(scene.staff, scene.project, TERMS)
    other = _other_project(scene)
    with pytest.raises(NotNow, match="已经用在另一个项目上"):
        service.prepare(scene.staff, other, TERMS)
    assert agreeing.next_number() == "曹街购〔2026〕2 号"


def test_whoever_approved_the_award_does_not_record_its_agreement(scene):
    need = scene.project.need
    both = make.user(Role.STREET_STAFF, Role.STREET_APPROVER, section_code=need.section_code)
    make.round_(RoundState.DECIDED, need=need, proposed_by_id=scene.staff.id, decided_by_id=both.id)
    with pytest.raises(NotYours, match="批准立项的人不能登记协议"):
        service.sign(both, scene.project, **SIGNED)
    assert scene.project.signed_on is None
    scene.sign()


def test_the_database_holds_the_two_people_apart_as_well(scene):
    make.round_(RoundState.DECIDED, need=scene.project.need, proposed_by_id=scene.boss.id, decided_by_id=scene.staff.id)
    row = service.prepare(scene.staff, scene.project, TERMS)
    change = sa.update(Agreement).where(Agreement.id == row.id)
    values = {"street_signed_on": date(2026, 9, 1), "organisation_signed_on": date(2026, 9, 1)}
    with pytest.raises(sa.exc.DBAPIError, match="who approved the award does not sign for it"):
        _execute(change.values(**values, signed_by_id=scene.staff.id))


def test_signed_means_signed_by_both(scene):
    row = service.prepare(scene.staff, scene.project, TERMS)
    with pytest.raises(sa.exc.IntegrityError):
        _execute(sa.update(Agreement).where(Agreement.id == row.id).values(street_signed_on=date(2026, 9, 1)))


def test_the_agreement_of_a_started_project_never_changes(running):
    row = agreeing.of(running.project)
    for change in (sa.update(Agreement).values(amount_fen=1), sa.delete(Agreement)):
        with pytest.raises(sa.exc.DBAPIError, match="stays"):
            _execute(change.where(Agreement.id == row.id))
    with pytest.raises(NotNow):
        service.prepare(running.staff, running.project, TERMS)


# --- pages -----------------------------------------------------------------------------------------------------------


def test_by_page_the_text_is_drawn_up_without_a_day_of_signing(scene, client_as):
    page = f"/staff/projects/{scene.project.ref}/agreement"
    client = client_as(scene.staff)
    assert 'value="曹街购〔2026〕1 号"' in client.get(page).text
    answer = client.post(page, data=POSTED | {"prepare": "1"})
    assert answer.headers["Location"] == page
    shown = client.get(page).text
    assert "等待双方签署" in shown
    assert agreeing.of(scene.project).digest in shown
    answer = client.post(page, data=POSTED)
    assert answer.status_code == 422
    assert "请填写签订日期" in answer.text
    signed = client.post(page, data=POSTED | {"signed_on": "2026-09-14", "organisation_signed_on": "2026-09-15"})
    assert signed.status_code == 303
    assert scene.project.signed_on == date(2026, 9, 15)


def test_both_sides_take_the_same_words_away_as_pdf_and_word(scene, client_as):
    service.prepare(scene.staff, scene.project, TERMS)
    for user in (scene.staff, scene.boss, scene.approver, make.user(Role.AUDITOR)):
        client = client_as(user)
        pdf = client.get(f"/projects/{scene.project.ref}/agreement.pdf")
        docx = client.get(f"/projects/{scene.project.ref}/agreement.docx")
        assert (pdf.status_code, docx.status_code) == (200, 200)
        for text in (reading.text_of_pdf(pdf.data), reading.text_of_word(docx.data)):
            assert "捌万陆仟元伍角整" in text
            assert "甲方（盖章）" in text
            assert "待签署" in text
    assert "/agreement.pdf" in client_as(scene.boss).get(f"/my/projects/{scene.project.ref}").text


def test_the_signed_paper_carries_the_days_of_both_signatures(scene, client_as):
    scene.sign(organisation_signed_on=date(2026, 9, 12), signed_on=date(2026, 9, 14))
    text = reading.text_of_pdf(client_as(scene.boss).get(f"/projects/{scene.project.ref}/agreement.pdf").data)
    assert "签订日期：2026年9月14日" in text
    assert "签订日期：2026年9月12日" in text
    assert "待签署" not in text


@pytest.mark.parametrize("role", [Role.CENTRE_STAFF, Role.REVIEWER, Role.SUPERVISOR, Role.FOUNDATION, Role.ORG_ADMIN])
def test_nobody_else_reads_account_and_telephone_numbers(scene, client_as, role):
    service.prepare(scene.staff, scene.project, TERMS)
    other = make.org_admin() if role is Role.ORG_ADMIN else make.user(role)
    assert client_as(other).get(f"/projects/{scene.project.ref}/agreement.pdf").status_code in (403, 404)
    assert client_as(None).get(f"/projects/{scene.project.ref}/agreement.pdf").status_code in (302, 303, 401)


def test_there_is_no_paper_before_there_is_a_text(scene, client_as):
    assert client_as(scene.staff).get(f"/projects/{scene.project.ref}/agreement.pdf").status_code == 404


def test_names_are_put_in_as_they_are(scene):
    """A name that looks like a placeholder is a name."""
    command(lambda: setattr(scene.project, "title", "{甲方} # 标题 {付款安排}"))()
    row = service.prepare(scene.staff, scene.project, TERMS)
    assert "{甲方} # 标题 {付款安排}" in text_of(row)


def _other_project(scene):
    from tests.projects.conftest import found

    application = make.awarded()
    assert clock.today() and scene.project.state is ProjectState.PREPARING
    return found(application, scene.staff)


@command
def _execute(statement) -> None:
    db.session.execute(statement)


def joint(project) -> None:
    make.add(
        ProjectPartner(project_id=project.id, seq=1, organisation_id=make.organisation(name="和邻物业治理社").id,
                       name="和邻物业治理社", work="负责业主征询。", share=40, amount_fen=20_000_00)
    )  # fmt: skip
    make.add(ProjectPartner(project_id=project.id, seq=2, name="青苗志愿队", work="入户走访"))
    db.session.expire_all()


def test_a_joint_project_names_its_partners_and_what_they_do(scene):
    joint(scene.project)
    row = service.prepare(scene.staff, scene.project, TERMS)
    code = scene.project.partners[0].organisation.uscc
    assert (
        f"联合承接方：和邻物业治理社（统一社会信用代码 {code}），负责业主征询，承担 40% 的工作，分得经费 20,000 元；"
        "青苗志愿队，入户走访。乙方为牵头方"
    ) in text_of(row)
    words = reading.text_of_word(word.write(papers.of(row)))
    assert words.count("联合承接方（盖章）") == 2
    alone = agreeing.fill(agreeing.newest(), make.project(), TERMS)
    assert "联合承接方" not in str(alone)


def test_partners_are_named_even_by_a_template_that_forgot_them(scene, new_template):
    joint(scene.project)
    newest = agreeing.newest()
    body = "\n".join(line for line in newest.body.split("\n") if "联合承接方" not in line)
    forgot = AgreementTemplate(number=newest.number + 1, title="旧模板", body=body)
    content = agreeing.fill(forgot, scene.project, TERMS)
    before = content[: next(n for n, block in enumerate(content) if block["kind"] == "heading")]
    assert "联合承接方：和邻物业治理社" in str(before)
