"""Money as whole fen (integers): reading what people type, and writing it for screens and agreements."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

# One fen below 100 million yuan. It needs a BIGINT column: a 32-bit integer ends at 21.47 million yuan.
MAX_FEN = 9_999_999_999

_NUMBER = re.compile(r"(?P<whole>[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?:\.(?P<part>[0-9]+))?")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_CAPITAL_LIMIT_FEN = 10**14


class MoneyProblem(StrEnum):
    """What is wrong with a typed amount."""

    empty = "empty"
    not_number = "not_number"
    negative = "negative"
    too_many_decimals = "too_many_decimals"
    too_large = "too_large"


class MoneyError(ValueError):
    """A typed amount that cannot be read; `code` says why."""

    def __init__(self, code: MoneyProblem) -> None:
        super().__init__(code.value)
        self.code = code


def parse_yuan(text: str) -> int:
    """Read an amount in yuan (86000, 86,000, 86000.5, 8.6万, full-width digits) as fen.

    A leading ¥ and a trailing 元 are ignored. Raises MoneyError (a ValueError with `.code`).
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    if not plain:
        raise MoneyError(MoneyProblem.empty)
    plain = plain.removeprefix("¥").removesuffix("元").strip()
    negative = plain.startswith("-")
    plain = plain.removeprefix("-").removeprefix("¥").strip()
    # One 万 is 10,000 yuan, so four more decimals still make whole fen.
    places = 6 if plain.endswith("万") else 2
    match = _NUMBER.fullmatch(plain.removesuffix("万").rstrip())
    if match is None:
        raise MoneyError(MoneyProblem.not_number)
    if negative:
        raise MoneyError(MoneyProblem.negative)
    return _fen(re.sub("[, ]", "", match["whole"]).lstrip("0"), (match["part"] or "").rstrip("0"), places)


def _fen(whole: str, part: str, places: int) -> int:
    """Join the digits before and after the point into fen, without ever passing through a rounded number."""
    if len(part) > places:
        raise MoneyError(MoneyProblem.too_many_decimals)
    # The length is looked at first: turning thousands of digits into an integer costs time and may be refused.
    if len(whole) > len(str(MAX_FEN)):
        raise MoneyError(MoneyProblem.too_large)
    fen = int(whole + part.ljust(places, "0"))
    if fen > MAX_FEN:
        raise MoneyError(MoneyProblem.too_large)
    return fen


def yuan(fen: int) -> str:
    """Write fen as yuan with thousands separators: "86,000", or "86,000.50" when there are jiao or fen."""
    sign = "-" if fen < 0 else ""
    whole, part = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{part:02d}" if part else f"{sign}{whole:,}"


def capital(fen: int) -> str:
    """Write fen in Chinese capitals for agreements (86000 yuan: 捌万陆仟元整), after 支付结算办法 appendix 1.

    Several zeros in a row give one 零; a zero jiao before fen gives 零; amounts that end at yuan or jiao close with 整.
    Raises ValueError below zero and from one trillion yuan up.
    """
    if not 0 <= fen < _CAPITAL_LIMIT_FEN:
        raise ValueError("capitals are written for amounts from 0 to below one trillion yuan")
    if fen == 0:
        return "零元整"
    whole, part = divmod(fen, 100)
    jiao, last = divmod(part, 10)
    text = _whole_capital(whole) + "元" if whole else ""
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif last and whole:
        text += "零"
    return text + (_DIGITS[last] + "分" if last else "整")


def _whole_capital(number: int) -> str:
    """Capitals of a whole number from 1 up to 9999 亿, in sections of four digits."""
    text = ""
    for unit, size in (("亿", 10**8), ("万", 10**4), ("", 1)):
        section = number // size % 10**4
        if not section:
            continue
        # Something stands before, and the thousands of this section (or a whole section) are empty: one 零 for all.
        gap = bool(text) and (section < 1000 or number // (size * 10**4) % 10**4 == 0)
        text += ("零" if gap else "") + _section_capital(section) + unit
    return text


def _section_capital(section: int) -> str:
    """Capitals of 1 to 9999, without a leading 零."""
    text = ""
    for place in (3, 2, 1, 0):
        digit = section // 10**place % 10
        if digit:
            # A non-zero digit after a zero that itself follows a non-zero digit.
            gap = bool(text) and section // 10 ** (place + 1) % 10 == 0
            text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
    return text
