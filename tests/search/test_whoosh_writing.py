"""Writing the Whoosh index: updates, rebuilds, damage, several processes, kill -9."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matchhub.search import IndexBusy, IndexUnusable, SearchDoc, SearchPage, SearchQuery, indexer
from matchhub.search.segments import _read_blocks
from matchhub.search.store import TERMS_FILE
from matchhub.search.suggest import known_terms
from matchhub.search.text import Analyzer
from matchhub.search.whoosh_index import WhooshIndex

Ask = Callable[..., SearchPage]


def doc(key: str, title: str = "", **more: object) -> SearchDoc:
    """A public need; anything can be overridden."""
    return SearchDoc(**{"key": key, "kind": "need", "title": title, "visibility": "public", **more})  # type: ignore[arg-type]


def keys(page: SearchPage) -> list[str]:
    return [hit.key for hit in page.hits]


ROOT = Path(__file__).parents[2]


@pytest.fixture
def index(tmp_path: Path, analyzer: Analyzer) -> WhooshIndex:
    return WhooshIndex(tmp_path / "index", analyzer)


# Updates


def test_a_deleted_document_is_never_found_and_an_update_shows_once(index: WhooshIndex, ask: Ask) -> None:
    index.rebuild([doc("a", "电梯"), doc("b", "电梯")])
    for i in range(12):
        index.apply([doc("a", f"电梯 第{i}版")])
        assert keys(ask("电梯 版")) == ["a"]
        assert ask("电梯").total == 2
        assert ask(f'"第{i}版"').total == 1
        assert ask(f'"第{i - 1}版"').total == 0
    index.apply([], ["a", "never there"])
    assert keys(ask("电梯")) == ["b"]
    assert index.health().documents == 1
    index.apply([], ["b"])
    assert (ask("").total, ask("电梯").total, index.health().documents) == (0, 0, 0)


def test_applying_twice_changes_nothing_and_deletes_win(index: WhooshIndex, ask: Ask) -> None:
    index.rebuild([])
    for _ in range(2):
        index.apply([doc("a", "旧"), doc("a", "电梯"), doc("gone", "电梯")], ["gone"])
    assert keys(ask("")) == ["a"]
    assert ask("旧").total == 0
    index.apply([])


def test_tidying_merges_what_many_writes_left_and_changes_nothing_that_is_found(index: WhooshIndex, ask: Ask) -> None:
    index.rebuild([doc("start", "电梯")])
    for i in range(9):
        index.apply([doc(f"k{i % 4}", f"电梯 第{i}版")])
    assert index.health().segments == 10
    before = index.digests()
    index.tidy()
    assert index.health().segments <= 2
    assert index.digests() == before
    assert (ask("电梯").total, ask('"第8版"').total, ask('"第4版"').total) == (5, 1, 0)
    assert index.health().documents == 5


def test_writes_alone_never_leave_segments_without_end(index: WhooshIndex) -> None:
    index.rebuild([])
    for i in range(60):
        index.apply([doc(f"k{i}", "电梯")])
    assert index.health().segments <= 25


def test_batches_are_bounded_and_complete(index: WhooshIndex, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    index.rebuild([doc("old", "电梯")])
    monkeypatch.setattr(indexer, "BATCH", 3)
    calls: list[tuple[int, int]] = []
    real = index.apply
    monkeypatch.setattr(index, "apply", lambda docs, gone=(): (calls.append((len(docs), len(gone))), real(docs, gone)))
    indexer.apply(index, [doc(f"k{i}", "电梯") for i in range(7)] + [doc("old", "电梯")], ["old"])
    assert calls == [(0, 1), (3, 0), (3, 0), (1, 0)]
    assert ask("电梯").total == 7


def test_the_comparison_repairs_what_differs_and_says_so(index: WhooshIndex, ask: Ask) -> None:
    index.rebuild([doc("same", "电梯"), doc("stale", "旧"), doc("extra", "多余")])
    truth = [doc("same", "电梯"), doc("stale", "电梯", visibility="staff"), doc("missing", "电梯")]
    assert indexer.reconcile(index, truth) == indexer.Drift(("missing",), ("stale",), ("extra",))
    assert not indexer.reconcile(index, iter(truth))
    assert sorted(keys(ask(""))) == ["missing", "same"]


def test_a_failed_write_leaves_the_index_and_frees_the_lock(
    index: WhooshIndex, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whoosh.writing import SegmentWriter

    index.rebuild([doc("a", "电梯")])
    with monkeypatch.context() as patch:
        patch.setattr(SegmentWriter, "_commit_toc", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(IndexUnusable, match="disk full"):
            index.apply([doc("b", "电梯")], ["a"])
    assert keys(ask("电梯")) == ["a"]
    index.apply([doc("b", "电梯")])
    assert sorted(keys(ask("电梯"))) == ["a", "b"]


# Rebuilding


def test_a_rebuild_swaps_and_a_failed_one_changes_nothing(index: WhooshIndex, ask: Ask) -> None:
    assert index.rebuild([doc("a", "电梯"), doc("a", "两次")]) == 1
    seen: list[int] = []

    def docs() -> Iterator[SearchDoc]:
        seen.append(ask("电梯").total)  # the old generation answers while the new one is built
        yield doc("b", "换届")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        index.rebuild(docs)
    assert keys(ask("")) == ["a"]
    assert index.rebuild(lambda: [doc("b", "换届")]) == 1
    assert (seen, keys(ask(""))) == ([1], ["b"])
    kept = sorted(each.name for each in index.store.path.iterdir())
    assert kept == ["CURRENT", index.health().generation, "write.lock"]


def test_the_snapshot_is_taken_after_the_lock(index: WhooshIndex) -> None:
    index.rebuild([])
    other = WhooshIndex(index.store.path, index.analyzer, lock_timeout_seconds=0.05)

    def docs() -> Iterator[SearchDoc]:
        with pytest.raises(IndexBusy):
            other.apply([doc("a")])
        yield doc("b")

    assert index.rebuild(docs) == 1
    other.apply([doc("a")])
    assert sorted(index.digests()) == ["a", "b"]


def test_a_missing_index_says_so_and_refuses_writes(index: WhooshIndex, ask: Ask) -> None:
    assert index.health().usable is False
    with pytest.raises(IndexUnusable):
        ask("电梯")
    with pytest.raises(IndexUnusable):
        index.apply([doc("a")])


@pytest.mark.parametrize("damage", ["pointer", "version", "toc", "segment", "empty segment", "zeros", "directory"])
def test_a_damaged_index_is_unusable_until_it_is_rebuilt(index: WhooshIndex, ask: Ask, damage: str) -> None:
    index.rebuild([doc(f"k{i}", "电梯", body="加装" * 50) for i in range(20)])
    generation = index.store.current()
    toc, segment = next(generation.glob("*.toc")), next(generation.glob("*.seg"))
    if damage == "pointer":
        (index.store.path / "CURRENT").write_bytes(b"{")
    elif damage == "version":
        (index.store.path / "CURRENT").write_text(json.dumps({"generation": generation.name, "version": 0}))
    elif damage == "directory":
        (index.store.path / "CURRENT").write_text(json.dumps({"generation": "v99", "version": 1}))
    elif damage == "toc":
        toc.write_bytes(toc.read_bytes()[:40])
    elif damage == "segment":
        segment.write_bytes(segment.read_bytes()[: segment.stat().st_size // 2])
    elif damage == "empty segment":
        segment.write_bytes(b"")
    else:
        segment.write_bytes(bytes(segment.stat().st_size))
    fresh = WhooshIndex(index.store.path, index.analyzer)
    assert fresh.health().usable is False
    assert fresh.health().reason
    with pytest.raises(IndexUnusable):
        fresh.search(SearchQuery("电梯", frozenset({"public"})))
    assert fresh.rebuild([doc("a", "电梯")]) == 1
    assert keys(ask("电梯")) == ["a"]


# Many at once

_WRITER = """
import sys
from matchhub.search import SearchDoc
from matchhub.search.text import Analyzer
from matchhub.search.text import Analyzer
from matchhub.search.whoosh_index import WhooshIndex
index = WhooshIndex(__import__("pathlib").Path(sys.argv[1]), Analyzer(), lock_timeout_seconds=30)
for i in range(int(sys.argv[3])):
    key = f"{sys.argv[2]}{i}"
    index.apply([SearchDoc(key, "need", title=f"电梯{key}", visibility="public")])
    print(key, flush=True)
"""


def _start_writer(index: WhooshIndex, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(index.store.path), name, str(count)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_two_processes_write_and_readers_never_fail(index: WhooshIndex, ask: Ask) -> None:
    index.rebuild([doc("start", "电梯")])
    writers = [_start_writer(index, name, 12) for name in "xy"]
    totals = []
    while any(writer.poll() is None for writer in writers):
        totals.append(ask("电梯").total)
    assert [writer.wait() for writer in writers] == [0, 0], [writer.communicate()[1] for writer in writers]
    for writer in writers:
        writer.communicate()
    assert totals == sorted(totals)
    assert ask("电梯").total == 25


def test_kill_9_while_writing_loses_nothing_that_was_acknowledged(index: WhooshIndex, ask: Ask) -> None:
    index.rebuild([])
    acknowledged: set[str] = set()
    rng = random.Random(7)
    for round_number in range(4):
        writer = _start_writer(index, f"r{round_number}x", 500)
        assert writer.stdout is not None
        acknowledged.add(writer.stdout.readline().strip())
        time.sleep(rng.uniform(0.01, 0.12))
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged.update(writer.communicate()[0].split())
        assert index.health().usable
        assert acknowledged <= set(index.digests())
    index.apply([doc("after", "电梯")])
    found = index.digests()
    # The last write of a killed process may have been finished without being acknowledged, but no more than that.
    assert len(acknowledged) + 1 <= len(found) <= len(acknowledged) + 5
    assert ask("电梯").total == len(found)


def test_threads_agree_while_one_of_them_writes(index: WhooshIndex) -> None:
    index.rebuild([doc(f"k{i}", "电梯 换届", facets={"year": str(i % 3)}) for i in range(60)])
    wrong: list[object] = []

    def read() -> None:
        for _ in range(40):
            page = index.search(SearchQuery("电梯", frozenset({"public"})))
            if page.total != 60 or sum(page.facets["year"].values()) != 60:
                wrong.append(page)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for i in range(6):
        index.apply([doc(f"k{i}", "电梯 换届 新", facets={"year": str(i % 3)})])
    for thread in threads:
        thread.join()
    assert wrong == []


def test_no_file_stays_open(index: WhooshIndex, ask: Ask) -> None:
    index.rebuild([doc("a", "电梯")])
    ask("电梯")
    before = len(os.listdir("/proc/self/fd"))
    for i in range(10):
        index.apply([doc(f"b{i}", "电梯")])
        ask('"电梯 电梯"')
        ask("jzdt")
    assert len(os.listdir("/proc/self/fd")) <= before


def test_the_vocabulary_lies_beside_the_index(index: WhooshIndex) -> None:
    index.rebuild([doc("a", "社区换届")])
    known = known_terms((index.store.current() / TERMS_FILE).read_bytes())["words"]
    assert known["换届"][:2] == ["huanjie", "hj"]
    index.apply([doc("b", "垃圾分类")])
    assert "垃圾" in known_terms((index.store.current() / TERMS_FILE).read_bytes())["words"]


def test_many_learned_lines_become_one(index: WhooshIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.rebuild([])
    monkeypatch.setattr("matchhub.search.whoosh_index.MAX_LINES", 2)
    for title in ("垃圾分类", "社区花园"):
        index.apply([doc(title, title)])
    content = (index.store.current() / TERMS_FILE).read_bytes()
    assert content.count(b"\n") == 0
    assert {"垃圾", "花园"} <= known_terms(content)["words"].keys()


def test_reading_blocks_equals_reading_one_by_one(index: WhooshIndex) -> None:
    index.rebuild(doc(f"k{i}", "电梯") for i in range(300))
    with index.store.reading() as (reader, _directory):
        slow = {}
        matcher = reader.postings("text", "电")
        while matcher.is_active():
            slow[matcher.id()] = matcher.weight()
            matcher.next()
        assert len(slow) > 256  # more than two blocks
        assert _read_blocks(reader.postings("text", "电")) == slow
