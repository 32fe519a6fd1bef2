"""What applicants are told: always a reason, comments only after the street went through them, never who reviewed."""

from __future__ import annotations

import pytest

from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import lifecycle
from matchhub.domain.models import ApplicationState, ReviewRound
from matchhub.features.reviews import feedback, judging, outcome, service, signing
from tests import factories as make
from tests.reviews import story


def three():
    """Three applications with different scores, and comments of every reviewer."""
    return story.finished({0: 0.9, 1: 0.75, 2: 0.6}, applicants=3)


def comments(made, number=0):
    return feedback.comments(made.round, made.entries)[made.entries[number].id]


def decide(made):
    if made.round.result["applications"][0]["must_discuss"]:  # pragma: no cover - the panel of the story agrees
        raise AssertionError
    service.propose(made.staff, made.round, made.entries[0], story.reasons(made), 76_000_00, "一致同意。", "确有必要。")
    signing.approve(made.approver, made.round)


def page_of(client_as, made, number):
    owner = made.entries[number].organisation
    person = make.org_admin(owner)
    return client_as(person).get(f"/my/applications/{made.entries[number].ref}/outcome")


# --- a reason, always ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["propose", "reject"])
def test_no_application_is_told_a_result_without_its_reason(app, action):
    made = story.finished({0: 0.9, 1: 0.75})

    @command
    def tell(entry, reason):
        entry.result_reason = reason
        lifecycle.advance(entry, action, made.approver)

    with pytest.raises(NotNow, match="没有写明理由"):
        tell(made.entries[0], "  ")
    db.session.expire_all()
    assert made.entries[0].state is ApplicationState.QUALIFIED
    tell(made.entries[0], "方案扎实。")


def test_every_applicant_reads_the_own_reason(app, client_as):
    made = three()
    decide(made)
    for number in range(3):
        page = page_of(client_as, made, number)
        assert page.status_code == 200
        assert f"理由：{made.entries[number].organisation.name}" in page.text
        others = [entry.organisation.name for n, entry in enumerate(made.entries) if n != number]
        assert not any(name in page.text for name in others)
        assert not any(judge.name in page.text for judge in made.judges)


def test_nothing_is_told_before_the_decision_and_nothing_to_others(app, client_as):
    made = three()
    assert page_of(client_as, made, 0).status_code == 404
    decide(made)
    stranger = make.org_admin(make.organisation())
    assert client_as(stranger).get(f"/my/applications/{made.entries[0].ref}/outcome").status_code == 404
    assert client_as(made.judges[0]).get(f"/my/applications/{made.entries[0].ref}/outcome").status_code == 403


def test_the_application_page_leads_to_the_result(app, client_as):
    made = three()
    decide(made)
    person = make.org_admin(made.entries[1].organisation)
    page = client_as(person).get(f"/my/applications/{made.entries[1].ref}").text
    assert f"/my/applications/{made.entries[1].ref}/outcome" in page


# --- small numbers are kept back -------------------------------------------------------------------------------------


def test_with_three_applications_the_field_mean_is_shown(app):
    made = three()
    decide(made)
    found = outcome.of(made.entries[1])
    assert found.field_total is not None and all(group.field is not None for group in found.groups)
    own = next(row for row in made.round.result["applications"] if row["id"] == made.entries[1].id)
    assert {str(group.own) for group in found.groups} == set(own["groups"].values())


def test_with_two_applications_no_mean_tells_the_other_ones_score(app, client_as):
    made = story.decided()
    found = outcome.of(made.entries[1])
    assert found.field_total is None and all(group.field is None for group in found.groups)
    assert "不公开" in page_of(client_as, made, 1).text


def test_with_fewer_than_three_reviewers_no_number_is_shown(app):
    made = story.decided()

    row = dict(next(row for row in made.round.result["applications"] if row["id"] == made.entries[0].id))
    row["stages"] = {"application": row["stages"]["application"] | {"count": 2}}
    made.round.result = made.round.result | {"applications": [row]}
    with db.session.no_autoflush:
        found = outcome.of(made.entries[0])
    assert found.reason and found.row is None and found.groups == [] and found.comments == []
    db.session.rollback()


# --- comments --------------------------------------------------------------------------------------------------------


def test_a_comment_nobody_went_through_is_never_passed_on(app, client_as):
    made = three()
    decide(made)
    assert feedback.released(made.round, made.entries[0]) == []
    assert "总体可行" not in page_of(client_as, made, 0).text


def test_the_edited_words_are_released_and_the_original_is_kept(app, client_as):
    made = three()
    first, second, third = comments(made)
    texts = {first.sheet.id: "请补充测量方法。", second.sheet.id: second.sheet.comment, third.sheet.id: ""}
    assert feedback.edit(made.staff, made.round, texts) == 3
    assert feedback.edit(made.staff, made.round, texts) == 0, "the same once more is no edit"
    assert feedback.released(made.round, made.entries[0]) == [], "not before the decision"
    decide(made)
    assert sorted(feedback.released(made.round, made.entries[0])) == sorted(["请补充测量方法。", "总体可行。"])
    page = page_of(client_as, made, 0).text
    assert "请补充测量方法。" in page and "意见 1" in page
    assert comments(made)[0].sheet.comment == "总体可行。" and comments(made)[0].edits[0].edited_by.id == made.staff.id
    with pytest.raises(NotNow, match="批准前"):
        feedback.edit(made.staff, made.round, texts)


def test_only_the_section_edits_and_only_comments_of_this_round(app):
    made, other = three(), three()
    with pytest.raises(NotYours):
        feedback.edit(made.approver, made.round, {})
    with pytest.raises(NotNow, match="意见有变化"):
        feedback.edit(made.staff, made.round, {comments(other)[0].sheet.id: "x"})


def test_the_private_note_reaches_the_street_and_never_the_applicant(app, client_as):
    made = story.scoring(applicants=3)
    for entry in made.entries:
        for judge in made.judges:
            judging.save_sheet(
                judge, entry, story.entries_of(0.8), "可行。", private_note="请核实志愿者人数。", confidence="low"
            )
            judging.submit_sheet(judge, entry)
    service.finish(made.staff, made.round)
    staff = client_as(made.staff)
    assert "请核实志愿者人数。" in staff.get(f"/staff/rounds/{made.round.ref}/feedback").text
    feedback.edit(made.staff, made.round, {one.sheet.id: one.sheet.comment for one in comments(made)})
    decide(made)
    page = page_of(client_as, made, 0).text
    assert "可行。" in page and "请核实志愿者人数。" not in page
    number = comments(made)[0].sheet.id
    sheet = staff.get(f"/staff/rounds/{made.round.ref}/sheets/{number}").text
    assert "请核实志愿者人数。" in sheet and "把握度：低" in sheet


def test_confidence_never_weighs(app):
    totals = []
    for word in ("high", "low"):
        made = story.scoring(applicants=1)
        for judge in made.judges:
            judging.save_sheet(judge, made.entries[0], story.entries_of(0.8), "可行。", confidence=word)
            judging.submit_sheet(judge, made.entries[0])
        service.finish(made.staff, made.round)
        totals.append(made.round.result["applications"][0]["total"])
    assert totals[0] == totals[1]


def test_the_page_of_feedback(app, client_as):
    made = three()
    client, address = client_as(made.staff), f"/staff/rounds/{made.round.ref}/feedback"
    page = client.get(address).text
    assert page.count("还没有整理") == 9
    data = {f"text_{one.sheet.id}": "改过的话。" for one in comments(made)}
    assert client.post(address, data=data).status_code == 303
    assert "改过的话。" in client.get(address).text
    early = story.scoring()
    assert client_as(early.staff).get(f"/staff/rounds/{early.round.ref}/feedback").status_code == 404
    assert db.session.get(ReviewRound, early.round.id) is not None
