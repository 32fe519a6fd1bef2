"""Marks and snippets: nothing but `<mark>` ever becomes markup."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from matchhub.search import highlight, snippet


def test_marks_words_and_escapes_everything_else() -> None:
    assert highlight("<b>电梯</b> & 楼", ("电梯",)) == Markup("&lt;b&gt;<mark>电梯</mark>&lt;/b&gt; &amp; 楼")
    assert highlight("a<mark>b", ()) == Markup("a&lt;mark&gt;b")


def test_marks_the_original_spelling() -> None:
    assert highlight("業委會和ＡＢＣ", ("业委会", "abc")) == Markup("<mark>業委會</mark>和<mark>ＡＢＣ</mark>")
    assert highlight("㍿ABC①电梯", ("电梯",)) == Markup("㍿ABC①<mark>电梯</mark>")


def test_the_longest_word_wins_and_neighbours_are_one_mark() -> None:
    assert highlight("加装电梯", ("电梯", "加装电梯")) == Markup("<mark>加装电梯</mark>")
    assert highlight("停车管理", ("停车", "管理")) == Markup("<mark>停车管理</mark>")


def test_latin_words_are_marked_only_when_whole() -> None:
    assert highlight("smart art", ("art",)) == Markup("smart <mark>art</mark>")
    assert highlight("2024年", ("2024",)) == Markup("<mark>2024</mark>年")


def test_the_snippet_shows_the_best_place() -> None:
    text = "电梯。" + "无关文字" * 60 + "，这里说老人和电梯的事，" + "后文" * 60
    shown = snippet(text, ("老人", "电梯"))
    assert "<mark>老人</mark>和<mark>电梯</mark>" in shown
    assert shown.startswith("…这里说")
    assert shown.endswith("…")
    assert len(shown.replace("<mark>", "").replace("</mark>", "")) <= 82


def test_a_short_text_is_shown_whole_and_without_marks_the_beginning() -> None:
    assert snippet("电梯\n\n 到了", ("电梯",)) == Markup("<mark>电梯</mark> 到了")
    assert snippet("字" * 200, ("电梯",), 80) == Markup("字" * 80 + "…")
    assert snippet("", ("电梯",)) == Markup("")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=4), max_size=4))
def test_without_its_marks_the_text_is_the_escaped_original(text: str, marks: list[str]) -> None:
    shown = highlight(text, marks)
    assert isinstance(shown, Markup)
    assert str(shown).replace("<mark>", "").replace("</mark>", "") == str(escape(text))
    snippet(text, marks)
