"""Pinyin for the vocabulary. Only the indexer imports this module: pypinyin costs a web worker 100 MB."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin
from pypinyin import pinyin as all_readings

_MAX_READINGS = 3


def spell(word: str) -> tuple[str, str]:
    """Return the pinyin of a Han word without tones, and its initials: 加梯 -> jiati, jt."""
    syllables = [_plain(each) for each in lazy_pinyin(word)]
    return "".join(syllables), "".join(each[:1] for each in syllables)


def readings(characters: set[str]) -> dict[str, list[str]]:
    """Return the commonest readings of each character."""
    wanted = sorted(characters)
    rows = zip(wanted, all_readings(wanted, style=Style.NORMAL, heteronym=True), strict=True)
    return {char: list(dict.fromkeys(map(_plain, found)))[:_MAX_READINGS] for char, found in rows}


def _plain(syllable: str) -> str:
    return syllable.replace("ü", "v")


def _gb2312() -> set[str]:
    found: set[str] = set()
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            found.update(bytes((high, low)).decode("gb2312", "ignore"))
    return found


# The 6,763 characters of GB 2312: what people mistype a word with.
COMMON = _gb2312()
