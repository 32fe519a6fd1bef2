"""Random samples that anyone can draw again: the order follows from a published seed by SHA-256 alone.

The algorithm, for a seed and a set of ids (all text):
1. for each id take the UTF-8 text  seed + ":" + id  and its SHA-256 as 64 lower-case hexadecimal digits;
2. sort the ids by these digits;
3. the sample of n is the first n ids.
With standard tools: printf '%s' "seed:id" | sha256sum, once for each id, then sort.

The order in which ids are given does not matter, and a larger sample only adds to a smaller one. A seed must be
stored when it is made, before anyone sees the sample; otherwise one could try seeds until the sample is pleasant.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable


def new_seed() -> str:
    """A fresh seed: 32 hexadecimal digits (128 bits) from the system's randomness."""
    return secrets.token_hex(16)


def draw_order(ids: Iterable[str], seed: str) -> tuple[str, ...]:
    """All ids in the order of the draw. Raises ValueError for an empty seed or a repeated id."""
    listed = list(ids)
    if not seed:
        raise ValueError("a draw needs a seed")
    if len(set(listed)) != len(listed):
        raise ValueError("each id may be drawn only once")
    return tuple(sorted(listed, key=lambda one: (ticket(one, seed), one)))


def draw(ids: Iterable[str], n: int, seed: str) -> tuple[str, ...]:
    """The sample of n ids, in the order drawn; all of them when there are fewer. Raises ValueError when n < 0."""
    if n < 0:
        raise ValueError("a sample is not negative")
    return draw_order(ids, seed)[:n]


def ticket(one: str, seed: str) -> str:
    """The hexadecimal digits by which an id is sorted; shown beside each id on the page of the draw."""
    return hashlib.sha256(f"{seed}:{one}".encode()).hexdigest()


def sample_size(count: int, rate_percent: int, minimum: int) -> int:
    """How many of `count` to draw: the rate rounded up, at least `minimum`, at most all."""
    return min(count, max(minimum, -(-count * rate_percent // 100)))
