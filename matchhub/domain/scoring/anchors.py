"""The four anchors of a scored item (优、良、中、差) and the points that each stands for."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from matchhub.core.i18n import _l

ANCHORS = (
    (_l("优"), Decimal("0.9")),
    (_l("良"), Decimal("0.75")),
    (_l("中"), Decimal("0.6")),
    (_l("差"), Decimal("0.4")),
)
HALF = Decimal("0.5")


def suggested(maximum: Decimal) -> list[tuple[str, Decimal]]:
    """(word to be translated, points) of each anchor, best first; on small items too no two are worth the same."""
    found: list[tuple[str, Decimal]] = []
    for word, share in ANCHORS:
        points = (maximum * share / HALF).quantize(Decimal(1), ROUND_HALF_UP) * HALF
        found.append((word, max(Decimal(0), min(points, found[-1][1] - HALF)) if found else points))
    return found
