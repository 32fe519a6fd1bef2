"""The life of an application (申报)."""

from __future__ import annotations

from datetime import datetime

from matchhub.core import clock
from matchhub.core.i18n import _, _l
from matchhub.domain import application_form, excluding
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import Application, NeedPhase, NeedState, OrganisationState
from matchhub.domain.models import ApplicationState as S
from matchhub.domain.parties import Party as P


def call_open(application: Application, _now: datetime) -> str | None:
    if application.need.phase is NeedPhase.OPEN:
        return None
    return _("征集已经截止，不能再提交、修改或撤回申报。您填写的内容仍保留在这里。")


def organisation_admitted(application: Application, _now: datetime) -> str | None:
    if application.organisation.state is OrganisationState.ADMITTED:
        return None
    return _("贵机构目前不是“已入驻”状态，请先完成入驻核验。")


def not_barred(application: Application, _now: datetime) -> str | None:
    until = application.organisation.barred_until
    if until is None or until <= clock.today():
        return None
    return _("因上次测评不合格，贵机构在 %(day)s 前不能新申报；如有不同意见可向街道申诉。", day=until.isoformat())


def call_closed(application: Application, _now: datetime) -> str | None:
    if application.need.phase is NeedPhase.OPEN:
        return _("征集截止后才能开始资格审查。")
    return _("申报还没有开启，开启后才能开始资格审查。") if application.need.opened_at is None else None


def checks_decided(application: Application, _now: datetime) -> str | None:
    left = sum(check.passed is None for check in application.checks) if application.checks else None
    if left is None:
        return _("还没有开始资格审查，请先打开核对清单。")
    return _("还有 %(n)s 项没有核对。", n=left) if left else None


def all_passed(application: Application, _now: datetime) -> str | None:
    failed = sum(check.passed is False for check in application.checks)
    return _("有 %(n)s 项不符合，不能通过；请要求补正或作不通过处理。", n=failed) if failed else None


def some_failed(application: Application, _now: datetime) -> str | None:
    failed = any(check.passed is False for check in application.checks)
    return None if failed else _("没有不符合的项目，不需要补正或不通过。")


def one_correction(application: Application, _now: datetime) -> str | None:
    return None if application.correction_due_at is None else _("补正只有一次，已经用过。")


def within_correction(application: Application, now: datetime) -> str | None:
    due = application.correction_due_at
    return None if due and now < due else _("补正期限已过。")


def correction_over(application: Application, now: datetime) -> str | None:
    due = application.correction_due_at
    if application.state is not S.CORRECTION or (due and due <= now):
        return None
    return _("补正期限还没有到，请等机构补正。")


def decided_or_ended(application: Application, _now: datetime) -> str | None:
    """Before the eligibility check is over, only the end of the need itself ends an application."""
    if application.state is S.QUALIFIED or application.need.state in (NeedState.CANCELLED, NeedState.FAILED):
        return None
    return _("资格审查还没有完成。")


def reason_given(application: Application, _now: datetime) -> str | None:
    """Nobody is told a result without its reason, whatever the result."""
    return None if application.result_reason.strip() else _("还没有写明理由，不能告知结果。")


def need_announced(application: Application, _now: datetime) -> str | None:
    return None if application.need.state is NeedState.NOTICE else _("还没有公示。")


def partners_agreed(application: Application, _now: datetime) -> str | None:
    """A joint application is handed in when every partner on the platform has agreed to what is being handed in."""
    if application.state is S.CORRECTION and "organisation" not in application.correction_parts:
        return None
    return application_form.why_not_agreed(application, application.body.document)


def takes_part_once(application: Application, _now: datetime) -> str | None:
    return application_form.why_elsewhere(application.organisation, application)


APPLICATION = Life(
    kind="application",
    title=_l("申报"),
    states=S,
    start=S.DRAFT,
    final=frozenset({S.AWARDED}),
    words={
        S.DRAFT: _l("填写中"), S.SUBMITTED: _l("已提交"), S.WITHDRAWN: _l("已撤回"), S.CORRECTION: _l("待补正"),
        S.QUALIFIED: _l("资格通过"), S.UNQUALIFIED: _l("资格不通过"), S.PROPOSED: _l("拟立项"), S.AWARDED: _l("已立项"),
        S.NOT_SELECTED: _l("未入选"),
    },
    tones={
        S.DRAFT: "muted", S.SUBMITTED: "info", S.WITHDRAWN: "muted", S.CORRECTION: "warn", S.QUALIFIED: "primary",
        S.UNQUALIFIED: "danger", S.PROPOSED: "purple", S.AWARDED: "ok", S.NOT_SELECTED: "muted",
    },
    moves=(
        Move("submit", (S.DRAFT, S.WITHDRAWN), S.SUBMITTED, (P.OWNER_ADMIN,), _l("核对并提交"),
             (organisation_admitted, not_barred, call_open, takes_part_once, partners_agreed), page="applications.check",
             tells=(P.OWNER, P.PARTNER)),
        Move("resubmit", (S.SUBMITTED,), S.SUBMITTED, (P.OWNER_ADMIN,), _l("重新提交"),
             (organisation_admitted, call_open, takes_part_once, partners_agreed), page="applications.check",
             tells=(P.PARTNER,)),
        Move("withdraw", (S.SUBMITTED,), S.WITHDRAWN, (P.OWNER_ADMIN,), _l("撤回申报"), (call_open,),
             tells=(P.PARTNER,), consequence=_l("撤回后街道看不到这份申报；截止前您可以修改后重新提交。"), danger=True),
        Move("qualify", (S.SUBMITTED,), S.QUALIFIED, (P.OFFICE,), _l("资格通过"), (call_closed, checks_decided, all_passed),
             tells=(P.OWNER, P.PARTNER)),
        Move("ask_correction", (S.SUBMITTED,), S.CORRECTION, (P.OFFICE,), _l("要求补正"),
             (call_closed, checks_decided, some_failed, one_correction), page="applications.ask_correction",
             tells=(P.OWNER,)),
        Move("correct", (S.CORRECTION,), S.SUBMITTED, (P.OWNER_ADMIN,), _l("提交补正"), (within_correction, partners_agreed),
             page="applications.check", tells=(P.OFFICE,)),
        Move("disqualify", (S.SUBMITTED, S.CORRECTION), S.UNQUALIFIED, (P.OFFICE,), _l("资格不通过"),
             (call_closed, checks_decided, some_failed, correction_over), page="applications.disqualify",
             tells=(P.OWNER, P.PARTNER), danger=True),
        # Another person than the one who excluded it decides; its check then counts as passed.
        Move("reinstate", (S.UNQUALIFIED,), S.QUALIFIED, (P.APPROVER,), _l("决定资格异议"), (excluding.objection_waits,),
             page="applications.exclusion", tells=(P.OWNER, P.OFFICE)),
        Move("propose", (S.QUALIFIED,), S.PROPOSED, (P.APPROVER,), guards=(reason_given,), tells=(P.OWNER, P.PARTNER)),
        Move("reject", (S.SUBMITTED, S.CORRECTION, S.QUALIFIED), S.NOT_SELECTED, (P.APPROVER,), guards=(decided_or_ended, reason_given),
             tells=(P.OWNER, P.PARTNER)),
        # After an upheld objection (复议) the whole field is considered anew.
        Move("unpropose", (S.PROPOSED,), S.QUALIFIED, (P.OFFICE, P.APPROVER), tells=(P.OWNER, P.PARTNER)),
        Move("reconsider", (S.NOT_SELECTED,), S.QUALIFIED, (P.OFFICE, P.APPROVER), tells=(P.OWNER, P.PARTNER)),
        Move("award", (S.PROPOSED,), S.AWARDED, (P.OFFICE, P.APPROVER), guards=(need_announced,), tells=(P.OWNER, P.PARTNER)),
    ),
)  # fmt: skip
