"""The public notice as PDF: the page's words, its checksum and the way back; nothing that the page would hide."""

from __future__ import annotations

import pytest

from matchhub.core import clock
from matchhub.domain import noticing
from matchhub.domain.models import NeedState, NoticeKind, NoticeState, Role
from matchhub.features.notices import queries
from tests import factories as make
from tests.documents import reading
from tests.notices.test_public import ROWS


@pytest.fixture
def notice(app):
    return make.notice(
        title="“社区花园”拟立项公示", body="现予公示。", rows=ROWS, basis="评审编号 PS-2026-001",
        contact="服务中心，021-0000 0000", issuer="某某街道办事处", published_at=clock.now(),
    )  # fmt: skip


def printed(client, notice) -> str:
    answer = client.get(f"/notices/{notice.ref}.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    return reading.text_of_pdf(answer.data)


def test_anybody_can_take_a_published_notice_away(app, client_as, notice):
    text = printed(client_as(None), notice)
    for words in ("“社区花园”拟立项公示", notice.ref, "现予公示。", "公示期自", "评审编号PS-2026-001", "安阶加梯陪伴中心",
                  "159,741元", "和邻促进中心", "服务中心，021-00000000", "某某街道办事处", f"/notices/{notice.ref}"):  # fmt: skip
        assert words in text
    assert noticing.digest(notice) in text


def test_the_paper_says_when_objections_open_and_end_and_what_follows(app, client_as):
    need = make.need(NeedState.NOTICE)
    notice = make.notice(kind=NoticeKind.AWARD, need_id=need.id, published_at=clock.now())
    page, text = client_as(None).get(f"/notices/{notice.ref}").text, printed(client_as(None), notice)
    follows = noticing.what_follows(notice)
    for words in ("24:00 止", "之前和之后提交的不受理。", "个工作日内决定是否受理", "不公布提出人。", *follows):
        assert words in page and words.replace(" ", "") in text
    assert follows


def test_the_page_offers_the_paper_and_shows_the_same_checksum(app, client_as, notice):
    page = client_as(None).get(f"/notices/{notice.ref}").text
    assert f'href="/notices/{notice.ref}.pdf"' in page
    assert "PDF 文件" in page
    assert noticing.digest(notice) in page


def test_the_file_is_named_in_both_spellings_and_kept_by_nobody(app, client_as, notice):
    answer = client_as(None).get(f"/notices/{notice.ref}.pdf")
    told = answer.headers["Content-Disposition"]
    assert told.startswith(f"attachment; filename=\"{notice.ref}.pdf\"; filename*=UTF-8''%E5%85%AC%E7%A4%BA")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_another_word_in_a_notice_is_another_checksum(app, notice):
    before = noticing.digest(notice)
    other = make.notice(
        **{name: getattr(notice, name) for name in ("body", "rows", "basis", "published_at")}, title="别的"
    )
    assert noticing.digest(other) != before
    assert noticing.digest(notice) == before


@pytest.mark.parametrize("role", [None, Role.STREET_APPROVER])
def test_a_draft_is_on_no_paper(app, client_as, role):
    draft = make.notice(NoticeState.DRAFT)
    client = client_as(make.user(role) if role else None)
    assert client.get(f"/notices/{draft.ref}.pdf").status_code == 404


@pytest.mark.parametrize(
    ("state", "words"), [(NoticeState.AMENDED, "已更正"), (NoticeState.REVOKED, "这份公示已经撤销")]
)
def test_a_notice_that_no_longer_counts_says_so_on_its_paper(app, client_as, state, words):
    old = make.notice(state, published_at=clock.now(), outcome="名单有误")
    assert words in printed(client_as(None), old)


def test_while_it_runs_the_paper_says_nothing_of_objections(app, client_as, notice):
    make.objection(notice, name="钱居民", reason="去年的项目没有做完")
    text = printed(client_as(None), notice)
    assert "钱居民" not in text
    assert "收到异议" not in text
    assert queries.details(notice).objections is None
