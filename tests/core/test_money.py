"""Laws of money: what people type becomes whole fen, and fen become what people read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.core.money import MAX_FEN, MoneyError, MoneyProblem, capital, parse_yuan, yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("86000", 8_600_000),
        ("86,000", 8_600_000),
        ("86 000", 8_600_000),
        ("86，000", 8_600_000),
        ("８６０００", 8_600_000),
        ("86000.5", 8_600_050),
        ("86000.05", 8_600_005),
        ("86000.500", 8_600_050),
        ("8.6万", 8_600_000),
        ("8.6 万元", 8_600_000),
        ("0.000001万", 1),
        ("¥ 1,086,000.00", 108_600_000),
        ("￥12元", 1_200),
        (" 0 ", 0),
        ("007", 700),
        ("99,999,999.99", MAX_FEN),
    ],
)
def test_common_ways_of_writing_an_amount_are_read(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", MoneyProblem.empty),
        (" 　", MoneyProblem.empty),
        ("八万", MoneyProblem.not_number),
        ("8,6", MoneyProblem.not_number),
        ("8,6000", MoneyProblem.not_number),
        ("1e5", MoneyProblem.not_number),
        ("12.", MoneyProblem.not_number),
        (".5", MoneyProblem.not_number),
        ("1.2.3", MoneyProblem.not_number),
        ("元", MoneyProblem.not_number),
        ("٣", MoneyProblem.not_number),
        ("-", MoneyProblem.not_number),
        ("-5", MoneyProblem.negative),
        ("－5", MoneyProblem.negative),
        ("−5", MoneyProblem.negative),
        ("¥-5", MoneyProblem.negative),
        ("86000.555", MoneyProblem.too_many_decimals),
        ("0.0000001万", MoneyProblem.too_many_decimals),
        ("100000000", MoneyProblem.too_large),
        ("1万万", MoneyProblem.not_number),
        ("10000万", MoneyProblem.too_large),
        ("9" * 6000, MoneyProblem.too_large),
    ],
)
def test_an_unreadable_amount_says_what_is_wrong(text, code):
    with pytest.raises(MoneyError) as caught:
        parse_yuan(text)
    assert caught.value.code is code


@given(st.integers(0, MAX_FEN))
def test_what_is_shown_in_yuan_can_be_typed_back(fen):
    assert parse_yuan(yuan(fen)) == fen


@given(st.text())
def test_any_text_gives_an_amount_in_range_or_a_known_problem(text):
    try:
        assert 0 <= parse_yuan(text) <= MAX_FEN
    except MoneyError as problem:
        assert problem.code in MoneyProblem


def test_yuan_shows_decimals_only_when_there_are_any():
    assert yuan(8_600_000) == "86,000"
    assert yuan(8_600_050) == "86,000.50"
    assert yuan(5) == "0.05"
    assert yuan(0) == "0"
    assert yuan(-8_600_050) == "-86,000.50"


@pytest.mark.parametrize(
    ("amount_fen", "words"),
    [
        (0, "零元整"),
        (8_600_000, "捌万陆仟元整"),
        (1_000, "壹拾元整"),
        (1_000_000, "壹万元整"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (50, "伍角整"),
        (5, "伍分"),
        (11_000_00, "壹万壹仟元整"),
        (10_010_00, "壹万零壹拾元整"),
        (10_100_00, "壹万零壹佰元整"),
        (1_001_001_00, "壹佰万壹仟零壹元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (100_001_000_00, "壹亿零壹仟元整"),
        (100_010_000_00, "壹亿零壹万元整"),
        (1_020_304_050_00, "壹拾亿贰仟零叁拾万肆仟零伍拾元整"),
        (99_999_999_999_999, "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_capitals_follow_the_rules_for_zeros(amount_fen, words):
    assert capital(amount_fen) == words


def read_capital(text: str) -> int:
    """Fen from capitals, read left to right: an independent way back."""
    total = section = digit = 0
    for sign in text.removesuffix("整"):
        if sign in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(sign)
            continue
        size = {"拾": 10, "佰": 100, "仟": 1000}.get(sign)
        if size:
            section += digit * size
        elif sign in "亿万元":
            total += (section + digit) * {"亿": 10**10, "万": 10**6, "元": 100}[sign]
            section = 0
        else:
            total += digit * {"角": 10, "分": 1}[sign]
        digit = 0
    return total


@given(st.integers(0, 10**14 - 1))
def test_capitals_read_back_to_the_same_amount_and_never_double_a_zero(fen):
    words = capital(fen)
    assert read_capital(words) == fen
    assert "零零" not in words
    assert not words.endswith("零")


@pytest.mark.parametrize("fen", [-1, 10**14])
def test_capitals_are_refused_outside_their_range(fen):
    with pytest.raises(ValueError, match="capitals"):
        capital(fen)
