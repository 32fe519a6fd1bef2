"""What stands in a public file leads to its record; what stands in any other file is nowhere."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core import outbox
from matchhub.core.db import command, db
from matchhub.domain import lifecycle
from matchhub.domain.models import Attachment, EventState, FileText, NeedState, NoticeState, ProjectState
from matchhub.search import file_texts, site
from matchhub.search.documents import everything
from tests import factories as make
from tests.search import papers
from tests.search.conftest import mark

pytestmark = pytest.mark.usefixtures("engine")
CANARY = "青鸾白泽"


def refs(text, user=None):
    return [result.ref for result in site.search(user, text).results]


def test_a_word_in_each_kind_of_file_leads_to_its_need_and_says_where(app):
    need = make.need(title="老楼改造")
    papers.kept(app, need, "need", "分摊表.xlsx", papers.xlsx_of(["楼层", "系数"], ["六层", "一点三"]))
    papers.kept(app, need, "need", "办法.docx", papers.docx_of("费用由业主按分摊系数承担，先收预缴款。"))
    papers.kept(app, need, "need", "图纸说明.pdf", papers.pdf_of("井道采用钢结构玻璃幕墙。"))
    mark(need)
    outbox.drain()
    for typed, name in (("一点三", "分摊表.xlsx"), ("预缴款", "办法.docx"), ("玻璃幕墙", "图纸说明.pdf")):
        (found,) = site.search(None, typed).results
        assert (found.ref, [file.name.striptags() for file in found.files]) == (need.ref, [name])
        assert f"<mark>{typed}</mark>" in found.files[0].text


def test_a_file_is_named_only_when_the_record_itself_does_not_say_it(app):
    need = make.need(title="井道改造")
    papers.kept(app, need, "need", "说明.docx", papers.docx_of("井道与机房"))
    mark(need)
    outbox.drain()
    assert site.search(None, "井道").results[0].files == ()
    assert len(site.search(None, "井道 机房").results[0].files) == 1


def test_the_name_of_a_file_is_found(app):
    notice = make.notice()
    papers.kept(app, notice, "notice", "评分明细表.xlsx", papers.xlsx_of(["甲"]))
    mark(notice)
    outbox.drain()
    assert refs("评分明细") == [notice.ref]
    assert "<mark>评分明细</mark>" in site.search(None, "评分明细").results[0].files[0].name


def test_the_words_come_with_the_indexer_and_never_in_the_deed(app, monkeypatch):
    need = make.need(title="老楼改造")
    papers.kept(app, need, "need", "说明.docx", papers.docx_of("玻璃幕墙"))
    monkeypatch.setattr(file_texts, "_read", lambda *_: pytest.fail("a deed reads a file"))
    mark(need)
    assert refs("玻璃幕墙") == []
    monkeypatch.undo()
    outbox.drain()
    assert refs("玻璃幕墙") == [need.ref]


def test_a_file_that_is_taken_away_is_no_longer_found(app):
    need = make.need(title="老楼改造")
    file = papers.kept(app, need, "need", "说明.docx", papers.docx_of("玻璃幕墙"))
    mark(need)
    outbox.drain()
    db.session.delete(db.session.get(Attachment, file.id))
    db.session.commit()
    mark(need)
    outbox.drain()
    assert refs("玻璃幕墙") == []
    site.reconcile()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FileText)) == 0


def test_files_of_events_are_found_as_far_as_they_are_public(app):
    event = make.event(EventState.PUBLISHED)
    item = make.presentation(event)
    papers.kept(app, event, "event_public", "流程.docx", papers.docx_of("签到桌在大厅"))
    papers.kept(app, event, "event_inside", "内部.docx", papers.docx_of(CANARY))
    papers.kept(app, item, "event_slides", "陈述.pdf", papers.pdf_of("五点半客厅的做法"))
    mark(event)
    outbox.drain()
    assert refs("签到桌") == refs("五点半客厅") == [event.ref]
    assert refs(CANARY) == []


def test_slides_of_a_roadshow_stay_out_for_who_presented_may_become_secret_again(app):
    event = make.event(EventState.PUBLISHED, need=make.need(NeedState.MATCHED))
    papers.kept(app, make.presentation(event), "event_slides", "陈述.docx", papers.docx_of(CANARY))
    mark(event)
    outbox.drain()
    assert refs(CANARY, make.staff()) == []


@command
def _touch_all(*rows):
    for row in rows:
        lifecycle.touch(row)


def test_no_other_file_is_ever_read_or_indexed(app):
    draft, hidden = make.need(NeedState.DRAFT), make.notice(NoticeState.DRAFT)
    project = make.project(ProjectState.ACTIVE)
    held = [(draft, "need"), (hidden, "notice"), (project, "agreement"), (make.activity(project), "photo"),
            (make.organisation(), "certificate"), (make.report(project=project), "voucher"),
            (make.application(), "proof"), (make.event(EventState.PLANNED), "event_public")]  # fmt: skip
    for number, (subject, purpose) in enumerate(held):
        papers.kept(app, subject, purpose, f"{CANARY}{number}.docx", papers.docx_of(f"{CANARY}的秘密"))
    secret = make.need()
    papers.kept(app, secret, "need", "x.docx", papers.docx_of(CANARY),
                secret={"name": f"{CANARY}.docx", "sha256": "0" * 64, "key": "00"})  # fmt: skip
    _touch_all(draft, hidden, project, secret, make.staff().organisation or project)
    outbox.drain()
    site.reindex()
    for user in (None, make.staff(), make.org_admin()):
        answer = site.search(user, CANARY)
        assert (answer.total, answer.results, answer.corrected) == (0, [], None)
    assert not any(CANARY in f"{doc.body}{doc.attached}" for doc in everything())
    assert not db.session.scalars(sa.select(FileText)).all()


def test_a_broken_file_is_named_and_the_rest_is_indexed(app, client_as, caplog):
    from matchhub.domain.models import Role

    need = make.need(title="老楼改造")
    papers.kept(app, need, "need", "坏了.pdf", b"%PDF-1.4 torn")
    papers.kept(app, need, "need", "说明.docx", papers.docx_of("玻璃幕墙"))
    papers.kept(app, need, "need", "上锁.pdf", papers.locked_pdf("看不到"))
    make.paper(need, "need", name="丢失.pdf", sha256="f" * 64)
    mark(need)
    outbox.drain()
    assert refs("玻璃幕墙") == refs("老楼") == [need.ref]
    assert [(one.name, one.problem) for one in file_texts.unread()] == [
        ("上锁.pdf", "encrypted"), ("丢失.pdf", "missing"), ("坏了.pdf", "broken"),
    ]  # fmt: skip
    assert "坏了.pdf" in caplog.text
    page = client_as(make.user(Role.SYSADMIN)).get("/admin/health").text
    assert "坏了.pdf" in page
    assert "请取消密码后再上传" in page
    printed = app.test_cli_runner().invoke(args=["search-doctor"]).output
    assert "坏了.pdf: its text is not searched, or not all of it (broken)" in printed


def test_equal_files_are_read_once(app, monkeypatch):
    calls = []
    real = file_texts._read
    monkeypatch.setattr(file_texts, "_read", lambda *given: (calls.append(given), real(*given))[1])
    needs = [make.need(title=f"老楼改造{n}") for n in range(3)]
    for need in needs:
        papers.kept(app, need, "need", "说明.docx", papers.docx_of("玻璃幕墙"))
    mark(*needs)
    outbox.drain()
    site.reindex()
    assert len(calls) == 1
    assert len(refs("玻璃幕墙")) == 3
