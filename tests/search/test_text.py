"""Folding, the query parser, grams, words and synonyms."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import Style, pinyin

from matchhub.search.hant import SIMPLIFIED
from matchhub.search.text import (
    MAX_QUERY_CHARACTERS,
    Analyzer,
    Clause,
    fold,
    fold_document,
    grams,
    needed_grams,
    parse_query,
    phrase_pattern,
    pieces,
    spine,
)

REFERENCE = Path(__file__).parents[2] / "seed" / "reference"


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("業主委員會", "业主委员会"),
        ("加裝電梯", "加装电梯"),
        ("电\u200b梯", "电梯"),
        ("电\x00梯", "电 梯"),
        ("\ud800", " "),
        ("①", "1"),
    ],
)
def test_fold_makes_spellings_equal(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_every_simplified_character_sounds_like_its_traditional_form() -> None:
    for number, simple in SIMPLIFIED.items():
        sounds = [set(pinyin(each, style=Style.NORMAL, heteronym=True)[0]) for each in (chr(number), simple)]
        assert sounds[0] & sounds[1], (chr(number), simple)
        assert ord(simple) not in SIMPLIFIED


@pytest.mark.parametrize(
    ("typed", "clauses"),
    [
        ("电梯 老人", (Clause("电梯"), Clause("老人"))),
        ("电梯\u3000老人", (Clause("电梯"), Clause("老人"))),
        ('"加装 电梯"', (Clause("加装 电梯", phrase=True),)),
        ("“加装电梯”补贴", (Clause("加装电梯", phrase=True), Clause("补贴"))),
        ("「换届」", (Clause("换届", phrase=True),)),
        ("老人 -电梯", (Clause("老人"), Clause("电梯", negative=True))),
        ("老人 －电梯", (Clause("老人"), Clause("电梯", negative=True))),
        ('-"加装电梯"', (Clause("加装电梯", phrase=True, negative=True),)),
        ("2024-2025", (Clause("2024-2025"),)),
        ('"没有关上', (Clause('"没有关上'),)),
        ("电梯 电梯", (Clause("电梯"),)),
        ("", ()),
    ],
)
def test_parse_query(typed: str, clauses: tuple[Clause, ...]) -> None:
    parsed = parse_query(typed)
    assert (parsed.clauses, parsed.ignored) == (clauses, ())


def test_what_cannot_be_used_is_named() -> None:
    assert parse_query("电梯 !!! - ？").ignored == ("!!!", "-", "?")
    assert parse_query("!!!").empty is False
    assert parse_query(" \x00\t").empty is True
    cut = parse_query("梯" * MAX_QUERY_CHARACTERS + "尾巴")
    assert cut.ignored == ("尾巴",)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_the_parser_and_the_plan_never_raise(text: str) -> None:
    analyzer = ANALYZER
    parsed = parse_query(text)
    plan = analyzer.plan(parsed)
    assert all(need.grams for need in plan.required + plan.excluded)
    assert sum(len(clause.text) for clause in parsed.clauses) <= MAX_QUERY_CHARACTERS
    analyzer.marks(parsed)


ANALYZER = Analyzer(["加梯"], [["加梯", "加装电梯"]])


def test_pieces_and_grams() -> None:
    assert pieces("86,000元的abc123、2024年") == ["86000", "元的", "abc123", "2024", "年"]
    assert list(grams("加电梯")) == ["加", "电", "梯", "加电", "电梯"]
    assert list(grams("abc123")) == ["abc", "123", "abc123"]
    assert needed_grams("梯") == ("梯",)
    assert needed_grams("电梯") == ("电梯",)
    assert needed_grams("业委会") == ("业委", "委会")
    assert needed_grams("ai助手") == ("ai", "助手")
    assert [len(each) for each in pieces("x" * 10_000)] == [64]


def test_whatever_a_question_needs_is_indexed() -> None:
    for text in ("小区停车矛盾调解", "abc123", "加装电梯 86,000元", "〇号楼", "𠮷野家"):
        indexed = {gram for piece in pieces(fold(text)) for gram in grams(piece)}
        for piece in pieces(fold(text)):
            for start in range(len(piece) if piece[0] > "z" else 1):
                assert set(needed_grams(piece[start:])) <= indexed


def test_wrapped_lines_are_joined_but_paragraphs_are_not() -> None:
    assert fold_document("加装\n电梯") == "加装电梯"
    assert "装电" not in fold_document("加装\n\n电梯")


def test_words_of_the_site_are_kept_whole(analyzer: Analyzer) -> None:
    assert analyzer.cut("曹杨新村业委会加梯飞线充电") == ["曹杨新村", "业委会", "加梯", "飞线充电"]
    assert analyzer.cut("小区停车，矛盾!abc") == ["小区", "停车", "矛盾", "abc"]


def test_synonyms_work_in_both_directions_and_inside_a_run(analyzer: Analyzer) -> None:
    (need,) = analyzer.plan(parse_query("加裝電梯")).required
    assert need.synonyms == (("加梯",),)
    needs = analyzer.plan(parse_query("曹杨新村加梯")).required
    assert [need.word for need in needs] == ["曹杨新村", "加梯"]
    assert needs[1].synonyms == (("加装", "装电", "电梯"),)


def test_a_quoted_or_excluded_word_has_no_synonyms(analyzer: Analyzer) -> None:
    plan = analyzer.plan(parse_query('"加梯" -业委会'))
    assert plan.required[0].synonyms == ()
    assert plan.excluded[0].word == "业委会"


def test_marks_leave_out_particles_but_not_what_was_asked_for(analyzer: Analyzer) -> None:
    assert analyzer.marks(parse_query("停车的矛盾")) == ("停车的矛盾", "停车", "矛盾")
    assert analyzer.marks(parse_query("梯")) == ("梯",)
    assert analyzer.marks(parse_query('老人 "加 梯" -电梯')) == ("老人", "加梯", "老年人")


def test_phrases_respect_the_edges_of_latin_words() -> None:
    assert phrase_pattern("art 展").search(spine("art，展"))
    assert not phrase_pattern("art 展").search(spine("smart 展"))
    assert phrase_pattern("加装 电梯").search(spine("老楼加装电梯"))
    assert not phrase_pattern("加装电梯").search(spine("加装。电梯"))


def test_the_reference_lists_are_sound() -> None:
    with (REFERENCE / "words.csv").open(encoding="utf-8", newline="") as file:
        words = [row[0] for row in csv.reader(file)]
    with (REFERENCE / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        groups = list(csv.reader(file))
    assert len(words) == len(set(words))
    assert all(fold(word) == word.strip() == word for word in [*words, *(each for group in groups for each in group)])
    assert all(len(group) == len(set(group)) >= 2 for group in groups)
    analyzer = Analyzer(words, groups)
    assert all(analyzer.cut(word) == [word] for word in analyzer.site_words)
