"""Unified social credit codes (统一社会信用代码): what is wrong with one, and how a fictional one is made.

The 18 characters are: registration department (1), class of organisation (1), region of registration (6),
body code (8) with its own check character by GB 11714 (1), and the check character of the whole by GB 32100 (1).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WHOLE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

# GB 11714 counts with all 36 digits and letters, though a whole code never holds I, O, S, V or Z.
_BODY_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

# The characters that never occur are those mistaken for another; this is what was most likely meant.
_LOOK_ALIKES = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}

# Department -> classes of organisation, from GB 32100-2015 with its first amendment.
# Civil affairs also gives 4 and 5 to villagers' and residents' committees.
CLASSES = {
    "1": "1239",
    "2": "19",
    "3": "123459",
    "4": "19",
    "5": "123459",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "1239",
    "A": "19",
    "N": "1239",
    "Y": "1",
}


class ProblemCode(StrEnum):
    """Which rule a code breaks, in the order in which the rules are tried."""

    length = "length"
    letter = "letter"
    department = "department"
    organisation_class = "organisation_class"
    region = "region"
    body_check = "body_check"
    whole_check = "whole_check"


@dataclass(frozen=True)
class Problem:
    """The first rule that a code breaks.

    `position` counts from 1; for `length` it is the number of characters found. `likely` is the character
    that was probably meant (letters that look like a digit); it never holds a computed check character,
    because a wrong check says that something is wrong, not where.
    """

    code: ProblemCode
    position: int
    character: str = ""
    likely: str = ""


def normalise(text: str) -> str:
    """The code as it is stored: half-width, upper-case, without spaces, hyphens or invisible characters."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s\-\u200b-\u200f\u2010-\u2015\u2060\ufeff]", "", plain)


def problem(code: str) -> Problem | None:
    """The first thing wrong with a normalised code, or None when it is valid."""
    if len(code) != LENGTH:
        return Problem(ProblemCode.length, len(code))
    return _letter_problem(code) or _class_problem(code) or _check_problem(code)


def _letter_problem(code: str) -> Problem | None:
    """The first character that no code may hold."""
    for position, character in enumerate(code, 1):
        if character not in ALPHABET:
            return Problem(ProblemCode.letter, position, character, _LOOK_ALIKES.get(character, ""))
    return None


def _class_problem(code: str) -> Problem | None:
    """A department, class or region that does not exist."""
    if code[0] not in CLASSES:
        return Problem(ProblemCode.department, 1, code[0])
    if code[1] not in CLASSES[code[0]]:
        return Problem(ProblemCode.organisation_class, 2, code[1])
    for position, character in enumerate(code[2:8], 3):
        if character not in "0123456789":
            return Problem(ProblemCode.region, position, character)
    return None


def _check_problem(code: str) -> Problem | None:
    """A check character that does not follow from the characters before it."""
    if code[16] != body_check(code[8:16]):
        return Problem(ProblemCode.body_check, 17, code[16])
    if code[17] != whole_check(code[:17]):
        return Problem(ProblemCode.whole_check, 18, code[17])
    return None


def body_check(body: str) -> str:
    """The GB 11714 check character of the eight characters of a body code."""
    total = sum(_BODY_ALPHABET.index(c) * w for c, w in zip(body, _BODY_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def whole_check(first17: str) -> str:
    """The GB 32100 check character of the first seventeen characters."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, _WHOLE_WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def compose(department: str, organisation_class: str, region: str, body: str) -> str:
    """Build a valid fictional code from its parts without checks: compose("5", "2", "310107", "MJ526018").

    Raises ValueError when a part is not allowed.
    """
    start = department + organisation_class + region + body
    if len(start) != 16:
        raise ValueError("a code is composed of 1 + 1 + 6 + 8 characters")
    first17 = start + body_check(body) if set(body) <= set(ALPHABET) else start + "0"
    code = first17 + (whole_check(first17) if set(first17) <= set(ALPHABET) else "0")
    found = problem(code)
    if found:
        raise ValueError(f"not a code: {found.code} at {found.position}")
    return code
