"""The records, one file per aggregate. Import from here."""

from matchhub.core.ledger import LedgerEntry
from matchhub.core.outbox import OutboxRow
from matchhub.domain.models.agreement import Agreement, AgreementTemplate
from matchhub.domain.models.application import (
    Application,
    ApplicationBody,
    ApplicationState,
    ApplicationVersion,
    EligibilityCheck,
    JointProject,
    StillSealed,
)
from matchhub.domain.models.applying import ApplicationPartner, PartnerAnswer
from matchhub.domain.models.assessment import (
    Assessment,
    AssessmentState,
    ClosingReport,
    ClosingState,
    PresentationJudge,
    SampledActivity,
)
from matchhub.domain.models.attachment import Attachment
from matchhub.domain.models.base import Base, Numbers
from matchhub.domain.models.calling import CalendarYear, NeedCorrection, NeedFollow
from matchhub.domain.models.event import (
    Audience,
    Ballot,
    Event,
    EventKind,
    EventPhase,
    EventState,
    Interest,
    Presentation,
    Signup,
    SignupKind,
    SignupStatus,
    Stage,
)
from matchhub.domain.models.finding import SynonymGroup
from matchhub.domain.models.hearing import Hearing
from matchhub.domain.models.matching import Invitation, InvitationAnswer, MatchRun
from matchhub.domain.models.need import Need, NeedPhase, NeedState, Question, need_code
from matchhub.domain.models.notice import Notice, NoticeKind, NoticePhase, NoticeState, Objection, ObjectionState
from matchhub.domain.models.office import Code, Community, Holiday, Section, Setting
from matchhub.domain.models.opening import HolderKey, KeyShare, NeedKey, OpeningMode
from matchhub.domain.models.organisation import Organisation, OrganisationState, organisation_code
from matchhub.domain.models.project import (
    Activity,
    Instalment,
    PlanRow,
    Project,
    ProjectState,
    Report,
    ReportPhase,
    ReportState,
    Supervision,
    SupervisionLine,
)
from matchhub.domain.models.review import Decision, Panelist, Recusal, ReviewRound, RoundState
from matchhub.domain.models.reviewing import (
    Discussion,
    DiscussionVoice,
    FeedbackEdit,
    PanelDraw,
    ScaleReading,
    Signature,
    TieWithdrawal,
)
from matchhub.domain.models.rubric import Rubric, RubricItem, ScoreLine, ScoreSheet, SheetState, SubjectKind
from matchhub.domain.models.support import (
    EntryKind,
    Pledge,
    PledgeEntry,
    PledgeState,
    SupportKind,
    SupportLine,
    SupportPhase,
    SupportState,
)
from matchhub.domain.models.telling import DigestLine, MailHabit, MessageChoice, Reminder
from matchhub.domain.models.user import Grant, LoginAttempt, LoginSession, Message, User, user_code
from matchhub.domain.models.visit import (
    Rectification,
    RectificationItem,
    RectificationPhase,
    RectificationState,
    Suggestion,
    Visit,
    VisitKind,
    VisitPhase,
    VisitStage,
    VisitState,
)
from matchhub.domain.roles import Role

__all__ = [
    "Activity", "Agreement", "AgreementTemplate", "Application", "ApplicationBody", "ApplicationPartner",
    "ApplicationState", "ApplicationVersion", "Assessment", "AssessmentState", "Attachment", "Audience", "Ballot",
    "Base", "CalendarYear", "ClosingReport", "ClosingState", "Code", "Community", "Decision", "DigestLine",
    "Discussion", "DiscussionVoice", "EligibilityCheck", "EntryKind", "Event", "EventKind", "EventPhase",
    "EventState", "FeedbackEdit", "Grant", "Hearing", "HolderKey", "Holiday", "Instalment", "Interest",
    "Invitation", "InvitationAnswer", "JointProject", "KeyShare", "LedgerEntry", "LoginAttempt", "LoginSession",
    "MailHabit", "MatchRun", "Message", "MessageChoice", "Need", "NeedCorrection", "NeedFollow", "NeedKey",
    "NeedPhase", "NeedState", "Notice", "NoticeKind", "NoticePhase", "NoticeState", "Numbers", "Objection",
    "ObjectionState", "OpeningMode", "Organisation", "OrganisationState", "OutboxRow", "PanelDraw", "Panelist",
    "PartnerAnswer", "PlanRow", "Pledge", "PledgeEntry", "PledgeState", "Presentation", "PresentationJudge",
    "Project", "ProjectState", "Question", "Rectification", "RectificationItem", "RectificationPhase",
    "RectificationState", "Recusal", "Reminder", "Report", "ReportPhase", "ReportState", "ReviewRound", "Role",
    "RoundState", "Rubric", "RubricItem", "SampledActivity", "ScaleReading", "ScoreLine", "ScoreSheet", "Section",
    "Setting", "SheetState", "Signature", "Signup", "SignupKind", "SignupStatus", "Stage", "StillSealed",
    "SubjectKind", "Suggestion", "Supervision", "SupervisionLine", "SupportKind", "SupportLine", "SupportPhase",
    "SupportState", "SynonymGroup", "TieWithdrawal", "User", "Visit", "VisitKind", "VisitPhase", "VisitStage",
    "VisitState", "need_code", "organisation_code", "user_code",
]  # fmt: skip
