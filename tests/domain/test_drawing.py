"""A draw that anybody can repeat: the order follows from what is published, and the seed is nobody's to choose."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from matchhub.domain import drawing


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_seed_is_the_hash_of_the_need_the_ledger_and_the_number_of_the_draw():
    head = "ab" * 32
    assert drawing.seed_of("XQ-2026-003", head, 1) == sha(f"XQ-2026-003:{head}:1")
    assert drawing.seed_of("XQ-2026-003", head, 2) != drawing.seed_of("XQ-2026-003", head, 1)


def test_the_order_is_by_tier_and_then_by_the_hash_of_seed_and_number():
    ordered = drawing.lots({1: 1, 2: 1, 3: 3, 4: 1}, {}, "seed")
    by_hand = [*sorted((1, 2, 4), key=lambda n: sha(f"seed:{n}")), 3]
    assert [lot.number for lot in ordered] == by_hand
    assert [lot.ticket for lot in ordered] == [sha(f"seed:{n}") for n in by_hand]


def test_the_first_ones_are_drawn():
    ordered = drawing.lots(dict.fromkeys(range(1, 8), 1), {}, "seed")
    assert drawing.draw(ordered, 3, [], 3, {}) == [lot.number for lot in ordered[:3]]


def test_an_application_that_would_be_short_gets_the_next_ones_without_a_tie_to_it():
    # The first three of the draw are all tied to application 7; the next free ones follow until it has three.
    ordered = drawing.lots(dict.fromkeys(range(1, 8), 1), {}, "seed")
    order = [lot.number for lot in ordered]
    tied = {number: [7] for number in (*order[:3], order[4])}
    ordered = drawing.lots(dict.fromkeys(range(1, 8), 1), tied, "seed")
    assert drawing.draw(ordered, 3, [7, 8], 3, {}) == [*order[:4], order[5], order[6]]


def test_those_who_sit_already_are_counted():
    ordered = drawing.lots(dict.fromkeys(range(1, 6), 1), {}, "seed")
    assert len(drawing.draw(ordered, 1, [7], 3, {7: 2})) == 1
    assert len(drawing.draw(ordered, 1, [7], 3, {})) == 3


tiers = st.dictionaries(st.integers(1, 30), st.integers(1, 8), min_size=1, max_size=12)


@given(tiers, st.text(min_size=1, max_size=8), st.integers(1, 9))
def test_a_lower_tier_is_always_drawn_before_a_higher_one(pool, seed, wanted):
    chosen = drawing.draw(drawing.lots(pool, {}, seed), wanted, [], 0, {})
    left = set(pool) - set(chosen)
    assert len(chosen) == min(wanted, len(pool))
    assert not left or max(pool[n] for n in chosen) <= min(pool[n] for n in left)


@given(tiers, st.text(min_size=1, max_size=8))
def test_the_order_in_which_the_pool_is_listed_does_not_matter(pool, seed):
    turned = dict(reversed(list(pool.items())))
    assert drawing.lots(pool, {}, seed) == drawing.lots(turned, {}, seed)
