"""Nobody sees another's score before their own is in, and nobody at all while scores are given."""

from __future__ import annotations

import re

from matchhub.domain.models import Role
from matchhub.features.reviews import service
from tests import factories as make
from tests.reviews import story
from tests.reviews.test_judging import addresses, sheet_of


def numbers(made, share):
    """The total that this share gives, as a page prints it."""
    points = sum(entry.points for entry in story.entries_of(share).values())
    return f"{points:.2f}".rstrip("0").rstrip(".")


def words_of(answer):
    """The text of a page, without pictures and markup."""
    return re.sub(r"<[^>]*>", " ", re.sub(r"<svg.*?</svg>", "", answer.text, flags=re.S))


def shows(answer, number):
    return re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", words_of(answer)) is not None


def test_nobody_sees_another_score_while_scores_are_given(app, client_as):
    """Neither reviewers, whether their own sheet is in or not, nor the street: only where each stands."""
    made = story.scoring()
    story.score(made.judges[0], made.entries[0], 0.93)
    story.score(made.judges[1], made.entries[0], 0.71)
    secret = numbers(made, 0.93)
    own = numbers(made, 0.71)
    for reader in (made.judges[1], made.judges[2]):
        for address in addresses(made):
            answer = client_as(reader).get(address, follow_redirects=True)
            assert not shows(answer, secret) and made.judges[0].name not in answer.text
    assert shows(client_as(made.judges[1]).get(f"/review/{made.round.ref}"), own)
    sheet_id = sheet_of(made).id
    for reader in (made.staff, made.approver, make.user(Role.AUDITOR), make.user(Role.CENTRE_STAFF)):
        page = client_as(reader).get(f"/staff/rounds/{made.round.ref}")
        assert page.status_code == 200 and "已提交" in page.text
        assert not shows(page, secret) and not shows(page, own)
        assert client_as(reader).get(f"/staff/rounds/{made.round.ref}/sheets/{sheet_id}").status_code in (403, 404)


def test_after_scoring_a_reviewer_sees_the_spread_of_what_they_scored_without_names(app, client_as):
    made = story.scoring(judges=4)
    for judge, share in zip(made.judges[:3], (0.7, 0.8, 0.9), strict=True):
        story.score(judge, made.entries[0], share)
        story.score(judge, made.entries[1], share)
    service.finish(made.staff, made.round)
    page = client_as(made.judges[0]).get(f"/review/{made.round.ref}").text
    assert "全体评分分布" in page and "3 份有效评分" in page
    assert made.judges[1].name not in page
    silent = client_as(made.judges[3]).get(f"/review/{made.round.ref}")
    assert "：全体评分分布" not in silent.text and not shows(silent, numbers(made, 0.9))
