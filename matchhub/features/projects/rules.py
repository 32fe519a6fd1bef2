"""What is wrong with an agreement, a payment or an activity: (field, sentence) pairs, empty when nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, money
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import agreeing, founding, lifecycle, paying, reference
from matchhub.domain.models import (
    Assessment,
    AssessmentState,
    Instalment,
    Project,
    ProjectState,
    Report,
    ReportState,
    User,
)
from matchhub.domain.parties import Party, parties

Problem = tuple[str, str]

# What a file of an activity is for.
PHOTO, SIGN_IN = "photo", "sign_in"


def must_be(user: User, row: Any, *wanted: Party) -> None:
    """Raises NotYours unless `user` is one of these parties to the record."""
    if not parties(user, row) & set(wanted):
        raise NotYours(_("您没有进行这一步的权限。"))


def must_be_in(project: Project, *states: ProjectState) -> None:
    """Raises NotNow unless the project is in one of these states."""
    if project.state not in states:
        state = _(lifecycle.word(project))
        raise NotNow(_("项目现在是“%(state)s”，不能进行这一步。请刷新页面查看最新情况。", state=state))


def refuse(problems: Sequence[Problem]) -> None:
    """Raises NotNow with the sentences of the problems, if there are any."""
    if problems:
        raise NotNow("".join(sentence for _field, sentence in problems))


def agreement(
    project: Project, signed_on: date | None, starts_on: date, ends_on: date, amount_fen: int, percents: Sequence[int]
) -> list[Problem]:
    """What is wrong with the terms; `signed_on` is the later signature, None while nobody has signed."""
    most = founding.awarded_fen(project.application)
    checks = (
        ("signed_on", signed_on is not None and signed_on > clock.today(), _("签订日期不能晚于今天，请核对协议。")),
        ("ends_on", ends_on <= starts_on, _("结束日期要晚于开始日期。")),
        ("amount", amount_fen <= 0, _("协议金额要大于 0 元。")),
        ("amount", amount_fen > most, _("协议金额不能超过立项金额 %(most)s 元。", most=money.yuan(most))),
        ("first", sum(percents) != 100, _("三期付款比例合计应为 100%%，现在是 %(sum)s%%。", sum=sum(percents))),
        ("first", min(percents) < 0, _("付款比例不能是负数。")),
        ("amount", any(row.paid_on for row in project.instalments), _("已经拨过款，协议不能再改。")),
    )
    return [(field, sentence) for field, wrong, sentence in checks if wrong]


def agreement_number(project: Project, number: str) -> list[Problem]:
    """A number names one agreement."""
    if agreeing.number_taken(project, number):
        return [("agreement_no", _("协议编号 %(number)s 已经用在另一个项目上，请换一个编号。", number=number))]
    return []


def two_people(staff: User, project: Project) -> None:
    """Raises NotYours for whoever approved the award: somebody else puts its agreement on record."""
    if agreeing.approved_award(staff, project):
        raise NotYours(_("批准立项的人不能登记协议，请由主办科室的另一位经办登记。"))


def payment(project: Project, instalment: Instalment, paid_on: date) -> list[Problem]:
    """Paid once, not in the future, in its order, and only when its condition is met."""
    earlier = [row for row in project.instalments if row.seq < instalment.seq and row.paid_on is None]
    problems = []
    if instalment.paid_on is not None:
        problems.append(("paid_on", _("这一期已经登记过拨款。")))
    if paid_on > clock.today():
        problems.append(("paid_on", _("拨款日期不能晚于今天；请在拨款之后登记。")))
    if project.signed_on is not None and paid_on < project.signed_on:
        problems.append(("paid_on", _("拨款日期不能早于协议签订日期。")))
    if earlier:
        problems.append(("paid_on", _("请先登记第 %(seq)s 期拨款。", seq=earlier[0].seq)))
    if (why := not_yet_payable(project, instalment)) is not None:
        problems.append(("paid_on", why))
    return problems


def not_yet_payable(project: Project, instalment: Instalment) -> str | None:
    """Why the condition of an instalment is not met yet; None when it is."""
    match instalment.condition:
        case "middle":
            return _middle(project)
        case "closing":
            return _closing(project)
    return None if project.signed_on else _("请先登记协议，再登记首期拨款。")


def _middle(project: Project) -> str | None:
    score = paying.middle_scores([project.id]).get(project.id)
    if score is None:
        return _("中期款要在中期督导得分确认之后拨付，现在还没有中期督导得分。")
    if not paying.middle_allows(score):
        least = reference.setting("pay_middle_score")
        return _("中期督导得分 %(score)s 分，低于拨付中期款要求的 %(least)s 分。", score=score, least=least)
    return None


def _closing(project: Project) -> str | None:
    found = sa.select(Assessment.state, Assessment.score).where(Assessment.project_id == project.id)
    row = db.session.execute(found).one_or_none()
    if row is None or row.state is not AssessmentState.FINAL:
        return _("尾款要在活跃度测评定级之后拨付，现在还没有定级。")
    if not paying.grade_allows(row.state, row.score):
        least = reference.setting("pay_last_score")
        return _("活跃度 %(score)s 分，低于拨付尾款要求的 %(least)s 分。", score=row.score, least=least)
    return None


def activity(project: Project, values: Mapping[str, Any], photos: int) -> list[Problem]:
    """`values` as `service.record_activity` takes them; `photos` is how many the activity will have."""
    held_on, least = values["held_on"], int(reference.setting("evidence_photos_min"))
    period = {"first": project.starts_on, "last": project.ends_on}
    outside = not (project.starts_on and project.ends_on and project.starts_on <= held_on <= project.ends_on)
    rows = {row.id for row in project.plan} | {None}
    checks = (
        ("held_on", held_on > clock.today(), _("活动日期不能晚于今天；活动结束后再来记录。")),
        ("held_on", outside, _("活动日期要在项目期限内：%(first)s 至 %(last)s。", **period)),
        ("plan_row", values.get("plan_row_id") not in rows, _("请从本项目的活动计划里选择。")),
        ("name", not values.get("name"), _("计划外的活动请填写名称。")),
        ("new_people", values.get("new_people", 0) > values["people"], _("新增人数不能多于参加人次。")),
        ("expense_category", bool(values.get("expense_fen")) and not values.get("expense_category"),
         _("有支出时请选择支出类别。")),
        ("photos", photos < least and not values.get("no_photo_reason"),
         _("每场活动至少上传 %(n)s 张照片；确实没有照片，请写明原因。", n=least)),
    )  # fmt: skip
    problems = [(field, sentence) for field, wrong, sentence in checks if wrong]
    if (locked := month_locked(project, held_on)) is not None:
        problems.append(("held_on", locked))
    return problems


def month_locked(project: Project, held_on: date) -> str | None:
    """Why activities of this day cannot be added or changed any more: their month has been reported."""
    state = db.session.scalar(
        sa.select(Report.state).where(Report.project_id == project.id, Report.month == held_on.replace(day=1))
    )
    month = f"{held_on:%Y-%m}"
    if state is ReportState.ACCEPTED:
        return _("%(month)s 的月报已经通过，这个月的活动不能再改；确有错误请联系街道划去。", month=month)
    if state is ReportState.SUBMITTED:
        return _("%(month)s 的月报已经提交，请先联系街道退回月报，再改这个月的活动。", month=month)
    return None
