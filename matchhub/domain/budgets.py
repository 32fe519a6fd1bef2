"""The bands in which people look for a budget: a need's published ceiling, a project's amount."""

from __future__ import annotations

from matchhub.core.i18n import _l

WAN_FEN = 1_000_000  # 10,000 yuan
# Code, word, and the amount in fen below which a budget belongs to the band.
BANDS = (
    ("0-3", _l("3 万元以下"), 3 * WAN_FEN),
    ("3-5", _l("3 万元至不足 5 万元"), 5 * WAN_FEN),
    ("5-10", _l("5 万元至不足 10 万元"), 10 * WAN_FEN),
    ("10-20", _l("10 万元至不足 20 万元"), 20 * WAN_FEN),
    ("20-", _l("20 万元及以上"), None),
)
WORDS = {code: word for code, word, _below in BANDS}


def band(amount_fen: int | None) -> str:
    """The code of the band of an amount; empty for none."""
    if amount_fen is None:
        return ""
    return next(code for code, _word, below in BANDS if below is None or amount_fen < below)
