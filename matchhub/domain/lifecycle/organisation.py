"""The life of an organisation on the platform (入驻)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import attachments, coding, reference
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Notice,
    NoticeKind,
    NoticeState,
    Organisation,
    Project,
    ProjectState,
)
from matchhub.domain.models import OrganisationState as S
from matchhub.domain.parties import Party as P


def profile_complete(organisation: Organisation, _now: datetime) -> str | None:
    missing = [
        word
        for word, value in (
            (_("简介"), organisation.intro),
            (_("住所"), organisation.address),
            (_("法定代表人"), organisation.legal_representative),
            (_("成立日期"), organisation.registered_on),
            (_("联系人"), organisation.contact_name),
            (_("联系电话"), organisation.contact_phone),
            (_("服务领域"), coding.codes_of(organisation).get("field")),
        )
        if not value
    ]
    return _("资料还不完整，请补充：%(missing)s。", missing="、".join(missing)) if missing else None


def certificate_valid(organisation: Organisation, _now: datetime) -> str | None:
    """The registration certificate is there and has not run out."""
    files = attachments.of(organisation, "certificate")
    if not files:
        return _("还没有上传登记证书。")
    if all(file.expires_on is not None and file.expires_on < clock.today() for file in files):
        return _("登记证书已经过期，请上传有效的证书。")
    return None


def admission_noticed(organisation: Organisation, _now: datetime) -> str | None:
    """While its admission is on public notice nobody is admitted past it; the settings may ask for a notice always."""
    found = sa.select(Notice.state).where(
        Notice.organisation_id == organisation.id, Notice.kind == NoticeKind.ADMISSION, Notice.proposal.is_not(None)
    )
    states = set(db.session.scalars(found))
    if NoticeState.PUBLISHED in states:
        return _("入驻公示还没有结束，结束时会自动办理入驻。")
    if int(reference.setting("admission_notice_required")) and NoticeState.CONCLUDED not in states:
        return _("按设置，入驻须先公示；请在机构页面起草入驻公示。")
    return None


def nothing_running(organisation: Organisation, _now: datetime) -> str | None:
    """Whoever leaves has no project to finish and no application that the street still works on."""
    over = (ProjectState.CLOSED, ProjectState.TERMINATED)
    projects = sa.select(sa.func.count()).where(Project.organisation_id == organisation.id, Project.state.not_in(over))
    if n := db.session.scalar(projects):
        return _("还有 %(n)s 个项目没有结束，结束后才能退出。", n=n)
    pending = (
        ApplicationState.SUBMITTED,
        ApplicationState.CORRECTION,
        ApplicationState.QUALIFIED,
        ApplicationState.PROPOSED,
    )
    applications = sa.select(sa.func.count()).where(
        Application.organisation_id == organisation.id, Application.state.in_(pending)
    )
    if n := db.session.scalar(applications):
        return _("还有 %(n)s 份申报没有结果，请先撤回或等结果出来。", n=n)
    return None


ORGANISATION = Life(
    kind="organisation",
    title=_l("机构入驻"),
    states=S,
    start=S.DRAFT,
    final=frozenset({S.REFUSED, S.LEFT}),
    words={
        S.DRAFT: _l("待提交"), S.PENDING: _l("待核验"), S.RETURNED: _l("退回修改"), S.ADMITTED: _l("已入驻"),
        S.REFUSED: _l("未通过"), S.SUSPENDED: _l("已暂停"), S.LEFT: _l("已退出"),
    },
    tones={
        S.DRAFT: "muted", S.PENDING: "info", S.RETURNED: "warn", S.ADMITTED: "ok", S.REFUSED: "danger",
        S.SUSPENDED: "danger", S.LEFT: "muted",
    },
    moves=(
        Move("submit", (S.DRAFT, S.RETURNED), S.PENDING, (P.OWNER_ADMIN,), _l("提交入驻申请"),
             (profile_complete, certificate_valid), tells=(P.OFFICE, P.CENTRE), page="organisations.submit"),
        Move("admit", (S.PENDING,), S.ADMITTED, (P.OFFICE, P.APPROVER), _l("同意入驻"), (admission_noticed,),
             tells=(P.OWNER,), page="organisations.decide"),
        Move("return", (S.PENDING,), S.RETURNED, (P.OFFICE, P.APPROVER, P.CENTRE), _l("退回修改"), tells=(P.OWNER,),
             page="organisations.decide"),
        Move("refuse", (S.PENDING,), S.REFUSED, (P.OFFICE, P.APPROVER), _l("不予入驻"), tells=(P.OWNER,),
             page="organisations.decide", danger=True),
        Move("suspend", (S.ADMITTED,), S.SUSPENDED, (P.APPROVER,), _l("暂停参与"), tells=(P.OWNER,),
             page="organisations.decide", danger=True),
        Move("resume", (S.SUSPENDED,), S.ADMITTED, (P.APPROVER,), _l("恢复参与"), tells=(P.OWNER,),
             page="organisations.decide"),
        Move("leave", (S.ADMITTED, S.SUSPENDED), S.LEFT, (P.OWNER_ADMIN,), _l("退出平台"),
             (nothing_running,), tells=(P.OFFICE,), page="organisations.leave", danger=True),
    ),
)  # fmt: skip
