"""Laws of random samples that anyone can draw again."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.domain.scoring.sampling import draw, draw_order, new_seed, sample_size, ticket

IDS = st.lists(st.text(min_size=1, max_size=6), unique=True, max_size=20)


def test_the_recipe_in_words_gives_the_same_sample():
    # printf '%s' "s1:HD-1" | sha256sum, for HD-1 to HD-4, sorted by the digits.
    ids = ["HD-1", "HD-2", "HD-3", "HD-4"]
    digits = {one: hashlib.sha256(b"s1:" + one.encode("utf-8")).hexdigest() for one in ids}
    assert list(draw(ids, 2, "s1")) == sorted(ids, key=digits.__getitem__)[:2]
    assert ticket("HD-1", "s1") == digits["HD-1"]


def test_a_known_draw_never_changes():
    # By sha256sum: 2bd4805e… HD-1, cd24947b… HD-4, ed370965… HD-2, fafb4c16… HD-3.
    assert draw_order(["HD-1", "HD-2", "HD-3", "HD-4"], "s1") == ("HD-1", "HD-4", "HD-2", "HD-3")


@given(IDS, st.integers(0, 25))
def test_a_sample_has_n_different_ids_or_all(ids, n):
    sample = draw(ids, n, "seed")
    assert len(sample) == min(n, len(ids))
    assert len(set(sample)) == len(sample)
    assert set(sample) <= set(ids)


@given(IDS, st.randoms())
def test_the_order_given_does_not_matter(ids, random):
    shuffled = list(ids)
    random.shuffle(shuffled)
    assert draw_order(shuffled, "seed") == draw_order(ids, "seed")


@given(IDS, st.integers(0, 20))
def test_a_larger_sample_contains_the_smaller(ids, n):
    assert draw(ids, n + 1, "seed")[:n] == draw(ids, n, "seed")


def test_every_id_is_drawn_about_equally_often():
    # 2000 seeds, one of four each: 500 expected, standard deviation about 19; 100 is more than five of them.
    counts = dict.fromkeys(["a", "b", "c", "d"], 0)
    for n in range(2000):
        counts[draw(counts, 1, str(n))[0]] += 1
    assert all(400 < count < 600 for count in counts.values())


def test_seeds_are_long_and_do_not_repeat():
    seeds = {new_seed() for _ in range(200)}
    assert len(seeds) == 200
    assert all(len(seed) == 32 for seed in seeds)


@pytest.mark.parametrize(("ids", "n", "seed"), [(["a", "a"], 1, "s"), (["a"], 1, ""), (["a"], -1, "s")])
def test_unclear_draws_are_refused(ids, n, seed):
    with pytest.raises(ValueError, match=r"once|seed|negative"):
        draw(ids, n, seed)


@pytest.mark.parametrize(("count", "size"), [(0, 0), (1, 1), (5, 2), (10, 2), (11, 3), (50, 10)])
def test_a_fifth_is_drawn_rounded_up_but_at_least_two(count, size):
    assert sample_size(count, 20, 2) == size
