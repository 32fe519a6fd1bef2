"""On the demonstration the organisation that was really chosen stands among the first five, more often than by experience."""

from __future__ import annotations

from bench import matching


def test_the_chosen_organisation_is_among_the_first_five_of_the_demonstration(demo_app):
    found = matching.demonstration()
    assert found.asked == 17
    assert found.ours > found.plain
    assert found.ours >= 15
