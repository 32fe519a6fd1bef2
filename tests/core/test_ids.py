"""Laws of public identifiers."""

import pytest

from matchhub.core.ids import ALPHABET, public_code, reference


def test_a_public_code_has_the_asked_length_and_only_clear_characters():
    for n in (8, 16, 40):
        code = public_code(n)
        assert len(code) == n
        assert set(code) <= set(ALPHABET)


def test_the_alphabet_is_lower_case_url_safe_and_has_no_look_alikes():
    assert ALPHABET.isascii()
    assert ALPHABET.isalnum()
    assert ALPHABET.lower() == ALPHABET
    assert not set(ALPHABET) & set("0o1il")
    assert len(set(ALPHABET)) == len(ALPHABET) == 31


def test_public_codes_do_not_repeat():
    assert len({public_code() for _ in range(2000)}) == 2000


def test_a_code_short_enough_to_guess_is_refused():
    with pytest.raises(ValueError, match="at least 8"):
        public_code(7)


def test_a_reference_pads_to_three_digits_and_grows_past_them():
    assert reference("XQ", 2026, 7) == "XQ-2026-007"
    assert reference("XQ", 2026, 1234) == "XQ-2026-1234"


def test_references_count_from_one():
    with pytest.raises(ValueError, match="from 1"):
        reference("XQ", 2026, 0)
