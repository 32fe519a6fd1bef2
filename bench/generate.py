"""Documents for measuring the search: the same for the same seed, made of the demonstration's sentences and of words."""

from __future__ import annotations

import csv
import itertools
import random
import re
from collections.abc import Iterator
from functools import lru_cache

from bench.instance import ROOT
from matchhub.search import SearchDoc

KINDS = ("need", "project", "organisation", "notice")
FIELDS = "ABCDEFGHIJKLM"
CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
COMMON = 3000


@lru_cache(maxsize=1)
def sentences() -> tuple[str, ...]:
    """Every clause of ten characters and more in the demonstration's texts."""
    found: dict[str, None] = {}
    for path in sorted((ROOT / "seed" / "demo").glob("*.csv")):
        for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()):
            for cell in row:
                found.update(
                    dict.fromkeys(
                        part for part in re.split(r"[。；|]", cell) if len(part) >= 10 and CHINESE.search(part)
                    )
                )
    return tuple(found)


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Some 20,000 words of two to four characters, in an order that only chance gives; the first ones are common."""
    from pypinyin.phrases_dict import phrases_dict

    words = sorted(word for word in phrases_dict if 2 <= len(word) <= 4 and CHINESE.fullmatch(word))
    random.Random(5).shuffle(words)
    return tuple(words[:20_000])


def documents(count: int, seed: int = 1) -> Iterator[SearchDoc]:
    """`count` documents of some 500 characters: half sentences of the street, half words by Zipf's law."""
    chance, words, told = random.Random(seed), vocabulary(), sentences()
    weights = list(itertools.accumulate(1 / (n + 5) ** 0.9 for n in range(COMMON)))
    for number in range(count):
        plain = chance.choices(words[:COMMON], cum_weights=weights, k=110) + chance.choices(words[COMMON:], k=5)
        chance.shuffle(plain)
        clauses = chance.sample(told, 8)
        yield SearchDoc(
            key=f"{chance.choice(KINDS)}:{number}",
            kind=chance.choice(KINDS),
            ref=f"XQ-{2018 + number % 9}-{number:05d}",
            title=clauses[0][:20] + plain[0],
            summary=clauses[1][:60],
            body="。".join([*clauses[2:], "".join(plain)]),
            visibility=chance.choice((("public", "inside"), ("public", "inside"), ("inside",))),
            facets={
                "status": chance.choice("abcdef"), "field": tuple(chance.sample(FIELDS, 2)),
                "community": str(chance.randrange(63)), "year": str(2018 + number % 9),
            },
            open=chance.random() < 0.3,
        )  # fmt: skip


def questions(seed: int = 2) -> list[str]:
    """What people type: words of the street, common and rare words, pairs, runs without spaces, phrases, characters."""
    chance, words, told = random.Random(seed), vocabulary(), sentences()
    street = [chance.choice(CHINESE.findall(sentence))[:4] for sentence in chance.sample(told, 30)]
    common = [chance.choice(words[:60]) for _ in range(30)]
    rare = [chance.choice(words[COMMON:]) for _ in range(30)]
    pairs = [f"{chance.choice(words[:60])} {chance.choice(street)}" for _ in range(30)]
    runs = ["".join(chance.choices(words[:60], k=3)) for _ in range(20)]
    phrases = [f'"{chance.choice(told)[2:7]}"' for _ in range(20)]
    return [*street, *common, *rare, *pairs, *runs, *phrases, *"的了和在电梯老楼", "jiati", "tingche"]


HOSTILE = (
    "*", "?" * 300, "电*", "(" * 5_000, "[a-z]{1,9999}", "电梯" * 5_000, "a" * 10_000, '"' * 10_000, "\x00" * 10_000,
    "电\x00梯\x1b[2J", "\ud800\udfff", "AND OR NOT", "text:电梯", "电梯^9999", "电梯~9", "'; DROP TABLE need; --",
    "<script>alert(1)</script>", "🏠" * 3_000, "的 一 是 在 不 了 有 和 人 这 " * 40, "\\" * 10_000, "-电梯 -换届",
    "Ａ" * 10_000, "".join(map(chr, range(1, 300))), " \n\t\r " * 5_000, "jzdt" * 60, '"' + "电 " * 5_000 + '"',
)  # fmt: skip
