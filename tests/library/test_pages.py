"""The library's pages: who sees what, versions that stay, and texts that can do no harm."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from matchhub.core import markdown
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused, Stale
from matchhub.domain.models import LibraryEntry, LibraryState, LibraryVersion, Role
from matchhub.features.library import service
from matchhub.features.library.reading import Draft
from matchhub.search import site
from tests import factories as make

FIELDS = {"number": "8", "kind": "guide", "title": "停车协商怎么开", "text": "### 第一步\n\n数车位。"}


def text_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_from_the_draft_to_the_second_version_by_page(app, client_as, client):
    staff = client_as(make.staff())
    url = staff.post("/staff/library/new", data=FIELDS).headers["Location"]
    ref = url.rsplit("/", 1)[1]
    assert client.get(f"/library/{ref}").status_code == 404
    staff.post(f"{url}/publish", data={"version": "1"})
    assert "<h2>第一步</h2>" in text_of(client, f"/library/{ref}")
    answer = staff.post(f"{url}/edit", data=FIELDS | {"text": "改成线上协商。"})
    assert answer.status_code == 303
    assert "线上协商" not in text_of(client, f"/library/{ref}")
    assert "下面是还没有发布的修改" in text_of(staff, url)
    staff.post(f"{url}/renew")
    page = text_of(client, f"/library/{ref}")
    assert "改成线上协商" in page
    assert "第 2 版" in page
    old = text_of(client, f"/library/{ref}/versions/1")
    assert "数车位" in old
    assert "这是以前的版本" in old
    assert client.get(f"/library/{ref}/versions/3").status_code == 404


def test_the_preview_saves_nothing_and_keeps_what_was_typed(app, client_as):
    staff = client_as(make.staff())
    html = staff.post("/staff/library/new", data=FIELDS | {"preview": "1"}).get_data(as_text=True)
    assert "<h2>第一步</h2>" in html
    assert "停车协商怎么开" in html
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LibraryEntry)) == 0


def test_a_taken_number_is_refused_and_nothing_typed_is_lost(app, client_as):
    make.library_entry(number="8", title="已有的")
    answer = client_as(make.staff()).post("/staff/library/new", data=FIELDS)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "编号 8 已经是“已有的”的，请换一个。" in html
    assert "数车位。" in html
    answer = client_as(make.staff()).post("/staff/library/new", data=FIELDS | {"number": "八"})
    assert "编号请用数字" in answer.get_data(as_text=True)


def test_withdrawn_it_is_gone_and_published_again_it_is_back(app, client_as, client):
    entry = make.library_entry()
    staff = client_as(make.user(Role.CENTRE_STAFF))
    page = f"/staff/library/{entry.ref}/withdraw"
    assert staff.post(page, data={"reason": ""}).status_code == 422
    staff.post(page, data={"reason": "正在修订"})
    for path in (f"/library/{entry.ref}", f"/library/{entry.ref}/versions/1"):
        assert client.get(path).status_code == 404
    assert entry.title not in text_of(client, "/library")
    assert "正在修订" in text_of(staff, f"/staff/library/{entry.ref}")
    staff.post(f"/staff/library/{entry.ref}/restore")
    assert entry.title in text_of(client, "/library")
    assert db.session.get(LibraryEntry, entry.id).edition == 1, "the same text is the same version"


def test_only_the_office_writes(app, client_as):
    entry = make.library_entry(LibraryState.DRAFT)
    for role in (Role.ORG_ADMIN, Role.REVIEWER, Role.AUDITOR, Role.SYSADMIN):
        user = make.user(role)
        answer = client_as(user).post(f"/staff/library/{entry.ref}/publish", data={"version": "1"})
        assert answer.status_code in (403, 404)
        with pytest.raises(NotYours):
            service.move(user, entry, "publish", None)
        with pytest.raises(NotYours):
            service.edit(user, entry, Draft("", "别的", "别的", "guide"), None)
    assert client_as(make.user(Role.AUDITOR)).get(f"/staff/library/{entry.ref}").status_code == 200


def test_nothing_new_is_no_new_version_and_an_old_page_is_stale(app):
    staff, entry = make.staff(), make.library_entry()
    with pytest.raises(NotNow, match="内容和已发布的版本一样"):
        service.move(staff, entry, "renew", None)
    same = Draft(entry.number, entry.title, entry.text, entry.kind)
    assert service.edit(staff, entry, same, None) is False
    with pytest.raises(Stale):
        service.edit(staff, entry, same, entry.version + 1)
    empty = make.library_entry(LibraryState.DRAFT, text="")
    with pytest.raises(Refused, match="正文还没有写"):
        service.move(staff, empty, "publish", None)


@pytest.mark.parametrize(
    "deed",
    [
        lambda row: sa.update(LibraryVersion).values(text="改了"),
        lambda row: sa.delete(LibraryVersion),
        lambda row: sa.update(LibraryEntry).values(number="999"),
        lambda row: sa.update(LibraryEntry).values(edition=0),
    ],
)
def test_a_published_version_never_changes(app, deed):
    entry = make.library_entry()

    @command
    def change():
        db.session.execute(deed(entry))

    with pytest.raises(sa.exc.DatabaseError):
        change()
    assert db.session.scalar(sa.select(LibraryVersion.text)) == entry.text


def test_the_list_is_in_the_order_of_numbers_and_can_be_narrowed(app, client):
    for number, kind in (("10", "guide"), ("2", "question"), ("1", "policy")):
        make.library_entry(number=number, kind=kind, title=f"条目{number}号")
    page = text_of(client, "/library")
    places = [page.index(f"条目{number}号") for number in ("1", "2", "10")]
    assert places == sorted(places)
    page = text_of(client, "/library?kind=question")
    assert "条目2号" in page
    assert "条目10号" not in page
    assert "没有找到符合条件的条目" in text_of(client, "/library?q=没有的")


def test_a_long_list_is_paged_and_costs_no_more(app, client, count):
    make.library_entry()
    client.get("/library")
    few = count(lambda: client.get("/library"))
    for _one in range(24):
        make.library_entry()
    assert "page=2" in text_of(client, "/library")
    # Counting beyond the first page is one statement more.
    assert count(lambda: client.get("/library")) <= few + 1


# --- search ----------------------------------------------------------------------------------------------------------


def found(user, text):
    return [hit.ref for hit in site.search(user, text, kinds=("library",)).results]


def test_search_finds_what_is_published_and_nothing_else(app):
    public = make.library_entry(text="电动自行车充电请到充电棚。", title="充电棚怎么用",
                                working={"title": "金丝雀标题", "kind": "guide", "text": "金丝雀正文"})  # fmt: skip
    draft = make.library_entry(LibraryState.DRAFT, title="充电棚草稿", text="还在写的充电棚")
    gone = make.library_entry(LibraryState.WITHDRAWN, title="充电棚旧闻", text="撤下的充电棚")
    site.reindex()
    assert found(None, "充电棚") == [public.ref]
    assert set(found(make.staff(), "充电棚")) == {public.ref, draft.ref, gone.ref}
    for user in (None, make.staff()):
        assert found(user, "金丝雀") == []
    (hit,) = site.search(None, "充电棚").results
    assert hit.url == f"/library/{public.ref}"
    assert "<mark>" in hit.text


def test_the_search_page_has_its_facet(app, client):
    make.library_entry(title="充电棚怎么用")
    site.reindex()
    page = text_of(client, "/search?q=充电棚&kind=library")
    assert "知识库" in page
    assert "充电棚" in page


# --- what people write -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[点](javascript:alert(1))",
        "[点](JaVaScRiPt:alert(1))",
        "[点](java\tscript:alert(1))",
        "[点](&#106;avascript:alert(1))",
        "[点](data:text/html,<script>alert(1)</script>)",
        "[点](vbscript:x)",
        "[点](//evil.example)",
        "[点](/\\evil.example)",
        "[点](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "![图](https://evil.example/x.png)",
        "| a |\n|--:|\n| <b onclick=x>1</b> |",
        "`<script>`",
        "```\n</code><script>\n```",
        '[点](https://a.example "\\"><script>")',
    ],
)
def test_markdown_lets_no_script_and_no_foreign_picture_through(app, client, text):
    html = str(markdown.render(text))
    tags = ("<script", "<img", "<b ", " style=")
    links = ("java", "data:", "//", "/\\", "file", "vb")
    for bad in (*tags, *(f'href="{start}' for start in links)):
        assert bad not in html.lower()
    entry = make.library_entry(text=text)
    page = text_of(client, f"/library/{entry.ref}")
    assert html in page


def test_good_links_tables_and_headings_stay(app):
    html = markdown.render(
        "# 大\n\n### 小\n\n[甲](/needs) [乙](https://a.example/) <mailto:a@b.example>\n\n|a|b|\n|-|-:|\n|1|2|"
    )
    for part in ("<h2>大</h2>", "<h3>小</h3>", '<a href="/needs">', 'rel="noopener noreferrer nofollow"', 'href="mailto:a@b.example"',
                 '<td class="mh-num">2</td>'):  # fmt: skip
        assert part in html


@pytest.mark.parametrize(
    "text", ["[" * 20_000, "*a" * 10_000, "> " * 10_000, "`" * 20_000, "- " * 10_000, "[a](" * 5_000, "|a" * 10_000]
)
def test_a_hostile_text_is_rendered_in_time(text):
    began = time.process_time()
    markdown.render(text)
    assert time.process_time() - began < 2


def test_the_lines_under_a_title_leave_headings_and_tables_out(app):
    entry = make.library_entry(text="### 步骤\n\n|a|b|\n|-|-|\n|甲|乙|\n\n先**征询**。\n再设计。")
    assert entry.summary == "先征询。 再设计。"
    assert markdown.plain(entry.text) == "步骤 a b 甲 乙 先征询。 再设计。"
    assert make.library_entry(text="长" * 500).summary == "长" * 120 + "…"
