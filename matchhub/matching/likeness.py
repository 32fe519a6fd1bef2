"""How much two Chinese texts speak of the same: pairs of characters, weighed by how rare they are among all texts."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

_RUN = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9]+")


@lru_cache(maxsize=2048)
def pairs(text: str) -> Counter[str]:
    """The pairs of neighbouring characters of each Chinese run, and each Latin word or number."""
    found: Counter[str] = Counter()
    for run in _RUN.findall(text.lower()):
        found.update([run] if run[0].isascii() or len(run) == 1 else (run[i : i + 2] for i in range(len(run) - 1)))
    return found


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as weights of its pairs, of length 1."""

    weights: Mapping[str, float]

    def __mul__(self, other: Vector) -> float:
        """The cosine of both: 0 without a common pair, 1 for the same text."""
        small, large = sorted((self.weights, other.weights), key=len)
        return sum(weight * large[pair] for pair, weight in small.items() if pair in large)

    def shared(self, other: Vector, many: int) -> list[str]:
        """The pairs that say most of what both have in common."""
        common = {pair: weight * other.weights[pair] for pair, weight in self.weights.items() if pair in other.weights}
        return sorted(common, key=lambda pair: (-common[pair], pair))[:many]


class Corpus:
    """The rarity of pairs among some texts: what occurs in most of them (项目, 居民) says little."""

    def __init__(self, texts: Iterable[str]) -> None:
        counted: Counter[str] = Counter()
        self._texts = 0
        for text in texts:
            counted.update(pairs(text).keys())
            self._texts += 1
        self._having = counted

    def vector(self, text: str) -> Vector:
        raw = {pair: (1 + math.log(count)) * self._rarity(pair) for pair, count in pairs(text).items()}
        length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        return Vector({pair: weight / length for pair, weight in raw.items()})

    def _rarity(self, pair: str) -> float:
        return math.log((1 + self._texts) / (1 + self._having[pair])) + 0.1
