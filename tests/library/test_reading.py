"""Files of entries: what is read, what is named, and that Word and Markdown mean the same."""

from __future__ import annotations

import io

import docx
import pytest

from matchhub.core.files import BadFile
from matchhub.features.library import importing, reading, service
from tests import factories as make


def drafts(text: str, name: str = "100问.md"):
    return reading.read(text.encode(), name)


@pytest.mark.parametrize(
    ("heading", "number", "title"),
    [
        ("12. 怎样加梯？", "12", "怎样加梯？"),
        ("第 3 问 停车", "3", "停车"),
        ("第007问：换届", "7", "换届"),
        ("zc-02、楼道堆物", "ZC-2", "楼道堆物"),
        ("１２．换届（备案）", "12", "换届（备案）"),
        ("7 加梯", "7", "加梯"),
        ("2026 年的安排", "", "2026 年的安排"),
        ("3 个步骤", "", "3 个步骤"),
        ("24小时服务", "", "24小时服务"),
        ("加梯流程 ##", "", "加梯流程"),
    ],
)
def test_a_heading_begins_with_its_number_or_has_none(app, heading, number, title):
    one = drafts(f"# 序\n前言\n\n## {heading}\n\n正文。\n").drafts[0]
    assert (one.number, one.title, one.text) == (number, title, "正文。")


def test_a_heading_inside_of_code_is_code(app):
    found = drafts("## 1. 甲\n```\n## 2. 乙\n```\n完。\n# 第二部分\n散文\n## 3. 丙\n丁").drafts
    assert [one.number for one in found] == ["1", "3"]
    assert "## 2. 乙" in found[0].text
    assert "散文" not in found[0].text + found[1].text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("## 1. 甲\n\n## 2. 乙\n好", "“1. 甲”没有导入：正文是空的。"),
        ("##\n文字\n## 2. 乙\n好", "“##”没有导入：标题是空的。"),
        (f"## {'长' * 121}\n字\n## 2. 乙\n好", f"“{'长' * 40}”没有导入：标题超过 120 个字。"),
        (f"## 1. 甲\n{'字' * 20_001}\n## 2. 乙\n好", "“1. 甲”没有导入：正文超过 20000 个字，请拆成几条。"),
        ("## 1. 甲\n类别：秘密\n字\n## 2. 乙\n好", "“1. 甲”没有导入：没有“秘密”这个类别。"),
        ("## 2. 乙\n好\n## 2. 丙\n字", "“2. 丙”没有导入：编号 2 在文件里用了两次。"),
    ],
)
def test_what_cannot_be_taken_in_is_named_and_the_rest_is_read(app, text, sentence):
    found = drafts(text)
    assert found.problems == [sentence]
    assert [one.title for one in found.drafts] == ["乙"]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.md", "空文件"),
        (b"\xff\xfe\x00\x01\x02", "a.md", "不是文本文件"),
        ("没有标题".encode(), "a.md", "没有二级标题"),
        (b"%PDF-1.4", "a.pdf", "格式不支持"),
        (b"PK\x03\x04 broken", "a.docx", "打不开"),
        (b"no word file", "a.docx", "打不开"),
        (b"x" * (reading.MOST_BYTES + 1), "a.md", "超过 5 MB"),
    ],
)
def test_a_broken_file_is_named(app, content, name, words):
    with pytest.raises(BadFile, match=words) as bad:
        reading.read(content, name)
    assert name in str(bad.value)


def test_a_file_in_the_old_chinese_encoding_is_read(app):
    assert reading.read("## 1. 楼道堆物\n请清理。".encode("gb18030"), "a.md").drafts[0].title == "楼道堆物"


def word_file() -> bytes:
    paper = docx.Document()
    paper.add_heading("知识库", 1)
    paper.add_heading("5. 停车协商", 2)
    paper.add_paragraph("类别：办事指南")
    paper.add_paragraph("先数*车位*，再<b>协商</b>。")
    paper.add_paragraph("1. 不是列表")
    paper.add_heading("怎么数", 3)
    paper.add_paragraph("晚上数", style="List Bullet")
    table = paper.add_table(2, 2)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"格|{number}"
    paper.add_heading("6. 空的", 2)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def test_in_a_word_file_each_heading_2_is_an_entry(app):
    from matchhub.core import markdown

    found = reading.read(word_file(), "问答.docx")
    assert found.problems == ["“6. 空的”没有导入：正文是空的。"]
    (one,) = found.drafts
    assert (one.number, one.title, reading.kind_code(one.kind)) == ("5", "停车协商", "guide")
    html = markdown.render(one.text)
    for part in (
        "先数*车位*，再&lt;b&gt;协商&lt;/b&gt;。",
        "<p>1. 不是列表</p>",
        "<h2>怎么数</h2>",
        "<li>晚上数</li>",
        "<td>格|3</td>",
    ):
        assert part in html


def test_a_page_takes_the_good_files_and_names_the_bad_one(app, client_as):
    client = client_as(make.staff())
    good, bad = ("## 1. 加梯流程\n先征询。".encode(), "好.md"), (b"PK", "坏.docx")
    files = [(io.BytesIO(content), name) for content, name in (good, bad)]
    answer = client.post("/staff/library/import", data={"files": files, "kind": "guide", "publish": "y"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "“坏.docx”打不开" in html
    assert "新增 1 条" in html
    assert "加梯流程" in client.get("/library").get_data(as_text=True)


def test_a_page_with_nothing_but_bad_files_is_refused(app, client_as):
    client = client_as(make.staff())
    answer = client.post("/staff/library/import", data={"files": [(io.BytesIO(b"x"), "坏.md")], "kind": "guide"})
    assert answer.status_code == 422
    answer = client.post("/staff/library/import", data={"kind": "guide"})
    assert answer.status_code == 422
    assert "请选择要导入的文件" in answer.get_data(as_text=True)


TEXT = "## 1. 加梯流程\n先征询。\n\n## 换届备案\n类别：办事指南\n三十天内。\n".encode()


def test_doing_it_twice_changes_nothing(app):
    from matchhub.core import ledger

    staff = make.staff()
    first = importing.take(staff, TEXT, "a.md", 10**6, publish=True)
    assert (first.made, first.published) == (2, 2)
    before = ledger.head()
    again = importing.take(staff, TEXT, "a.md", 10**6, publish=True)
    assert (again.made, again.changed, again.same, again.published) == (0, 0, 2, 0)
    assert ledger.head() == before


def test_a_known_number_gets_a_new_version_and_the_old_one_stays(app):
    staff = make.staff()
    importing.take(staff, TEXT, "a.md", 10**6, publish=True)
    report = importing.take(staff, TEXT.replace("先征询".encode(), "先协商".encode()), "a.md", 10**6, publish=True)
    assert (report.changed, report.same, report.published) == (1, 1, 1)
    entry = service._known("1")
    assert (entry.edition, entry.text) == (2, "先协商。")
    assert [row.text for row in entry.versions] == ["先协商。", "先征询。"]


def test_without_publish_the_public_reads_the_old_text(app):
    staff = make.staff()
    importing.take(staff, TEXT, "a.md", 10**6, publish=True)
    importing.take(staff, TEXT.replace("先征询".encode(), "先协商".encode()), "a.md", 10**6)
    entry = service._known("1")
    assert (entry.edition, entry.text, entry.working["text"]) == (1, "先征询。", "先协商。")
    importing.take(staff, TEXT, "a.md", 10**6)
    assert service._known("1").working is None


def test_a_withdrawn_entry_stays_withdrawn(app):
    staff = make.staff()
    importing.take(staff, TEXT, "a.md", 10**6, publish=True)
    service.withdraw(staff, service._known("1"), "做法已变", None)
    report = importing.take(staff, TEXT, "a.md", 10**6, publish=True)
    assert report.problems == ["“加梯流程”已经撤下，文字已更新，没有发布。"]
    assert service._known("1").state.value == "withdrawn"


def test_the_command_imports_and_publishes(app, tmp_path):
    good, bad = tmp_path / "a.md", tmp_path / "b.docx"
    good.write_bytes(TEXT)
    bad.write_bytes(b"PK")
    run = app.test_cli_runner()
    done = run.invoke(args=["library", "import", str(good), "--publish"])
    assert (done.exit_code, done.stdout) == (0, "a.md: 2 new, 0 changed, 0 unchanged, 2 published\n")
    both = run.invoke(args=["library", "import", str(bad), str(good), str(tmp_path / "none.md"), "--publish"])
    assert both.exit_code == 1
    assert "a.md: 0 new, 0 changed, 2 unchanged, 0 published" in both.stdout
    assert "“b.docx”打不开" in both.stderr
    assert run.invoke(args=["library", "import", str(good), "--kind", "x"]).exit_code == 1
    assert run.invoke(args=["library", "import", str(good), "--as", "nobody@example.org"]).exit_code == 1
