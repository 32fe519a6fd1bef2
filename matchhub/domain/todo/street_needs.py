"""What waits for the street before a project begins: organisations, needs, applications, reviews, notices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.i18n import _, _l
from matchhub.core.ledger import LedgerEntry
from matchhub.core.standing import NOW, standing
from matchhub.domain import panels, policy, reference
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Grant,
    Need,
    NeedState,
    Notice,
    NoticeKind,
    NoticeState,
    Objection,
    ObjectionState,
    Organisation,
    OrganisationState,
    Question,
    ReviewRound,
    Role,
    RoundState,
    ScoreSheet,
    SheetState,
    SubjectKind,
    User,
)
from matchhub.domain.paths import STAFF
from matchhub.domain.todo.base import Area, Asking, Todo, has_section, in_sections, joined, path

ORGANISATION = _l("申报机构")
APPROVER = _l("街道审批人")
REVIEWERS = _l("评审人")
PERIOD = _l("公示期满")
OPEN_OBJECTIONS = (ObjectionState.RECEIVED, ObjectionState.INVESTIGATING)


def organisations(user: User) -> Asking:
    """Organisations that have handed in their profile: the street verifies them, the centre may only send them back."""
    kind, verb = (
        (_l("核验机构"), _l("去核验")) if Role.STREET_STAFF in user.roles else (_l("核对入驻资料"), _l("去核对"))
    )
    return [
        Todo(kind, row.name, path("organisation", STAFF, row.ref), verb, row.ref, Area.ORGANISATIONS,
             since=row.submitted_at)
        for row in (yield _pending())
    ]  # fmt: skip


@standing
def _pending() -> Any:
    return sa.select(Organisation.ref, Organisation.name, Organisation.submitted_at).where(
        Organisation.state == OrganisationState.PENDING
    )


def last_deed(deed: str) -> Any:
    """When `deed` was last done to the need of the row; None when never."""
    return (
        sa.select(sa.func.max(LedgerEntry.at))
        .where(LedgerEntry.subject == sa.literal("need:") + Need.ref, LedgerEntry.deed == deed)
        .scalar_subquery()
    )


def needs(user: User) -> Asking:
    """Needs that were sent back, that a residents' committee raised, and this person's own drafts."""
    return [todo for row in (yield _unpublished(has_section(user))) for todo in _need(row, user)]


@standing
def _unpublished(own: bool) -> Any:
    raised = Need.drafted_by_id.in_(sa.select(Grant.user_id).where(Grant.role == Role.NEIGHBOURHOOD))
    return sa.select(
        Need.ref, Need.title, Need.state, Need.drafted_by_id, Need.created_at, raised.label("raised"),
        last_deed("need.send_back").label("returned_at"), last_deed("need.submit").label("handed_in_at"),
    ).where(Need.state.in_((NeedState.DRAFT, NeedState.INTERNAL_REVIEW)), in_sections(own))  # fmt: skip


def _need(row: Any, user: User) -> Iterator[Todo]:
    url = path("need", STAFF, row.ref)
    if row.state is NeedState.INTERNAL_REVIEW:
        yield Todo(
            _l("审批需求"),
            row.title,
            url,
            _l("去查看"),
            row.ref,
            Area.NEEDS,
            since=row.handed_in_at,
            waits_for=APPROVER,
        )
    elif row.returned_at is not None:
        yield Todo(_l("修改退回的需求"), row.title, url, _l("去修改"), row.ref, Area.NEEDS, since=row.returned_at)
    elif row.drafted_by_id == user.id:
        yield Todo(_l("写完需求草稿"), row.title, url, _l("继续填写"), row.ref, Area.NEEDS, since=row.created_at)
    elif row.raised:
        yield Todo(_l("核对居民区需求"), row.title, url, _l("去核对"), row.ref, Area.NEEDS, since=row.created_at)


def questions(user: User) -> Asking:
    """Questions without an answer and answers that wait to be published, due at the moment that the call promised."""
    return [todo for row in (yield _asked(has_section(user))) for todo in _questions(row)]


@standing
def _asked(own: bool) -> Any:
    return open_questions().where(in_sections(own))


def open_questions() -> Any:
    """Needs with unanswered questions: how many have no text yet, how many are drafted, and since when they wait.

    They are owed while the need goes on, also after its call has closed.
    """
    unwritten = sa.func.sum(sa.case((Question.draft == "", 1), else_=0))
    return (
        sa.select(
            Need.ref, Need.title, Need.answers_due_at, unwritten.label("unwritten"),
            sa.func.count(Question.id).label("n"), sa.func.min(Question.asked_at).label("first"),
        )
        .join(Question, Question.need_id == Need.id)
        .where(Question.answered_at.is_(None), Need.state.in_((NeedState.OPEN, NeedState.REVIEWING, NeedState.NOTICE)))
        .group_by(Need.id, Need.ref, Need.title, Need.answers_due_at)
    )  # fmt: skip


def _questions(row: Any) -> Iterator[Todo]:
    if row.unwritten:
        yield Todo(
            _l("答复提问"), joined(row.title, _("%(n)s 条提问", n=row.unwritten)), path("need", STAFF, row.ref) + "#asked",
            _l("去答复"), row.ref, Area.NEEDS, due_at=row.answers_due_at, since=row.first,
        )  # fmt: skip
    elif row.n:
        yield Todo(
            _l("公布答复"), joined(row.title, _("%(n)s 条已起草", n=row.n)), path("need", STAFF, row.ref) + "/answers",
            _l("去公布"), row.ref, Area.NEEDS, due_at=row.answers_due_at, since=row.first,
        )  # fmt: skip


def _applications(*states: ApplicationState) -> Any:
    counted = sa.select(sa.func.count()).where(Application.need_id == Need.id, Application.state.in_(states))
    return counted.correlate(Need).scalar_subquery()


def _correction_runs() -> Any:
    found = sa.select(sa.func.count()).where(
        Application.need_id == Need.id,
        Application.state == ApplicationState.CORRECTION,
        Application.correction_due_at > NOW,
    )
    return found.correlate(Need).scalar_subquery()


def closed_calls() -> sa.Select[Any]:
    """Needs that were opened and whose review has not begun, with what became of their applications."""
    s = ApplicationState
    return sa.select(
        Need.ref, Need.title, Need.closes_at, Need.review_on,
        _applications(s.SUBMITTED, s.CORRECTION).label("open"), _correction_runs().label("repairing"),
        _applications(s.QUALIFIED).label("qualified"),
    ).where(Need.state == NeedState.OPEN, policy.opened())  # fmt: skip


@standing
def _closed(own: bool) -> Any:
    return closed_calls().where(in_sections(own))


def eligibility(user: User) -> Asking:
    """After the deadline: applications to check, corrections that run, and calls that are ready for review."""
    return [todo for row in (yield _closed(has_section(user))) for todo in _call(row)]


def _call(row: Any) -> Iterator[Todo]:
    to_check = row.open - row.repairing
    list_url = f"/staff/applications#need-{row.ref}"
    if to_check:
        title = joined(row.title, _("%(n)s 份申报", n=to_check))
        yield Todo(
            _l("资格审查"), title, list_url, _l("去审查"), row.ref, Area.APPLICATIONS, since=row.closes_at,
            due_on=row.review_on,
        )  # fmt: skip
    if row.repairing:
        title = joined(row.title, _("%(n)s 份申报", n=row.repairing))
        yield Todo(_l("补正申报书"), title, list_url, _l("去查看"), row.ref, Area.APPLICATIONS, waits_for=ORGANISATION)
    if not row.open and row.qualified:
        yield Todo(
            _l("开始评审"), row.title, path("need", STAFF, row.ref), _l("去安排"), row.ref, Area.REVIEWS,
            due_on=row.review_on, since=row.closes_at,
        )  # fmt: skip
    if not row.open and not row.qualified:
        yield Todo(
            _l("按流标处理"), row.title, path("need", STAFF, row.ref), _l("去查看"), row.ref, Area.NEEDS,
            since=row.closes_at, waits_for=APPROVER,
        )  # fmt: skip


PANEL_MINIMUM = sa.bindparam(
    "panel_minimum", callable_=lambda: int(reference.setting("panel_minimum")), type_=sa.Integer
)


def _short(kind: SubjectKind) -> Any:
    """How many applications under review have fewer submitted sheets of `kind` than the panel needs."""
    sheets = (
        sa.select(sa.func.count())
        .where(
            ScoreSheet.subject_kind == kind,
            ScoreSheet.subject_id == Application.id,
            ScoreSheet.state == SheetState.SUBMITTED,
        )
        .correlate(Application)
        .scalar_subquery()
    )
    found = sa.select(sa.func.count()).where(
        Application.need_id == ReviewRound.need_id,
        Application.state.in_(panels.REVIEWED),
        sheets < PANEL_MINIMUM,
    )
    return found.correlate(ReviewRound).scalar_subquery()


def rounds(user: User) -> Asking:
    """Reviews to be set up, finished and decided."""
    return [_round(row) for row in (yield _undecided(has_section(user)))]


@standing
def _undecided(own: bool) -> Any:
    return (
        sa.select(
            ReviewRound.ref, ReviewRound.state, ReviewRound.due_at, Need.title, Need.review_on, Need.review_mode,
            _short(SubjectKind.APPLICATION).label("written"), _short(SubjectKind.ROADSHOW).label("roadshow"),
        )
        .join(Need, ReviewRound.need_id == Need.id)
        .where(ReviewRound.state != RoundState.DECIDED, Need.state == NeedState.REVIEWING, in_sections(own))
    )  # fmt: skip


def _round(row: Any) -> Todo:
    url, waits_for = path("review_round", STAFF, row.ref), ""
    due_at, due_on = None, None
    if row.state is RoundState.PREPARING:
        kind, verb, due_on = _l("安排评审"), _l("去安排"), row.review_on
    elif row.state is RoundState.DECIDING:
        kind, verb = _l("提出拟立项意见"), _l("去提出")
    elif row.state is RoundState.PROPOSED:
        kind, verb, waits_for = _l("审批拟立项"), _l("去查看"), APPROVER
    else:
        kind, verb, waits_for = _scoring(row)
        due_at = row.due_at
    return Todo(
        kind, row.title, url, verb, row.ref, Area.REVIEWS, due_at=due_at, due_on=due_on, waits_for=waits_for
    )  # fmt: skip


def _scoring(row: Any) -> tuple[str, str, str]:
    wanted = panels.STAGES.get(row.review_mode, panels.STAGES["written"])
    short = {SubjectKind.APPLICATION: row.written, SubjectKind.ROADSHOW: row.roadshow}
    if not any(short[kind] for kind in wanted):
        return _l("结束打分"), _l("去汇总"), ""
    if row.due_at is not None and row.due_at <= clock.now():
        return _l("评分逾期没交齐"), _l("去查看"), ""
    return _l("评审打分"), _l("去查看"), REVIEWERS


def notices(_user: User) -> Asking:
    """Drafts to publish, notices whose period is over, and notices that run."""
    return [todo for row in (yield _running()) for todo in _notice(row)]


@standing
def _running() -> Any:
    left = (
        sa.select(sa.func.count())
        .where(Objection.notice_id == Notice.id, Objection.state.in_(OPEN_OBJECTIONS))
        .correlate(Notice)
        .scalar_subquery()
    )
    # The draft of an admission that was decided without its notice waits for nobody.
    decided = sa.and_(
        Notice.kind == NoticeKind.ADMISSION,
        Notice.proposal.is_not(None),
        sa.exists().where(Organisation.id == Notice.organisation_id, Organisation.state != OrganisationState.PENDING),
    )
    return sa.select(
        Notice.ref, Notice.state, Notice.title, Notice.ends_at, Notice.created_at, left.label("objections")
    ).where(sa.or_(Notice.state == NoticeState.PUBLISHED, sa.and_(Notice.state == NoticeState.DRAFT, ~decided)))


def _notice(row: Any) -> Iterator[Todo]:
    url = path("notice", STAFF, row.ref)
    if row.state is NoticeState.DRAFT:
        yield Todo(_l("发布公示"), row.title, url, _l("去发布"), row.ref, Area.NOTICES, since=row.created_at)
    elif row.ends_at > clock.now():
        yield Todo(
            _l("公示中"), row.title, url, _l("去查看"), row.ref, Area.NOTICES, due_at=row.ends_at, waits_for=PERIOD
        )
    elif not row.objections:
        # A period ends at 24:00: its conclusion is for the first working day after it.
        due_on = reference.calendar().next_working(clock.local(row.ends_at).date())
        yield Todo(_l("结束公示"), row.title, url, _l("去登记结果"), row.ref, Area.NOTICES, due_on=due_on)


def objections(_user: User) -> Asking:
    """Objections to accept and to answer by their day."""
    words = {
        ObjectionState.RECEIVED: (_l("受理异议"), _l("去受理")),
        ObjectionState.INVESTIGATING: (_l("答复异议"), _l("去答复")),
    }
    return [
        Todo(kind, row.title, path("objection", STAFF, row.ref), verb, row.ref, Area.OBJECTIONS,
             due_on=row.check_due_on if received and row.check_due_on else row.answer_due_on, since=row.received_at)
        for row in (yield _objections())
        for kind, verb in [words[row.state]]
        for received in [row.state is ObjectionState.RECEIVED]
    ]  # fmt: skip


@standing
def _objections() -> Any:
    return (
        sa.select(
            Objection.ref,
            Objection.state,
            Objection.check_due_on,
            Objection.answer_due_on,
            Objection.received_at,
            Notice.title,
        )
        .join(Notice, Objection.notice_id == Notice.id)
        .where(Objection.state.in_(OPEN_OBJECTIONS))
    )
