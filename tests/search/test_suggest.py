"""Corrections: same sound, one wrong character, pinyin, initials."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from matchhub.search.suggest import MAX_CANDIDATES, Learner, Suggester, SuggesterCache, known_terms, merged, terms_json
from matchhub.search.text import parse_query

WORDS = {
    "加梯": 9, "加装电梯": 9, "曹杨新村": 9, "停车": 20, "管理": 30, "社会组织": 9, "业委会": 9, "换届": 5,
    "飞线充电": 4, "老年人": 9, "垃圾分类": 6, "志愿者": 7, "电梯": 12, "矛盾": 3, "小区": 9, "旅游": 2, "绿化": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    return Suggester(terms_json(WORDS))


def first(suggester: Suggester, text: str) -> str | None:
    found = suggester.corrections(parse_query(text))
    return found[0].text if found else None


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("停车管里", "停车管理"),
        ("社会组职", "社会组织"),
        ("曹阳新村", "曹杨新村"),
        ("曹杨新存", "曹杨新村"),
        ("加装电题", "加装电梯"),
        ("夜委会", "业委会"),
        ("飞线冲电", "飞线充电"),
        ("拉圾分类", "垃圾分类"),
        ("自愿者", "志愿者"),
        ("小区停车毛盾", "小区停车矛盾"),
        ("jiati", "加梯"),
        ("jzdt", "加装电梯"),
        ("cyxc", "曹杨新村"),
        ("lvyou", "旅游"),
        ("tingcheguanli", "停车管理"),
        ("停车 社会组职", "停车 社会组织"),
        ("-停车 社会组职", "-停车 社会组织"),
        ('"社会组职"', '"社会组织"'),
    ],
)
def test_a_near_miss_is_put_right(suggester: Suggester, typed: str, wanted: str) -> None:
    assert first(suggester, typed) == wanted


@pytest.mark.parametrize("typed", ["停车", "停车管理", "xyzzyq", "甲乙丙丁", "12345", "", "!!!", "-停车管里", "龘"])
def test_nothing_is_offered_for_what_is_right_or_far_off(suggester: Suggester, typed: str) -> None:
    assert first(suggester, typed) is None


def test_the_number_of_candidates_is_bounded(suggester: Suggester) -> None:
    found = suggester.corrections(parse_query("停车管里 社会组职 曹阳新村 夜委会 飞线冲电 jiati " + "管里" * 12))
    assert 1 <= len(found) <= MAX_CANDIDATES


def test_new_words_are_added_and_known_ones_cost_nothing() -> None:
    content = terms_json({"电梯": 1})
    learner = Learner()
    assert learner.line(1, lambda: content, {"电梯": 5}) is None
    line = learner.line(1, lambda: pytest.fail("it is read again"), {"助餐": 1})
    assert line is not None
    grown = content + b"\n" + line
    learner.appended(2)
    assert known_terms(grown)["words"]["助餐"] == ["zhucan", "zc", 1]
    assert first(Suggester(grown), "zhucan") == "助餐"
    assert learner.line(2, lambda: pytest.fail("it is read again"), {"助餐": 1}) is None
    assert Suggester(merged(grown)).corrections(parse_query("zhucan")) == Suggester(grown).corrections(
        parse_query("zhucan")
    )


def test_a_line_that_was_not_written_is_learned_again() -> None:
    content, learner = terms_json({"电梯": 1}), Learner()
    assert learner.line(1, lambda: content, {"助餐": 1}) is not None
    assert learner.line(1, lambda: content, {"助餐": 1}) is not None


def test_a_line_that_a_crash_has_torn_off_is_left_out() -> None:
    content, learner = terms_json({"电梯": 1}), Learner()
    first_line, second = learner.line(1, lambda: content, {"助餐": 1}), learner.line(1, lambda: content, {"花园": 1})
    assert first_line is not None
    assert second is not None
    torn = b"\n".join((content, first_line[:20], second))
    assert sorted(known_terms(torn)["words"]) == ["电梯", "花园"]


def test_a_damaged_file_offers_nothing(tmp_path: Path) -> None:
    cache = SuggesterCache()
    assert cache.of_file(tmp_path / "terms.json") is None
    (tmp_path / "terms.json").write_bytes(b'{"words":')
    assert cache.of_file(tmp_path / "terms.json") is None
    (tmp_path / "terms.json").write_bytes(terms_json({"电梯": 1}))
    assert cache.of_file(tmp_path / "terms.json") is not None


def test_a_web_worker_does_not_import_pypinyin(tmp_path: Path) -> None:
    (tmp_path / "terms.json").write_bytes(terms_json(WORDS))
    program = (
        "import sys, pathlib; from matchhub.search.suggest import Suggester; from matchhub.search import open_index;"
        "from matchhub.search.text import parse_query;"
        "print(Suggester(pathlib.Path(sys.argv[1]).read_bytes()).corrections(parse_query('jiati'))[0].text);"
        "sys.exit('pypinyin' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "terms.json")],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "加梯"), done.stderr
