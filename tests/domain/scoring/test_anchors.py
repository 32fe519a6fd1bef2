"""The points that the anchors of an item stand for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from matchhub.domain.scoring import anchors


@pytest.mark.parametrize("maximum", [2, 3, 4, 5, 8, 15, 30])
def test_a_better_anchor_is_always_worth_more(maximum):
    points = [points for _word, points in anchors.suggested(Decimal(maximum))]
    assert points == sorted(set(points), reverse=True)
    assert all(0 <= one <= maximum and one % Decimal("0.5") == 0 for one in points)


def test_the_points_follow_the_shares_where_there_is_room():
    assert [str(points) for _word, points in anchors.suggested(Decimal(8))] == ["7.0", "6.0", "5.0", "3.0"]
