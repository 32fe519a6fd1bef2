"""Passwords: how they are kept (argon2id), which may be chosen, and the initial ones that somebody else hands over.

Hashing takes about 20 ms of a core, so it is done outside any transaction (docs/security.md).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from matchhub.core import ids
from matchhub.core.i18n import _

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SHORTEST, LONGEST = 12, 128
INITIAL_FOR = timedelta(days=7)
# Common passwords, and what stands around every account of this installation.
WORDS_FILE = Path(__file__).with_name("common_words.txt")
# So many characters must be left when common words, digits and signs are taken away.
OWN_CHARACTERS = 4

# A hash like all others, of a password that nobody knows: an unknown account costs the same time as a wrong password.
DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$oQ2PeAWpCg9g1CO5fxV0mw$nrkmfjfbeP2oaNXwxlWpfMuIaCjnMdAzFzCGd1iERrs"


def _plain(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def hashed(password: str) -> str:
    """The text that is stored for a password."""
    return HASHER.hash(_plain(password))


def matches(stored: str, password: str) -> bool:
    """Whether `password` is the one that was stored; an empty `stored` takes the same time and is never right."""
    try:
        HASHER.verify(stored or DUMMY, _plain(password)[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored) and len(password) <= LONGEST


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's and should be made anew at this sign-in."""
    return HASHER.check_needs_rehash(stored)


def initial() -> str:
    """A new initial password: 79 random bits in four groups that can be read out on the phone."""
    return "-".join("".join(secrets.choice(ids.ALPHABET) for _ in range(4)) for _ in range(4))


def problem(password: str, about: Iterable[str] = ()) -> str | None:
    """The sentence that says why this password cannot be chosen, or None. `about`: name, e-mail, phone of its owner."""
    if len(password) < SHORTEST:
        return _(
            "密码至少 %(least)s 个字符，还差 %(n)s 个。几个词连在一起既长又好记。",
            least=SHORTEST,
            n=SHORTEST - len(password),
        )
    if len(password) > LONGEST:
        return _("密码最多 %(most)s 个字符，请缩短。", most=LONGEST)
    plain = unicodedata.normalize("NFKC", password).lower()
    if plain.isdecimal():
        return _("密码不能全是数字，请加上字母或汉字。")
    if len(set(plain)) < 5 or _repeats(plain) or _runs(plain):
        return _("密码由重复或连续的字符组成，太容易猜到，请换一个。")
    if len(_own(plain, about)) < OWN_CHARACTERS:
        return _("密码主要由常见词或您的姓名、账号组成，太容易猜到，请加上别的词。")
    return None


def _repeats(plain: str) -> bool:
    """Whether it is one short piece over and over: abcabcabcabc."""
    return any(plain == (plain[:n] * (len(plain) // n + 1))[: len(plain)] for n in range(1, 5))


def _runs(plain: str) -> bool:
    """Whether each character follows the one before: abcdefghijkl, or downwards."""
    steps = {ord(b) - ord(a) for a, b in pairwise(plain)}
    return steps in ({1}, {-1})


@lru_cache(maxsize=1)
def _common() -> tuple[str, ...]:
    words = WORDS_FILE.read_text(encoding="utf-8").split()
    return tuple(sorted(set(words), key=len, reverse=True))


def _own(plain: str, about: Iterable[str]) -> str:
    """What is left of a password without the words that anybody would try first, digits and signs."""
    personal = {part for text in about for part in re.split(r"[@.\s]+", text.lower()) if len(part) > 1}
    for word in (*sorted(personal, key=len, reverse=True), *_common()):
        plain = plain.replace(word, "")
    return re.sub(r"[\W\d_]", "", plain)
