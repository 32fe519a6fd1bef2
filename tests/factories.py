"""One function per kind of record: a valid row in any state, with only what a test cares about spelled out.

Rows are written directly, so a test can start in the middle of a life; how a life gets there is tested elsewhere.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import coding, declarations, opening, sealing, sheets, uscc
from matchhub.domain.models import (
    Activity,
    Application,
    ApplicationBody,
    ApplicationState,
    ApplicationVersion,
    Assessment,
    AssessmentState,
    Attachment,
    ClosingReport,
    ClosingState,
    EntryKind,
    Event,
    EventKind,
    EventState,
    Grant,
    HelpOutcome,
    HelpRequest,
    HelpResource,
    HelpState,
    Instalment,
    LibraryEntry,
    LibraryState,
    LibraryVersion,
    Need,
    NeedState,
    Notice,
    NoticeKind,
    NoticeState,
    Objection,
    Organisation,
    OrganisationState,
    Panelist,
    PlanRow,
    Pledge,
    PledgeEntry,
    PledgeState,
    Presentation,
    Project,
    ProjectState,
    Rectification,
    RectificationItem,
    Report,
    ReportState,
    ReviewRound,
    Role,
    RoundState,
    Signup,
    SignupKind,
    StandingDeclaration,
    Supervision,
    SupervisionLine,
    SupportKind,
    SupportLine,
    SupportState,
    User,
    Visit,
    VisitKind,
    VisitStage,
    VisitState,
)

n = count(1)
ORG_ROLES = (Role.ORG_ADMIN, Role.ORG_MEMBER)


def add(row: Any) -> Any:
    db.session.add(row)
    db.session.commit()
    return row


def code() -> str:
    """A valid, fictional unified social credit code."""
    return uscc.compose("5", "2", "310107", f"MJ{next(n):06d}")


def user(*roles: Role, **over: Any) -> User:
    """An account with these roles; organisation people get an admitted organisation of their own."""
    number = next(n)
    scope = {key: over.pop(key) for key in ("section_code", "community_code", "variety") if key in over}
    if set(roles) & set(ORG_ROLES) and not {"organisation", "organisation_id"} & set(over):
        over["organisation"] = organisation()
    if Role.STREET_STAFF in roles and "section_code" not in scope:
        scope["section_code"] = "zzb"
    row = User(**{"name": f"用户{number}", "email": f"user{number}@example.org"} | over)
    row.grants = [Grant(role=role, **scope) for role in roles]
    return add(row)


def staff(**over: Any) -> User:
    return user(Role.STREET_STAFF, **over)


def approver(**over: Any) -> User:
    return user(Role.STREET_APPROVER, **over)


def organisation(state: OrganisationState = OrganisationState.ADMITTED, **over: Any) -> Organisation:
    number = next(n)
    fields = {
        "ref": f"JG-2026-{number:03d}", "state": state, "name": f"机构{number}社会工作服务中心", "uscc": code(),
        "type": "service", "registered_on": date(2019, 5, 1), "legal_representative": "方静", "address": "兰溪路 1 号",
        "intro": "做社区服务的机构。", "contact_name": "方静", "contact_phone": "19900000000", "annual_check_passed": True,
        "capacity": 3,
    }  # fmt: skip
    row = add(Organisation(**fields | over))
    if state in (OrganisationState.DRAFT, OrganisationState.RETURNED, OrganisationState.PENDING):
        coding.set_codes(row, "field", ["lift"])
        paper(row, "certificate")
    return row


def paper(subject: Any, purpose: str, **over: Any) -> Attachment:
    """The row of a file that belongs to a record; no content lies in the store."""
    fields = {
        "code": f"file{next(n):012d}", "subject_kind": type(subject).__tablename__, "subject_id": subject.id,
        "purpose": purpose, "name": "登记证书.pdf", "media_type": "application/pdf", "size_bytes": 10, "sha256": "0" * 64,
    }  # fmt: skip
    return add(Attachment(**fields | over))


def org_admin(organisation_: Organisation | None = None, **over: Any) -> User:
    return user(Role.ORG_ADMIN, organisation=organisation_ or organisation(), **over)


def need(state: NeedState = NeedState.OPEN, **over: Any) -> Need:
    """A need published two days ago that closes in ten; from REVIEWING on it closed yesterday."""
    number, now = next(n), clock.now()
    closed = state not in (NeedState.DRAFT, NeedState.INTERNAL_REVIEW, NeedState.OPEN, NeedState.WITHDRAWN)
    published = now - timedelta(days=20 if closed else 2)
    fields = {
        "ref": f"XQ-2026-{number:03d}", "state": state, "title": f"老旧小区加装电梯协商 {number}",
        "summary": "协助楼组完成意愿征询与方案协商", "background": "六层楼没有电梯，老人下楼难。", "target_count": 300,
        "outcomes": [{"indicator": "完成征询的楼组", "baseline": "0", "target": "8"}], "requirements": "每周到场一次。",
        "starts_on": date(2026, 10, 1), "ends_on": date(2027, 6, 30), "budget_fen": 100_000_00, "funding": "street",
        "review_mode": "written", "rubric_id": sheets.newest_rubric("A").id, "section_code": "zzb",
        "contact_name": "王岚", "contact_phone": "021-0000 0000",
    }  # fmt: skip
    if state not in (NeedState.DRAFT, NeedState.INTERNAL_REVIEW):
        fields |= {
            "published_at": published,
            "questions_close_at": published + timedelta(days=7),
            "answers_due_at": published + timedelta(days=9),
            "closes_at": now - timedelta(days=1) if closed else now + timedelta(days=10),
        }
    fields |= over
    if state not in (NeedState.DRAFT, NeedState.INTERNAL_REVIEW) and fields["closes_at"] <= now:
        fields.setdefault("opened_at", fields["closes_at"])
    row = add(Need(**fields))
    for kind, wanted in (("field", ["lift"]), ("community", ["yuanyuan"]), ("target_group", ["older"])):
        coding.set_codes(row, kind, wanted)
    db.session.commit()
    return row


def application(state: ApplicationState = ApplicationState.SUBMITTED, **over: Any) -> Application:
    if "need" not in over:
        early = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
        over["need"] = need(NeedState.OPEN if state in early else NeedState.REVIEWING)
    if "organisation" not in over:
        over["organisation"] = organisation()
    document = over.pop("document", {})
    now = clock.now()
    fields: dict[str, Any] = {"ref": f"SB-2026-t{next(n):06d}", "state": state}
    if state is not ApplicationState.DRAFT:
        fields["submitted_at"] = now - timedelta(days=2)
    if state is ApplicationState.CORRECTION:
        fields["correction_due_at"] = now + timedelta(days=2)
    row = Application(**fields | over)
    row.body = ApplicationBody(document=document)
    return add(row)


def round_(
    state: RoundState = RoundState.SCORING, panel: tuple[User, ...] = (), declared: bool = True, **over: Any
) -> ReviewRound:
    if "need" not in over:
        over["need"] = need(NeedState.REVIEWING)
    rubric = over.pop("rubric", None) or sheets.newest_rubric("A")
    row = ReviewRound(**{"ref": f"PS-2026-{next(n):03d}", "state": state, "rubric": rubric} | over)
    row.panel = [Panelist(user=judge, declared_at=clock.now() if declared else None) for judge in panel]
    return add(row)


def notice(state: NoticeState = NoticeState.PUBLISHED, **over: Any) -> Notice:
    now = clock.now()
    fields: dict[str, Any] = {
        "ref": f"GS-2026-{next(n):03d}", "state": state, "kind": NoticeKind.AWARD, "title": "拟立项公示", "body": "现予公示。",
        "rows": [], "issuer": "曹杨新村街道",
    }  # fmt: skip
    if state is not NoticeState.DRAFT:
        fields |= {"published_at": now - timedelta(days=1), "starts_at": now - timedelta(hours=10),
                   "ends_at": now + timedelta(days=5)}  # fmt: skip
    return add(Notice(**fields | over))


def objection(notice_: Notice | None = None, **over: Any) -> Objection:
    number = next(n)
    fields = {
        "ref": f"YY-2026-t{number}", "notice": notice_ or notice(), "follow_code": f"follow{number:08d}", "name": "钱居民",
        "contact": "19911112222", "reason": "该机构去年的项目没有做完。", "answer_due_on": clock.today() + timedelta(days=5),
    }  # fmt: skip
    return add(Objection(**fields | over))


def project(state: ProjectState = ProjectState.ACTIVE, **over: Any) -> Project:
    """A project that began two months ago with two plan rows and three instalments, the first of them paid."""
    if "application" not in over:
        organisation_ = over.pop("organisation", None) or organisation()
        need_ = over.pop("need", None) or need(NeedState.MATCHED)
        over["application"] = awarded(need=need_, organisation=organisation_)
    own = over["application"]
    start = (clock.today() - timedelta(days=60)).replace(day=1)
    fields: dict[str, Any] = {
        "ref": f"XM-2026-{next(n):03d}", "state": state, "need": own.need, "organisation": own.organisation,
        "title": "楼组加梯陪伴计划", "summary": "陪居民走完加梯的每一步。", "amount_fen": 100_000_00,
        "goals": [{"indicator": "完成征询的楼组", "baseline": "0", "target": "8", "measure": "征询记录"}],
        "budget": [{"category": "activity", "item": "协商会", "unit_price_fen": 500_00, "quantity": 200,
                    "amount_fen": 100_000_00, "source": "applied"}],
    }  # fmt: skip
    if state is not ProjectState.PREPARING:
        fields |= {"signed_on": start, "starts_on": start, "ends_on": start + timedelta(days=240),
                   "started_at": clock.utc(start)}  # fmt: skip
    row = Project(**fields | over)
    row.plan = [
        PlanRow(seq=1, name="楼组协商会", form="community_event", times=10, people_each=20, from_month=start,
                to_month=(start + timedelta(days=150)).replace(day=1), lead="方静"),
        PlanRow(seq=2, name="政策讲座", form="lecture", times=4, people_each=50, from_month=start,
                to_month=(start + timedelta(days=120)).replace(day=1), lead="方静"),
    ]  # fmt: skip
    row.instalments = [
        Instalment(seq=1, condition="signing", percent=50, amount_fen=50_000_00, paid_on=row.signed_on),
        Instalment(seq=2, condition="middle", percent=40, amount_fen=40_000_00),
        Instalment(seq=3, condition="closing", percent=10, amount_fen=10_000_00),
    ]
    return add(row)


def supervision(project_: Project, supervisor: User, line: SupervisionLine = SupervisionLine.COACHING) -> Supervision:
    return add(Supervision(project=project_, user=supervisor, line=line))


def activity(project_: Project, **over: Any) -> Activity:
    fields = {
        "project": project_, "plan_row": project_.plan[0], "held_on": clock.today() - timedelta(days=10),
        "name": "三号楼协商会", "form": "community_event", "place": "源园居民活动室", "people": 20, "summary": "谈了费用分摊。",
    }  # fmt: skip
    return add(Activity(**fields | over))


def report(state: ReportState = ReportState.AWAITED, **over: Any) -> Report:
    if "project" not in over:
        over["project"] = project()
    month = (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    fields = {"ref": f"YB-2026-{next(n):03d}", "state": state, "month": month, "due_on": clock.today().replace(day=5)}
    if state in (ReportState.SUBMITTED, ReportState.ACCEPTED, ReportState.RETURNED):
        fields |= {
            "submitted_at": clock.now(),
            "first_submitted_at": clock.now(),
            "summary": "开了协商会。",
            "next_month": "继续。",
        }
    return add(Report(**fields | over))


def visit(state: VisitState = VisitState.PLANNED, **over: Any) -> Visit:
    if "project" not in over:
        over["project"] = project()
    if "supervisor" not in over:
        over["supervisor"] = user(Role.SUPERVISOR, variety="hub")
    fields: dict[str, Any] = {
        "ref": f"DD-2026-{next(n):03d}", "state": state, "line": SupervisionLine.COACHING, "stage": VisitStage.START,
        "kind": VisitKind.ON_SITE, "planned_on": clock.today(), "place": "源园居民活动室",
    }  # fmt: skip
    if state not in (VisitState.PLANNED, VisitState.CANCELLED):
        fields |= {"visited_on": clock.today(), "submitted_at": clock.now(), "observation": "现场有序。",
                   "confirm_due_at": clock.now() + timedelta(days=3), "no_tie_declared": True}  # fmt: skip
    return add(Visit(**fields | over))


def rectification(project_: Project | None = None, **over: Any) -> Rectification:
    issuer = over.pop("issued_by", None) or user(Role.SUPERVISOR)
    fields = {
        "ref": f"ZG-2026-{next(n):03d}", "project": project_ or project(), "issued_by_id": issuer.id,
        "due_on": clock.today() + timedelta(days=14),
    }  # fmt: skip
    row = Rectification(**fields | over)
    row.items = [RectificationItem(issue="签到表缺页", requirement="补齐并说明原因")]
    return add(row)


def closing_report(state: ClosingState = ClosingState.DRAFT, **over: Any) -> ClosingReport:
    if "project" not in over:
        over["project"] = project(ProjectState.CLOSING)
    return add(ClosingReport(**{"ref": f"JX-2026-{next(n):03d}", "state": state} | over))


def assessment(state: AssessmentState = AssessmentState.COLLECTING, **over: Any) -> Assessment:
    if "project" not in over:
        over["project"] = project(ProjectState.CLOSING)
    fields: dict[str, Any] = {"ref": f"CP-2026-{next(n):03d}", "state": state}
    if state is not AssessmentState.COLLECTING:
        fields |= {"score": 85, "grade": "good", "digest": "0" * 64, "computed_at": clock.now()}
    return add(Assessment(**fields | over))


def document(**parts: Any) -> dict[str, Any]:
    """The document of a complete application for 90,000 yuan; `parts` replace whole parts."""
    return {
        "organisation": {"contact_name": "方静", "contact_phone": "19900000000", "experience": "做过三年。", "joint": []},
        "project": {
            "title": "楼组加梯陪伴计划", "summary": "陪居民走完加梯的每一步。", "analysis": "入户 146 户。",
            "goals": [{"indicator": "完成征询的楼组", "baseline": "0", "target": "8", "measure": "征询记录"}],
            "beneficiaries": "六层楼居民", "beneficiary_count": 300, "places": "源园", "approach": "听、算、谈、签、看。",
            "participation": "每楼组两名联络人。", "sustainability": "留下档案。", "innovation": "顾虑清单。",
            "party_building": "",
        },
        "plan": {
            "starts_on": "2026-10-01", "ends_on": "2027-06-30",
            "rows": [
                {"name": "楼组协商会", "form": "mediation", "times": 6, "people_each": 20, "from_month": "2026-10",
                 "to_month": "2027-03", "lead": "方静", "expected": "会议纪要"},
                {"name": "政策讲座", "form": "lecture", "times": 4, "people_each": 50, "from_month": "2026-11",
                 "to_month": "2027-02", "lead": "方静", "expected": "四场讲座"},
            ],
        },
        "budget": {
            "amount_fen": 90_000_00, "other_resources": "",
            "rows": [
                {"category": "activity", "item": "协商会场次费", "unit_price_fen": 500_00, "quantity": 60,
                 "source": "applied", "note": ""},
                {"category": "expert", "item": "顾问咨询", "unit_price_fen": 600_00, "quantity": 100, "source": "applied",
                 "note": ""},
                {"category": "materials", "item": "场地", "unit_price_fen": 100_00, "quantity": 100, "source": "matched",
                 "note": ""},
            ],
        },
        "team": {"rows": [{"name": "方静", "qualification": "社会工作师", "role": "负责人", "share": 60}], "volunteers": ""},
        "risks": {"risks": "意见不一。", "safety": "两人同行。"},
        "declaration": {"ties": "无", "honest": True, "signed_name": "方静"},
    } | parts  # fmt: skip


def declared(organisation_: Organisation, **over: Any) -> None:
    """Every standing declaration, signed a month ago for a year."""
    signed_on = clock.today() - timedelta(days=30)
    fields: dict[str, Any] = {"signed_name": "方静", "signed_by_id": user().id, "signed_on": signed_on,
                              "expires_on": signed_on + timedelta(days=365)}  # fmt: skip
    for kind in declarations.KINDS:
        add(StandingDeclaration(organisation_id=organisation_.id, kind=kind, **fields | over))


def opened(need_: Need) -> Need:
    """Open what was submitted for a need whose deadline is over, as its one opener would; the need."""
    key = sealing.key_of(need_)
    if need_.opened_at is None and opening.why_not(need_, clock.now()) is None:
        certificate = opening.open_all(need_, sealing.private_of_one_key(key), [])
        assert not [line for line in certificate["versions"] if line["outcome"] in (opening.BROKEN, opening.RESTORED)]
    db.session.commit()
    return need_


def version(application_: Application, document_: dict[str, Any] | None = None, number: int = 1) -> ApplicationVersion:
    """A submitted text of an application."""
    author = user()
    received_at = min(clock.now(), (application_.need.closes_at or clock.now()) - timedelta(hours=1))
    fields = {"document": document_ or document(), "sha256": "0" * 64, "submitted_at": received_at}
    return add(ApplicationVersion(application_id=application_.id, number=number, submitted_by_id=author.id, **fields))


def awarded(**over: Any) -> Application:
    """An awarded application with its submitted text, from which a project can be founded."""
    row = application(ApplicationState.AWARDED, **{"need": need(NeedState.MATCHED)} | over)
    version(row)
    return row


def event(state: EventState = EventState.OPEN, **over: Any) -> Event:
    """A promotion session in three days with 40 seats; from RUNNING on it began half an hour ago."""
    number, now = next(n), clock.now()
    begun = state not in (EventState.PLANNED, EventState.OPEN, EventState.CANCELLED)
    starts = over.pop("starts_at", now - timedelta(minutes=30) if begun else now + timedelta(days=3))
    fields: dict[str, Any] = {
        "ref": f"HD-2026-t{number:04d}", "state": state, "kind": EventKind.PROMOTION, "title": f"社区项目推介会 {number}",
        "summary": "各机构介绍正在做的项目。", "place": "社会组织服务中心二楼", "starts_at": starts,
        "ends_at": starts + timedelta(hours=2), "capacity": 40, "talk_minutes": 8, "answer_minutes": 7,
        "secret": f"secret-{number}", "contact": "服务中心 021-0000 0000",
    }  # fmt: skip
    if state is not EventState.PLANNED:
        fields["announced_at"] = now - timedelta(days=5)
    if state in (EventState.ENDED, EventState.PUBLISHED):
        fields |= {"minutes": "推介会顺利举行。"}
    return add(Event(**fields | over))


def presentation(event_: Event, **over: Any) -> Presentation:
    """One item of an agenda, of an organisation of its own."""
    if "organisation" not in over:
        over["organisation"] = organisation()
    fields = {"code": f"item{next(n):06d}", "title": "楼组加梯陪伴计划", "position": len(event_.presentations) + 1}
    return add(Presentation(event=event_, **fields | over))


def signup(event_: Event, **over: Any) -> Signup:
    """Somebody who has signed up."""
    number = next(n)
    fields = {"code": f"signup{number:010d}", "kind": SignupKind.RESIDENT, "name": f"居民{number}",
              "phone": f"138{number:08d}"}  # fmt: skip
    return add(Signup(event=event_, **fields | over))


def library_entry(state: LibraryState = LibraryState.PUBLISHED, **over: Any) -> LibraryEntry:
    """An entry of the library; outside of its draft with one version."""
    number = next(n)
    fields: dict[str, Any] = {
        "ref": f"ZS-2026-{number:03d}", "state": state, "number": str(number), "kind": "guide", "title": f"加梯流程{number}",
        "text": "先**征询**意见，再委托设计。",
    }  # fmt: skip
    if state is not LibraryState.DRAFT:
        fields |= {"edition": 1, "published_at": clock.now()}
    entry = add(LibraryEntry(**fields | over))
    if entry.edition:
        add(LibraryVersion(entry_id=entry.id, edition=entry.edition, kind=entry.kind, title=entry.title,
                           text=entry.text))  # fmt: skip
    return entry


def support_line(state: SupportState = SupportState.OPEN, **over: Any) -> SupportLine:
    """Something a project asks for: 20,000 yuan unless said otherwise."""
    if "project" not in over:
        over["project"] = project()
    fields: dict[str, Any] = {
        "ref": f"ZC-2026-{next(n):03d}", "state": state, "kind": SupportKind.MONEY, "title": "给独居老人装门磁",
        "quantity": 2_000_000, "why": "门磁不在政府资金范围内。", "until": clock.today() + timedelta(days=30),
    }  # fmt: skip
    if state in (SupportState.OPEN, SupportState.CLOSED):
        fields["opened_at"] = clock.now()
    return add(SupportLine(**fields | over))


def giver(**over: Any) -> User:
    """Somebody who pledges for a foundation of their own."""
    return user(Role.FOUNDATION, organisation=organisation(type="foundation"), **over)


def pledge(state: PledgeState = PledgeState.INTENDED, line: SupportLine | None = None, **over: Any) -> Pledge:
    """A pledge of 10,000 yuan; from `received` on all of it has arrived, from `used` on all of it is used."""
    by = over.pop("by", None) or giver()
    fields: dict[str, Any] = {
        "ref": f"YX-2026-{next(n):03d}", "state": state, "line": line or support_line(), "foundation": by.organisation,
        "pledged_by_id": by.id, "quantity": 1_000_000,
    }  # fmt: skip
    row = Pledge(**fields | over)
    kinds = {PledgeState.RECEIVED: (EntryKind.RECEIPT,), PledgeState.USED: (EntryKind.RECEIPT, EntryKind.USE),
             PledgeState.REPORTED: (EntryKind.RECEIPT, EntryKind.USE)}  # fmt: skip
    row.entries = [
        PledgeEntry(kind=kind, on_day=clock.today(), quantity=row.quantity, words="门磁 40 个", recorded_by_id=by.id)
        for kind in kinds.get(state, ())
    ]
    return add(row)


def help_request(state: HelpState = HelpState.RAISED, **over: Any) -> HelpRequest:
    """A request of a running project, raised now and due in sixteen office hours; answered ones within one hour."""
    if "project" not in over:
        over["project"] = project()
    by = over.pop("by", None) or user(Role.ORG_MEMBER, organisation=over["project"].organisation)
    raised_at = over.setdefault("raised_at", clock.now())
    fields: dict[str, Any] = {
        "ref": f"QZ-2026-{next(n):03d}", "state": state, "kind": "mediator", "title": "分摊方案谈不拢",
        "details": "三号楼谈了四次没谈成，想请调解员来一次。", "contact_name": "许师傅", "contact_phone": "021-62570001",
        "raised_by_id": by.id, "answer_due_at": raised_at + timedelta(days=2),
    }  # fmt: skip
    if state not in (HelpState.RAISED, HelpState.WITHDRAWN):
        fields |= {"first_answered_at": raised_at + timedelta(hours=1), "answer_minutes": 60}
    if state in (HelpState.CONCLUDED, HelpState.CLOSED):
        fields |= {
            "outcome": HelpOutcome.SOLVED,
            "outcome_words": "签了协议。",
            "concluded_at": raised_at + timedelta(hours=2),
        }
    return add(HelpRequest(**fields | over))


def help_resource(**over: Any) -> HelpResource:
    fields: dict[str, Any] = {
        "ref": f"ZY-2026-{next(n):03d}", "kind": "mediator", "name": "老舅妈调解室", "abilities": "调解邻里和分摊纠纷",
        "contact_name": "计惠琴", "contact_phone": "021-62570099",
    }  # fmt: skip
    return add(HelpResource(**fields | over))
