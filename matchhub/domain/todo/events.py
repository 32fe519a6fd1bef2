"""What waits around events: for the host (announce, draw, tick people off, minutes) and for presenters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.i18n import _, _l
from matchhub.core.standing import standing
from matchhub.domain import ties
from matchhub.domain.models import (
    Application,
    Event,
    EventKind,
    EventState,
    Interest,
    Need,
    Panelist,
    Presentation,
    ReviewRound,
    Role,
    RoundState,
    ScoreSheet,
    SheetState,
    SubjectKind,
    User,
)
from matchhub.domain.paths import JUDGE, STAFF
from matchhub.domain.todo.base import ME, MY_ORGANISATION, Area, Asking, Todo, has_section, in_sections, joined, path

MINUTES_DAYS = 5
WITHIN_HALF_A_DAY = sa.bindparam(
    "within_half_a_day", callable_=lambda: clock.now() + timedelta(hours=12), type_=sa.DateTime
)
WAITING_STATES = (EventState.PLANNED, EventState.OPEN, EventState.RUNNING, EventState.ENDED)


def hosting(user: User) -> Asking:
    """Events of the centre and of this person's section that ask for the next step; interests to follow up."""
    asked = _events(Role.CENTRE_STAFF in user.roles, has_section(user))
    return [todo for row in (yield asked) for todo in _hosting(row)]


@standing
def _events(centre: bool, own: bool) -> Any:
    count = sa.func.count
    items = sa.select(count()).where(Presentation.event_id == Event.id, Presentation.withdrawn_at.is_(None))
    open_interests = (
        sa.select(count())
        .select_from(Interest)
        .join(Presentation, Interest.presentation_id == Presentation.id)
        .where(Presentation.event_id == Event.id, Interest.settled.is_(False))
        .correlate(Event)
        .scalar_subquery()
    )
    found = (
        sa.select(
            Event.ref, Event.title, Event.kind, Event.state, Event.starts_at, Event.ends_at, Event.drawn_at,
            items.correlate(Event).scalar_subquery().label("items"), open_interests.label("interests"),
        )
        .outerjoin(Need, Event.need_id == Need.id)
        .where(sa.or_(Event.state.in_(WAITING_STATES), sa.and_(Event.state == EventState.PUBLISHED, open_interests > 0)))
    )  # fmt: skip
    return found if centre else found.where(sa.or_(Event.need_id.is_(None), in_sections(own)))


def _hosting(row: Any) -> Iterator[Todo]:
    url = path("event", STAFF, row.ref)
    now = clock.now()
    if row.state is EventState.PLANNED:
        yield Todo(_l("公布活动"), row.title, url, _l("去公布"), row.ref, Area.EVENTS, due_at=row.starts_at)
    elif row.state is EventState.OPEN:
        if row.kind is EventKind.ROADSHOW and row.drawn_at is None and row.items > 1:
            yield Todo(
                _l("路演抽签"), row.title, f"{url}#agenda", _l("去抽签"), row.ref, Area.EVENTS, due_at=row.starts_at
            )
        if row.starts_at <= now + timedelta(hours=2):
            yield Todo(_l("开始活动"), row.title, url, _l("去开始"), row.ref, Area.EVENTS, due_at=row.starts_at)
    elif row.state is EventState.RUNNING:
        yield Todo(_l("主持活动"), row.title, f"{url}/run", _l("去现场台"), row.ref, Area.EVENTS, due_at=row.ends_at)
    elif row.state is EventState.ENDED:
        due_on = clock.local(row.ends_at).date() + timedelta(days=MINUTES_DAYS)
        yield Todo(_l("发布活动纪要"), row.title, f"{url}/minutes", _l("去写"), row.ref, Area.EVENTS, due_on=due_on)
    if row.interests and row.state in (EventState.ENDED, EventState.PUBLISHED):
        yield Todo(
            _l("跟进支持意向"), row.title, f"{url}/interests", _l("去跟进"), row.ref, Area.EVENTS, since=row.ends_at
        )


def presenting(user: User) -> Asking:
    """Announced events at which the own organisation presents and has not said yet that it comes."""
    return [
        Todo(
            _l("确认参加陈述"), joined(row.title, row.place), f"/my/presentations/{row.code}", _l("去确认"), row.code,
            Area.MY_EVENTS, due_at=row.starts_at,
        )
        for row in (yield _presenting())
    ]  # fmt: skip


@standing
def _presenting() -> Any:
    return (
        sa.select(Presentation.code, Event.title, Event.starts_at, Event.place)
        .join(Event, Presentation.event_id == Event.id)
        .where(
            Presentation.organisation_id == (MY_ORGANISATION), Presentation.withdrawn_at.is_(None),
            Presentation.confirmed_at.is_(None), Event.state == EventState.OPEN,
        )
    )  # fmt: skip


def judging(user: User) -> Asking:
    """Roadshows of today or running at which this reviewer still owes a sheet; ties left out."""
    return [
        Todo(
            _l("路演现场打分"), joined(row.title, _("还有 %(n)s 份评分表", n=row.left)), path("event", JUDGE, row.ref),
            _l("去打分"), row.ref, Area.REVIEW, due_at=row.ends_at,
        )
        for row in (yield _judging())
    ]  # fmt: skip


@standing
def _judging() -> Any:
    done = sa.exists().where(
        ScoreSheet.subject_kind == SubjectKind.ROADSHOW,
        ScoreSheet.subject_id == Application.id,
        ScoreSheet.judge_id == ME,
        ScoreSheet.state == SheetState.SUBMITTED,
    )
    return (
        sa.select(Event.ref, Event.title, Event.ends_at, sa.func.count(Presentation.id).label("left"))
        .join(Presentation, Presentation.event_id == Event.id)
        .join(Application, Presentation.application_id == Application.id)
        .join(ReviewRound, ReviewRound.need_id == Event.need_id)
        .join(Panelist, Panelist.round_id == ReviewRound.id)
        .where(
            Panelist.user_id == ME, Panelist.declared_at.is_not(None), ReviewRound.state == RoundState.SCORING,
            Event.state.in_((EventState.OPEN, EventState.RUNNING)), Event.starts_at <= WITHIN_HALF_A_DAY,
            Presentation.withdrawn_at.is_(None), ties.free(ties.ASKED, Application.organisation_id), sa.not_(done),
        )
        .group_by(Event.id, Event.ref, Event.title, Event.ends_at)
    )  # fmt: skip
