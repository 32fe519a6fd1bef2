"""English nouns follow their numbers."""

from datetime import date

import pytest

from matchhub.core import i18n


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1 working day(s) left", "1 working day left"),
        ("12 working day(s) left", "12 working days left"),
        ("11 day(s)", "11 days"),
        ("1 session(s), 1,001 attendance(s)", "1 session, 1,001 attendances"),
        ("2 address(es) in all", "2 addresses in all"),
        ("Notice until 2026-11-21, 1 working day(s) left", "Notice until 2026-11-21, 1 working day left"),
        ("day(s) until the correction is due", "days until the correction is due"),
    ],
)
def test_a_noun_is_singular_for_one_only(written, said):
    i18n._words.set({"话": written})
    try:
        assert i18n._("话") == said
    finally:
        i18n.speak(i18n.SOURCE)


def test_english_days_name_their_month():
    """5/12 is May to one reader and December to the next."""
    day = date(2026, 12, 5)
    assert i18n.day_in_words(day) == "2026 年 12 月 5 日"
    i18n.speak("en")
    try:
        assert "December" in i18n.day_in_words(day) and "December" in i18n.day_in_words(day, with_year=False)
    finally:
        i18n.speak(i18n.SOURCE)
