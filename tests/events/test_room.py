"""The countdown, the residents' ballots, the seal on the panel's scores, and what is counted afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import eventing, intake, roadshow, sheets
from matchhub.domain.models import Ballot, EventKind, EventState, NeedState, Presentation, RoundState, SubjectKind
from matchhub.domain.sheets import Entry
from matchhub.features.events import recording, running, service, signing
from matchhub.features.events.signing import Person
from matchhub.features.reviews import judging
from tests import factories as make
from tests.events import scene
from tests.reviews import story

D = Decimal


def through(made, item):
    """One presentation from beginning to end."""
    for deed in ("talk", "answer", "finish"):
        running.run(made.staff, item, deed)


# --- the countdown ----------------------------------------------------------------------------------------------------


def test_every_screen_reads_the_same_clock(app, later):
    made = scene.running()
    item = made.items[0]
    running.run(made.staff, item, "talk")
    later(minutes=3)
    shown = eventing.countdown(made.event, clock.now())
    assert (shown["stage"], shown["left"], shown["running"], shown["number"], shown["of"]) == ("talk", 300, True, 1, 3)
    running.run(made.staff, item, "pause")
    later(minutes=10)
    assert eventing.countdown(made.event, clock.now())["left"] == 300
    running.run(made.staff, item, "resume")
    later(seconds=30)
    assert eventing.countdown(made.event, clock.now())["left"] == 270
    running.run(made.staff, item, "answer")
    assert eventing.countdown(made.event, clock.now())["left"] == 7 * 60
    later(minutes=8)
    assert eventing.countdown(made.event, clock.now())["left"] == -60
    running.run(made.staff, item, "finish")
    after = eventing.countdown(made.event, clock.now())
    assert (after["stage"], after["left"], after["next"]) == ("", None, 2)


def test_the_clock_names_nobody(app):
    made = scene.running()
    running.run(made.staff, made.items[0], "talk")
    assert made.items[0].organisation.name not in str(eventing.countdown(made.event, clock.now()))


@pytest.mark.parametrize(
    ("before", "deed", "sentence"),
    [
        ((), "answer", "先开始陈述"),
        ((), "pause", "计时没有在走"),
        (("talk",), "resume", "计时没有暂停"),
        (("talk",), "talk", "已经开始过"),
        ((), "finish", "没有在陈述或答辩"),
    ],
)
def test_the_desk_refuses_what_makes_no_sense(app, before, deed, sentence):
    made = scene.running()
    for earlier in before:
        running.run(made.staff, made.items[0], earlier)
    with pytest.raises(NotNow, match=sentence):
        running.run(made.staff, made.items[0], deed)


def test_one_presents_at_a_time_and_only_the_host_starts(app):
    made = scene.running()
    running.run(made.centre, made.items[0], "talk")
    with pytest.raises(NotNow, match="另一家还在"):
        running.run(made.staff, made.items[1], "talk")
    with pytest.raises(NotYours):
        running.run(made.judges[0], made.items[0], "pause")
    with pytest.raises(NotNow, match="正在陈述或答辩"):
        service.move(made.staff, made.event, "end")


# --- ballots ----------------------------------------------------------------------------------------------------------


def test_each_resident_gives_each_presentation_one_ballot(app):
    made = scene.running()
    item = made.items[0]
    voter = scene.resident(made.event)
    assert voter.ballot_code
    with pytest.raises(NotNow, match="投票还没有开始"):
        signing.vote(voter, item, 8)
    running.run(made.staff, item, "talk")
    ballot = signing.vote(voter, item, 8)
    assert signing.vote(voter, item, 8).id == ballot.id  # sent again after a lost answer
    with pytest.raises(NotNow, match="已经给这一家投过票"):
        signing.vote(voter, item, 10)
    for points in (0, 11, -1):
        with pytest.raises(NotNow, match="1 到 10 分"):
            signing.vote(scene.resident(made.event), item, points)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ballot)) == 1


def test_people_of_organisations_and_people_from_paper_get_no_ballot(app):
    made = scene.running()
    owner = made.owners[0]
    ticket = eventing.ticket(made.event, clock.now())
    person = Person(owner.name, signing.SignupKind.ORGANISATION, user=owner)
    assert signing.check_in(made.event, ticket, "org-phone", person).ballot_code is None
    signing.key_in(made.staff, made.event, ["王叔叔"])
    codes = db.session.scalars(sa.select(signing.Signup.ballot_code).where(signing.Signup.ballot_code.is_not(None)))
    assert list(codes) == []
    running.run(made.staff, made.items[0], "talk")
    other = make.event(EventState.RUNNING, ballots=True)
    with pytest.raises(NotYours, match="不属于这场活动"):
        signing.vote(scene.resident(other), made.items[0], 7)


def test_ballots_from_phones_and_paper_become_item_r5(app):
    made = scene.running()
    item = made.items[0]
    voters = [scene.resident(made.event) for _ in range(3)]
    running.run(made.staff, item, "talk")
    for voter, points in zip(voters, (8, 9, 10), strict=True):
        signing.vote(voter, item, points)
    running.key_in_ballots(made.staff, item, 2, D(13))
    with pytest.raises(NotNow, match="请先结束陈述和答辩"):
        running.close_ballots(made.staff, item)
    running.run(made.staff, item, "answer")
    running.run(made.staff, item, "finish")
    running.close_ballots(made.staff, item)
    assert (item.ballot_count, item.ballot_average) == (5, D("8.00"))
    assert item.paper_by_id == made.staff.id
    counted = made.round.ballots[str(item.application_id)]
    assert (counted["count"], counted["average"], counted["paper"]) == (5, "8", 2)
    rubric = sheets.newest_rubric("A2")
    r5 = next(line for line in rubric.items if line.code == "R5")
    assert intake.prefill_ballots(made.round, item.application, r5).points == 8
    with pytest.raises(NotNow, match="投票已经截止"):
        signing.vote(scene.resident(made.event), item, 1)
    with pytest.raises(NotNow, match="投票已经截止"):
        running.key_in_ballots(made.staff, item, 1, D(1))


@pytest.mark.parametrize(("count", "total"), [(2, D(1)), (2, D(21)), (0, D(5))])
def test_paper_that_cannot_be_is_refused(app, count, total):
    made = scene.running()
    running.run(made.staff, made.items[0], "talk")
    with pytest.raises(NotNow, match="每张票 1 到 10 分"):
        running.key_in_ballots(made.staff, made.items[0], count, total)


def test_counted_ballots_never_change_whoever_tries(app):
    made = scene.running()
    voter = scene.resident(made.event)
    running.run(made.staff, made.items[0], "talk")
    signing.vote(voter, made.items[0], 8)
    running.run(made.staff, made.items[0], "answer")
    running.run(made.staff, made.items[0], "finish")
    running.close_ballots(made.staff, made.items[0])
    number = made.items[0].id
    db.session.commit()
    for statement in (
        sa.update(Ballot).values(points=10),
        sa.delete(Ballot),
        sa.update(Presentation).where(Presentation.id == number).values(ballot_count=99),
    ):
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(statement)
        db.session.rollback()


def test_the_event_ends_only_when_all_ballots_are_closed(app):
    made = scene.running(applicants=2)
    through(made, made.items[0])
    with pytest.raises(NotNow, match="还有 1 家没有截止投票"):
        service.move(made.staff, made.event, "end")
    running.close_ballots(made.staff, made.items[0])
    service.move(made.staff, made.event, "end")
    assert made.event.ended_at == clock.now()


def test_after_the_erasure_nobody_can_tell_whose_ballot_it_was(app, later):
    from matchhub.core import outbox

    made = scene.running()
    voter = scene.resident(made.event)
    running.run(made.staff, made.items[0], "talk")
    signing.vote(voter, made.items[0], 8)
    later(days=40)
    outbox.drain()
    db.session.expire_all()
    assert db.session.scalars(sa.select(Ballot.signup_id)).all() == [None]
    assert db.session.scalars(sa.select(Ballot.points)).all() == [8]


# --- the seal ---------------------------------------------------------------------------------------------------------


def scored(judge, application, share):
    rubric = sheets.newest_rubric("A2")
    entries = {
        item.code: Entry(D(item.maximum) * share, remark="现场清楚。")
        for item in rubric.items
        if item.how != "computed"
    }
    judging.save_sheet(judge, application, entries, "", SubjectKind.ROADSHOW)
    return judging.submit_sheet(judge, application, SubjectKind.ROADSHOW)


def test_scores_stay_sealed_until_every_judge_without_a_tie_has_submitted(app):
    made = scene.running(judges=3)
    item = made.items[0]
    voter = scene.resident(made.event)
    running.run(made.staff, item, "talk")
    signing.vote(voter, item, 10)
    running.run(made.staff, item, "answer")
    running.run(made.staff, item, "finish")
    running.close_ballots(made.staff, item)
    application = item.application
    scored(made.judges[0], application, D("0.8"))
    scored(made.judges[1], application, D("0.8"))
    standing = roadshow.scores(made.round, application)
    assert (standing.submitted, standing.expected, standing.sealed, standing.mean) == (2, 3, True, None)
    scored(made.judges[2], application, D("0.8"))
    db.session.rollback()
    standing = roadshow.scores(made.round, application)
    assert (standing.sealed, standing.mean) == (False, D("82.00"))  # 72 from the judges' items, 10 from the room
    assert set(roadshow.board(made.round, made.items)) == {p.id for p in made.items}


def test_scores_are_open_when_scoring_has_ended_even_if_one_is_missing(app):
    made = scene.running()
    made.round.state = RoundState.DECIDING
    assert not roadshow.scores(made.round, made.entries[0]).sealed


def test_everybody_reads_the_mean_that_the_result_froze(app, client_as):
    made = scene.running(applicants=1)
    entry, address = made.entries[0], f"/events/{made.event.ref}"
    made.round.ballots = {str(entry.id): {"count": 2, "average": "10.00"}}
    db.session.commit()
    for judge, share in zip(made.judges, ("0.7", "0.8", "0.9"), strict=True):
        story.score(judge, entry, float(share))
        scored(judge, entry, D(share))
    made.round.state, made.round.result = RoundState.DECIDING, intake.compute(made.round)
    db.session.commit()
    assert "评委平均" not in client_as(None).get(address).text
    made.need.state = NeedState.NOTICE
    db.session.commit()
    assert "评委平均 82 分（满分 100）" in client_as(None).get(address).text
    assert roadshow.told(made.round) == {entry.id: roadshow.scores(made.round, entry).mean}


# --- the record -------------------------------------------------------------------------------------------------------


def held(kind=EventKind.PROMOTION, **over):
    return make.event(EventState.ENDED, kind=kind, **over)


def test_what_an_organisation_presented_is_counted_by_kind_and_year(app):
    organisation = make.organisation()
    for kind in (EventKind.PROMOTION, EventKind.PROMOTION, EventKind.CLOSING, EventKind.TRAINING):
        make.presentation(held(kind), organisation=organisation)
    make.presentation(make.event(EventState.OPEN), organisation=organisation)
    make.presentation(held(), organisation=organisation, withdrawn_at=clock.now())
    salon = held(EventKind.TRAINING)
    make.signup(salon, organisation=organisation, checked_in_at=clock.now())
    make.signup(salon, organisation=organisation)
    counts = eventing.counts(organisation)
    assert (counts.promotions, counts.closings, counts.others, counts.attended, counts.presented) == (2, 1, 1, 1, 4)
    assert eventing.counts(organisation, 2026) == counts
    assert eventing.counts(organisation, 2025) == eventing.Counts()


def test_a_roadshow_counts_in_public_only_once_its_result_is_published(app):
    made = scene.running(applicants=1)
    owner = made.entries[0].organisation
    made.event.state = EventState.ENDED
    db.session.commit()
    assert eventing.counts(owner).roadshows == 1
    assert eventing.counts(owner, told_only=True).roadshows == 0
    assert eventing.presented(owner) == []
    made.need.state = NeedState.NOTICE
    db.session.commit()
    assert eventing.counts(owner, told_only=True).roadshows == 1
    assert [p.event_id for p in eventing.presented(owner)] == [made.event.id]


def test_minutes_begin_from_what_the_site_knows_and_never_name_secret_applicants(app, later):
    made = scene.running(applicants=2)
    scene.resident(made.event)
    running.run(made.staff, made.items[0], "talk")
    later(minutes=12)
    running.run(made.staff, made.items[0], "answer")
    running.run(made.staff, made.items[0], "finish")
    text = recording.draft_of_minutes(made.event)
    assert "签到：1 人" in text
    assert "用时 12 分钟" in text
    assert made.items[0].organisation.name not in text


def test_minutes_are_published_once_and_for_good(app):
    staff, event = make.staff(), make.event(EventState.ENDED)
    item = make.presentation(event)
    recording.save_minutes(staff, event, "草稿", {item.id: "谈成场地支持。"})
    recording.publish_minutes(staff, event, "推介会顺利举行。", {item.id: "谈成场地支持。"})
    assert (event.state, event.minutes, item.outcome) == (EventState.PUBLISHED, "推介会顺利举行。", "谈成场地支持。")
    with pytest.raises(NotNow, match="发布后不能再改"):
        recording.save_minutes(staff, event, "改一改", {})
    event.minutes = "改一改"
    with pytest.raises(sa.exc.DBAPIError, match="published minutes"):
        db.session.commit()
    db.session.rollback()
    with pytest.raises(NotNow, match="纪要还没有写"):
        recording.publish_minutes(staff, make.event(EventState.ENDED), " ", {})


def test_interest_is_noted_followed_up_and_settled(app):
    staff, event = make.staff(), make.event(EventState.ENDED)
    item = make.presentation(event)
    made = recording.note_interest(staff, item, "益邻公司", "venue", "愿意提供周末场地。")
    assert recording.interests(event) == {item.id: [made]}
    recording.follow_up(staff, made, "已签场地使用说明。", settled=True)
    assert made.settled
    with pytest.raises(NotNow, match="写明跟进"):
        recording.follow_up(staff, made, " ", settled=True)
    with pytest.raises(NotNow, match="支持形式"):
        recording.note_interest(staff, item, "益邻公司", "moon")
    with pytest.raises(NotNow, match="活动开始后"):
        recording.note_interest(staff, make.presentation(make.event()), "益邻公司", "venue")
