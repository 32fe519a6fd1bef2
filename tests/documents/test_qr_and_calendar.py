"""QR codes that pass the content security policy, and calendar files that calendars understand."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from icalendar import Calendar
from PIL import Image

from matchhub.core import clock
from matchhub.documents import calendar, qr
from matchhub.documents.calendar import Event

ADDRESS = "https://matchhub.example/n/GS-2026-003"


def test_a_qr_code_is_drawn_without_style_and_script():
    drawn = ElementTree.fromstring(qr.svg(ADDRESS))
    for node in drawn.iter():
        assert "style" not in node.attrib
        assert node.tag.split("}")[-1] in {"svg", "path"}
    assert drawn.get("viewBox")


def test_a_qr_code_on_a_page_has_a_name_that_cannot_leave_its_quotes():
    shown = str(qr.markup(ADDRESS, '公示 "><script>'))
    assert shown.startswith('<svg role="img" aria-label="公示 &#34;&gt;&lt;script&gt;" class="qr" ')
    assert ElementTree.fromstring(shown) is not None


def test_the_picture_is_large_enough_for_a_long_press_and_has_its_quiet_zone():
    picture = Image.open(io.BytesIO(qr.png(ADDRESS))).convert("1")
    assert picture.width >= 240
    assert all(picture.getpixel((x, y)) == 255 for x in range(picture.width) for y in range(32))
    assert picture.getpixel((33, 33)) == 0, "the corner mark begins right after the quiet zone"


def test_a_deadline_is_a_moment_and_a_notice_is_days():
    with clock.stopped(datetime(2026, 11, 1)):
        content = calendar.write(
            [
                Event(calendar.uid("need", "XQ-2026-007", "closes"), "申报截止", datetime(2026, 11, 24, 9), remind=(48, 6),
                      url=ADDRESS, sequence=3),
                Event("b", "公示", first_day=date(2026, 11, 25), last_day=date(2026, 12, 1)),
                Event("c", "路演", datetime(2026, 11, 26, 6), datetime(2026, 11, 26, 8), place="三楼会议室", cancelled=True),
            ],
            "曹杨益家",
        )  # fmt: skip
    closes, notice, roadshow = Calendar.from_ical(content).walk("VEVENT")
    assert closes["UID"] == "need-XQ-2026-007-closes@matchhub"
    # 17:00 in Shanghai.
    assert closes.decoded("DTSTART") == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert closes["SEQUENCE"] == 3
    assert [str(alarm["TRIGGER"].to_ical()) for alarm in closes.walk("VALARM")] == ["b'-P2D'", "b'-PT6H'"]
    assert (notice.decoded("DTSTART"), notice.decoded("DTEND")) == (date(2026, 11, 25), date(2026, 12, 2))
    assert roadshow.decoded("DTEND") == datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert roadshow["STATUS"] == "CANCELLED"


def test_long_titles_are_folded_and_typed_text_adds_no_line_of_its_own():
    title = "楼道议事，" * 30 + "\r\nBEGIN:VALARM;,\\\x00"
    content = calendar.write([Event("a", title, first_day=date(2026, 1, 1))], "x")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert not [line for line in content.split(b"\r\n") if line.startswith(b"BEGIN:VALARM")]
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert str(event["SUMMARY"]) == "楼道议事，" * 30 + "\nBEGIN:VALARM;,\\"


def test_an_event_without_a_start_is_a_mistake():
    with pytest.raises(ValueError, match="no start"):
        calendar.write([Event("a", "x")], "x")
