"""Every engine: what is found and in which order, who may find it, and which questions it survives."""

from __future__ import annotations

import datetime as dt
import gc
import itertools
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matchhub.core import clock
from matchhub.search import SearchDoc, SearchIndex, SearchPage, SearchQuery, open_index
from matchhub.search.text import Analyzer

Ask = Callable[..., SearchPage]
Make = Callable[[Analyzer], SearchIndex]
STAFF = frozenset({"public", "staff"})
NOON = dt.datetime(2026, 3, 1, 4)


def doc(key: str, title: str = "", **more: object) -> SearchDoc:
    """A public need; anything can be overridden."""
    return SearchDoc(**{"key": key, "kind": "need", "title": title, "visibility": "public", **more})  # type: ignore[arg-type]


def keys(page: SearchPage) -> list[str]:
    return [hit.key for hit in page.hits]


# What is found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("电梯", ["a"]),
        ("梯", ["a", "c"]),
        ("换届", ["b"]),
        ("老人", ["a", "b"]),  # once as written, once through 老年人
        ("加梯", ["a"]),
        ("業主委員會", ["b"]),
        ("史信彪", ["b"]),  # a name that no dictionary has
        ("信彪", ["b"]),
        ("市民中心", ["c"]),  # cut as 上海市|民中心 or 上海|市民|中心: found whichever way
        ("海市", ["c"]),
        ("86000", ["a"]),
        ("８６,０００", ["a"]),
        ("abc123", ["c"]),
        ("ABC", ["c"]),
        ("小区加装电梯", ["a"]),
        ("小区 电梯 -老人", []),
        ("小区 电梯 -换届", ["a"]),
        ('"业主换届"', []),
        ('"换届选举"', ["b"]),
        ("“小区加装电梯”", ["a"]),
        ('"区加装电"', ["a"]),
        ("XQ-2026-0012", ["a"]),
        ("电梯 !!!", ["a"]),
        ("!!!", []),
        ("", ["a", "b", "c"]),
        ("   ", ["a", "b", "c"]),
        ("-电梯", ["b", "c"]),
        ("电梯换届", []),
    ],
)
def test_finds_what_is_typed(index: SearchIndex, ask: Ask, typed: str, found: list[str]) -> None:
    index.rebuild([
        doc("a", "小区加装电梯", ref="XQ-2026-0012", summary="为老人上下楼", body="预算 86,000 元"),
        doc("b", "业委会换届选举", body="请史信彪老师为老年人讲解，业主关心换届"),
        doc("c", "上海市民中心的楼梯", body="联系 abc123"),
    ])  # fmt: skip
    page = ask(typed)
    assert sorted(keys(page)) == found
    assert page.total == len(found)


def test_what_could_not_be_used_is_reported(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("a", "电梯")])
    assert ask("电梯 !!!").ignored == ("!!!",)
    assert ask("!!!").ignored == ("!!!",)


def test_a_phrase_never_reaches_from_the_title_into_the_summary(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("a", "老楼加装", summary="电梯故事")])
    assert keys(ask('"加装电梯"')) == []
    assert keys(ask('"电梯故事"')) == ["a"]


def test_a_long_phrase_is_read_in_the_text(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("scattered", body="业委，委会"), doc("real", body="业委会")])
    assert keys(ask('"业委会"')) == ["real"]
    assert keys(ask('委会 -"业委会"')) == ["scattered"]


def test_a_new_word_needs_no_new_index(make_index: Make) -> None:
    make_index(Analyzer()).rebuild([doc("a", "请睦邻坊来加梯"), doc("b", "加装电梯")])
    later = make_index(Analyzer(["睦邻坊"], [["加梯", "加装电梯"]]))
    assert keys(later.search(SearchQuery("睦邻坊", frozenset({"public"})))) == ["a"]
    assert later.search(SearchQuery("加梯", frozenset({"public"}))).total == 2


# When nothing has all the words


def test_some_of_the_words_find_what_has_most_of_them_and_unknown_ones_are_named(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([
        doc("both", "小区电梯", body="改造"), doc("one", "电梯"), doc("none", "花园"),
        doc("sealed", "龙卷风电梯小区", visibility="staff"), doc("with", "电梯小区停车"),
    ])  # fmt: skip
    assert ask("小区 电梯 龙卷风 -停车").total == 0
    page = ask("小区 电梯 龙卷风 -停车", match="some")
    assert (keys(page), page.partial, page.unknown) == (["both", "one"], True, ("龙卷风",))
    assert page.words == ("小区", "电梯", "龙卷风")
    assert ask("小区 电梯 龙卷风", match="some", labels=STAFF).unknown == ()


def test_some_of_the_words_obey_filters_and_count_facets_of_what_they_find(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([
        doc("a", "电梯", facets={"year": "2025"}), doc("b", "换届", facets={"year": "2026"}), doc("c", "花园"),
        doc("s", "电梯换届", facets={"year": "2027"}, visibility="staff"),
    ])  # fmt: skip
    page = ask("电梯 换届", match="some")
    assert (sorted(keys(page)), page.facets["year"]) == (["a", "b"], {"2025": 1, "2026": 1})
    assert keys(ask("电梯 换届", match="some", filters={"year": "2026"})) == ["b"]


def test_single_characters_beside_words_do_not_find_everything(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("a", "电梯的事"), doc("b", "别的事")])
    page = ask("电梯 的 龙卷风", match="some")
    assert (keys(page), page.words) == (["a"], ("电梯", "的", "龙卷风"))


def test_a_phrase_that_nothing_has_does_not_count(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("a", "业委，委会"), doc("b", "换届")])
    page = ask('"业委会" 换届', match="some")
    assert (keys(page), page.unknown) == (["b"], ("业委会",))


# In which order


def test_title_over_summary_over_body_however_often_it_is_repeated(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([
        doc("body", "其他", body="电梯" * 200),
        doc("summary", "其他", summary="说到电梯"),
        doc("title", "这是一个相当长的标题，里面只有一次提到电梯这个词，别的都与它没有关系"),
        doc("short", "电梯"),
    ])  # fmt: skip
    assert keys(ask("电梯")) == ["short", "title", "summary", "body"]


def test_exact_over_synonym(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("synonym", "加装电梯的事"), doc("exact", "加梯的几件事")])
    assert keys(ask("加梯")) == ["exact", "synonym"]
    assert keys(ask("加装电梯")) == ["synonym", "exact"]


def test_words_that_stand_together_come_first(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("apart", body="矛盾在小区里，停车"), doc("together", body="小区停车矛盾，各位")])
    assert keys(ask("小区停车矛盾")) == ["together", "apart"]


def test_closeness_does_not_outrank_the_title_where_every_document_has_the_words(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("title", "停车，小区")] + [doc(f"body{i}", body="小区停车") for i in range(30)])
    assert keys(ask("小区停车"))[0] == "title"


def test_open_before_closed_and_newer_before_older_at_equal_relevance(index: SearchIndex, ask: Ask) -> None:
    day = dt.date(2026, 1, 1)
    index.rebuild([
        doc("old", "电梯", date=day),
        doc("new", "电梯", date=day + dt.timedelta(days=9)),
        doc("open", "电梯", date=day, open=True),
        doc("passed", "电梯", date=day, open=True, deadline=NOON - dt.timedelta(seconds=1)),
        doc("undated", "电梯"),
    ])  # fmt: skip
    assert keys(ask("电梯", now=NOON)) == ["open", "new", "old", "passed", "undated"]
    assert keys(ask("", now=NOON)) == ["open", "new", "old", "passed", "undated"]


def test_a_hair_of_relevance_does_not_outrank_an_open_call(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("closed", "电梯" + "长" * 20), doc("open", "电梯" + "长" * 22, open=True), doc("best", "电梯")])
    assert keys(ask("电梯")) == ["best", "open", "closed"]


def test_sorting_by_date_and_by_deadline(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([
        doc("none", date=dt.date(2026, 1, 3)),
        doc("soon", date=dt.date(2026, 1, 1), deadline=dt.date(2026, 3, 1)),
        doc("later", date=dt.date(2026, 1, 2), deadline=NOON + dt.timedelta(days=9)),
        doc("passed", date=dt.date(2026, 1, 4), deadline=dt.date(2026, 2, 28)),
    ])  # fmt: skip
    assert keys(ask(sort="date")) == ["passed", "none", "later", "soon"]
    # A plain deadline lasts until the end of that day in Shanghai; noon is long before it.
    assert keys(ask(sort="deadline", now=NOON)) == ["soon", "later", "none", "passed"]


def test_the_clock_of_the_house_decides_what_has_passed(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("a", deadline=NOON), doc("b", deadline=NOON + dt.timedelta(days=1))])
    with clock.stopped(NOON + dt.timedelta(hours=1)):
        assert keys(ask(sort="deadline")) == ["b", "a"]


def test_pages_are_bounded_and_complete(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc(f"k{i:02}", "电梯") for i in range(25)])
    pages = [keys(ask("电梯", page=page, size=10)) for page in (1, 2, 3, 4)]
    assert list(map(len, pages)) == [10, 10, 5, 0]
    assert len(set(itertools.chain(*pages))) == 25
    assert len(keys(ask("电梯", page=-3, size=0))) == 1
    assert ask("电梯", size=10_000).size == 100


# Filters and facets


def test_a_facet_is_counted_without_its_own_filter(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([
        doc("a", "电梯", facets={"field": ("为老", "治理"), "year": "2025"}),
        doc("b", "电梯", facets={"field": "治理", "year": "2026"}),
        doc("c", "电梯", kind="notice", facets={"field": "", "year": "2026"}),
        doc("d", "别的", facets={"field": "治理", "year": "2026"}),
    ])  # fmt: skip
    page = ask("电梯", filters={"field": ["治理"]})
    assert sorted(keys(page)) == ["a", "b"]
    assert page.facets == {"field": {"治理": 2, "为老": 1}, "year": {"2025": 1, "2026": 1}, "kind": {"need": 2}}
    page = ask("电梯", filters={"year": "2026", "field": ()}, kinds=("need",))
    assert keys(page) == ["b"]
    assert page.facets["kind"] == {"need": 1, "notice": 1}
    assert page.facets["year"] == {"2025": 1, "2026": 1}
    assert ask("电梯", filters={"field": "没有"}).total == 0
    assert ask("电梯", filters={"unknown": "x"}).total == 0


# Who may find it


def canaries() -> list[SearchDoc]:
    """A sealed document whose every word, facet and label is nowhere else, and a public one."""
    sealed = {"summary": "青鸾计划", "body": "白泽青鸾 canary 电梯", "facets": {"field": "绝密", "org": "隐会"}}
    return [doc("sealed", "白泽行动", kind="draft", visibility=("staff", "org:7"), open=True, **sealed),
            doc("public", "电梯", facets={"field": "为老"})]  # fmt: skip


@pytest.mark.parametrize(
    "typed", ["白泽", "泽", "青鸾计划", "canary", '"白泽行动"', "电梯", "", "-电梯", "白择", "baize", "bz"]
)
def test_a_visitor_learns_nothing_of_a_sealed_document(index: SearchIndex, ask: Ask, typed: str) -> None:
    index.rebuild(canaries())
    page = ask(typed)
    assert set(keys(page)) <= {"public"}
    assert page.total == len(page.hits)
    assert page.facets in ({}, {"field": {"为老": 1}, "kind": {"need": 1}})
    assert page.corrected is None
    for filters in ({"field": "绝密"}, {"org": "隐会"}):
        assert ask(typed, filters=filters).total == 0
        assert "绝密" not in str(ask(typed, filters=filters).facets)


def test_those_who_may_see_it_find_it_with_its_correction(index: SearchIndex, ask: Ask) -> None:
    index.rebuild(canaries())
    for labels in (STAFF, frozenset({"org:7"})):
        assert keys(ask("白泽", labels=labels)) == ["sealed"]
        assert ask("baize", labels=labels).corrected == "白泽"
    assert ask("电梯", labels=STAFF).facets["field"] == {"为老": 1, "绝密": 1}
    assert ask("", labels=frozenset()).total == 0
    assert ask("", labels=frozenset({"org:8"})).total == 0


def test_a_document_without_label_is_found_by_nobody(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("a", "电梯", visibility=())])
    assert ask("电梯", labels=STAFF | {"", "None"}).total == 0


def test_a_sealed_word_is_not_offered_because_its_pairs_are_public(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("sealed", "向日葵", visibility="staff"), doc("public", "向日，日葵")])
    assert ask("xiangrikui", labels=STAFF).corrected == "向日葵"
    assert ask("xiangrikui").corrected is None


def test_withdrawing_takes_effect_with_the_commit_also_in_corrections(index: SearchIndex, ask: Ask) -> None:
    index.rebuild(canaries())
    assert ask("baize", labels=STAFF).corrected == "白泽"
    index.apply([], ["sealed"])
    assert ask("baize", labels=STAFF).corrected is None
    index.apply([doc("public", "电梯", visibility="staff")])
    assert ask("电梯").total == 0
    assert ask("电梯").facets == {}


def test_a_correction_passes_the_filters_and_synonyms_count(index: SearchIndex, ask: Ask) -> None:
    index.rebuild([doc("a", "加装电梯")])
    assert ask("jiati").corrected == "加梯"  # a word of the site that only its synonym meets
    assert ask("jiati", kinds=("notice",)).corrected is None
    assert ask("加装电题").corrected == "加装电梯"
    assert ask("加装电梯").corrected is None


# Hostile questions

HOSTILE = [
    "*", "?" * 300, "电*", "(" * 5_000, "[a-z]{1,9999}", "电梯" * 5_000, "a" * 10_000, "-" * 10_000, '"' * 10_000,
    "“" * 9_999, "\x00" * 10_000, "电\x00梯\x1b[2J", "\ud800\udfff", "AND OR NOT", "text:电梯", "电梯^9999", "电梯~9",
    "'; DROP TABLE need; --", "<script>alert(1)</script>", "🏠" * 3_000, "的 一 是 在 不 了 有 和 人 这 " * 40,
    "%s %n {0} ${x}", "\\" * 10_000, "-电梯 -换届 -老人", '-"', "﷽" * 10_000, "Ａ" * 10_000,
    "".join(map(chr, range(1, 300))),
    "̈" * 10_000, " \n\t\r " * 5_000, "1,000,000,0,,,", "jzdt" * 60, "管里" * 100, '"' + "电 " * 5_000 + '"',
]  # fmt: skip


@pytest.fixture(scope="module")
def crowded(make_index: Make, analyzer: Analyzer) -> Iterator[SearchIndex]:
    """An index of 300 texts, in a process whose collector no longer walks what the tests before have left behind.

    It stays on, so that a question pays for all the garbage that it makes itself.
    """
    rng = random.Random(3)
    characters = "的一是在不了有和人这电梯换届老停车管理小区业委会加装治社志愿"
    index = make_index(analyzer)
    index.rebuild(
        doc(f"k{i}", "".join(rng.choices(characters, k=12)), body="".join(rng.choices(characters, k=200)))
        for i in range(300)
    )
    gc.collect()
    gc.freeze()
    yield index
    gc.unfreeze()


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_questions_are_answered_quickly(crowded: SearchIndex, typed: str) -> None:
    started = time.process_time()
    page = crowded.search(SearchQuery(typed, frozenset({"public"}), filters={"kind": "\x00"}, page=10**9))
    crowded.search(SearchQuery(typed, frozenset({"public"})))
    crowded.marks(typed)
    assert time.process_time() - started < 0.5
    assert page.hits == ()


# The facade


def test_the_facade_keeps_one_index_per_path_and_words(tmp_path: Path) -> None:
    one = open_index(tmp_path, ["加梯"], [["加梯", "加装电梯"]])
    assert open_index(str(tmp_path), ["加梯"], [("加梯", "加装电梯")]) is one
    one.rebuild([doc("a", "加装电梯")])
    assert keys(one.search(SearchQuery("加梯", frozenset({"public"})))) == ["a"]
    other = open_index(tmp_path, ["加梯"], [])
    assert other is not one
    assert keys(other.search(SearchQuery("加梯", frozenset({"public"})))) == []
    assert one.marks('加梯 -"老人" "电 梯"') == ("加梯", "电梯", "加装电梯")
