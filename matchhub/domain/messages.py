"""Messages on the site and by mail: which deed tells whom in which words.

The sentence of an event is a constant; it is translated when it is read, so a message speaks its reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.domain import paths, telling
from matchhub.domain.models import Hearing, Message, Objection, User
from matchhub.domain.parties import Party, people
from matchhub.domain.paths import JUDGE, MY, PUBLIC, STAFF

SIDES: dict[Party, str] = {
    Party.OWNER: MY,
    Party.OWNER_ADMIN: MY,
    Party.PARTNER: MY,
    Party.MEMBER: PUBLIC,
    Party.NEIGHBOURHOOD: PUBLIC,
    Party.FOUNDATION: PUBLIC,
    Party.REVIEWER: JUDGE,
    Party.SUPERVISOR: JUDGE,
    Party.INSPECTOR: JUDGE,
    Party.JUDGE: JUDGE,
}

# event = kind of record . deed
EVENTS: dict[str, str] = {
    "organisation.submit": _l("有机构提交了入驻申请，请核验"),
    "organisation.admit": _l("入驻申请已通过，可以申报项目了"),
    "organisation.return": _l("入驻资料需要修改，请按说明补充后再次提交"),
    "organisation.refuse": _l("入驻申请未通过"),
    "organisation.suspend": _l("机构已被暂停参与，恢复前不能新申报"),
    "organisation.leave": _l("机构已退出平台"),
    "organisation.resume": _l("机构已恢复参与"),
    "need.raise": _l("居民区上报了一条需求，请核对补充"),
    "need.submit": _l("有需求等待审核发布"),
    "need.send_back": _l("需求被退回修改"),
    "need.publish": _l("需求已发布"),
    "need.published_match": _l("有新需求可能适合贵机构"),
    "need.decline": _l("您上报的需求没有采纳，理由见需求页"),
    "need.withdraw": _l("需求已撤回，不再征集"),
    "need.cancel": _l("需求已取消"),
    "need.match": _l("需求已对接，即将启动"),
    "need.fail": _l("需求流标"),
    "need.lose_share": _l("一位开启人遗失了口令，请考虑更换开启人"),
    "need.renew_key": _l("您被指定为申报的开启人，请演练一次"),
    "need.give_share": _l("一位开启人已交出钥匙，请您也来开启"),
    "need.open_applications": _l("申报已开启，可以开始资格审查"),
    "need.opening_due": _l("征集已经截止，请开启申报"),
    "need.rehearsal_due": _l("请在截止之前演练一次开启口令"),
    "application.reseal": _l("开启人已更换，您的申报已重新封存，回执有新的封存件校验码"),
    "application.opened": _l("申报已开启，请用回执核对证明书"),
    "need.question": _l("有机构提问，请在答复期限前答复"),
    "need.correct": _l("您关注的需求有更正，请核对"),
    "need.answers_due": _l("有提问还没有公布答复，明天到期"),
    "need.closed": _l("您关注的需求征集已截止"),
    "need.notice": _l("您关注的需求发布了公示"),
    "need.started": _l("您关注的需求，项目已经启动"),
    "need.half_way": _l("您反映的需求，项目进行到一半了"),
    "need.closed_out": _l("您反映的需求，项目已经结项"),
    "need.invite": _l("街道邀请贵机构看看这条需求"),
    "need.answer_invitation": _l("机构答复了申报邀请"),
    "need.finished": _l("您关注的需求，项目已经结束"),
    "need.answer": _l("您关注的需求有新的答复"),
    "application.submit": _l("申报书已收到"),
    "application.ask_partner": _l("有机构邀请贵机构联合申报，请确认分工"),
    "application.confirm_partner": _l("联合申报机构已确认分工"),
    "application.decline_partner": _l("联合申报机构不参加，请修改申报书"),
    "application.drop_partner": _l("申报机构改了联合申报的安排，贵机构不再参加"),
    "application.resubmit": _l("联合申报的内容改过，已重新提交"),
    "application.withdraw": _l("联合申报已被撤回"),
    "application.ask_correction": _l("申报书需要补正，请在期限前完成"),
    "application.correct": _l("机构已提交补正，请复核"),
    "application.qualify": _l("资格审查通过"),
    "application.object": _l("机构对资格不通过提出异议，请由另一人决定"),
    "application.reinstate": _l("资格异议成立，申报恢复为资格通过"),
    "application.keep_exclusion": _l("资格异议不成立，理由见申报页"),
    "organisation.paper_expires": _l("机构的资料即将到期，请更新"),
    "organisation.paper_expired": _l("机构的资料已经到期，申报时资格审查会不通过，请更新"),
    "organisation.declaration_expires": _l("常备声明即将到期，请重新签署"),
    "organisation.declaration_expired": _l("常备声明已经到期，请重新签署"),
    "application.disqualify": _l("资格审查未通过"),
    "application.propose": _l("评审结果：拟立项，即将公示"),
    "application.award": _l("已立项，请签订协议"),
    "application.reject": _l("评审结果：未入选，理由见申报页"),
    "application.unpropose": _l("异议成立，评审结果重新研究"),
    "application.reconsider": _l("异议成立，评审结果重新研究"),
    "application.closes_in_48h": _l("申报两天内截止，您的草稿还没有提交"),
    "application.closes_in_6h": _l("申报 6 小时内截止，您的草稿还没有提交"),
    "application.correction_due": _l("补正明天到期，请尽快提交"),
    "review_round.due_in_3d": _l("评审 3 天内截止，您还有没完成的部分"),
    "review_round.due_in_1d": _l("评审明天截止，您还有没完成的部分"),
    "review_round.open": _l("您有新的评审任务，请先声明利益关系"),
    "review_round.declare_tie": _l("评审人声明了利益关系，请核对评审人是否够数"),
    "review_round.finish": _l("评审打分已结束，请汇总并提出拟立项意见"),
    "review_round.propose": _l("拟立项意见等待审批"),
    "review_round.approve": _l("拟立项意见已批准，请发布公示"),
    "review_round.send_back": _l("拟立项意见被退回，请重新研究"),
    "review_round.discuss": _l("合议已登记，请重新评分或表示不改"),
    "review_round.ask_untie": _l("有一条回避登记申请撤销，请核准"),
    "review_round.untie": _l("回避登记已核准撤销"),
    "review_round.refuse_untie": _l("撤销回避登记的申请没有核准"),
    "notice.publish": _l("公示已发布"),
    "objection.receive": _l("收到一条异议，请在期限前答复"),
    "objection.answer_due": _l("有异议快到答复期限了"),
    "objection.check_due": _l("有异议还没有决定是否受理"),
    "hearing.ask": _l("街道请贵机构就一条异议说明情况"),
    "hearing.reply": _l("机构已就异议说明情况"),
    "hearing.due": _l("异议的情况说明明天到期"),
    "project.change": _l("项目变更已生效"),
    "project.prepare_agreement": _l("协议文本已拟好，请核对"),
    "support_line.propose": _l("有项目寻求支持，请确认"),
    "support_line.confirm": _l("有项目正在寻求支持"),
    "support_line.send_back": _l("寻求支持的内容被退回修改"),
    "support_line.resubmit": _l("寻求支持的内容已修改，请确认"),
    "pledge.pledge": _l("有基金会提出支持意向，请答复"),
    "pledge.accept": _l("支持意向已接受，请按约定到账"),
    "pledge.decline": _l("支持意向被谢绝"),
    "pledge.withdraw": _l("基金会撤回了支持意向"),
    "pledge.receive": _l("支持已到账"),
    "pledge.use": _l("支持开始使用"),
    "pledge.report": _l("支持的使用结果已反馈"),
    "coaching_note.give": _l("收到一条辅导记录，请看一看"),
    "coaching_note.reply": _l("机构答复了您的辅导记录"),
    "help_request.raise": _l("有项目在绿色通道求助，请答复"),
    "help_request.answer": _l("街道答复了您的求助"),
    "help_request.refer": _l("街道为您的求助对接了资源"),
    "help_request.add_words": _l("求助有新的说明"),
    "help_request.conclude": _l("求助已有结果，请确认"),
    "help_request.close": _l("机构确认了求助的结果"),
    "help_request.reopen": _l("机构说求助没有解决，请继续办"),
    "help_request.withdraw": _l("机构撤回了求助"),
    "help_request.unanswered": _l("求助到了答复时限，还没有人答复"),
    "help_request.overdue": _l("求助超过时限一个工作日，还没有人答复"),
    "help_request.unconfirmed": _l("求助已有结果，等您确认"),
    "project.sign": _l("协议已登记"),
    "project.start": _l("项目已启动"),
    "project.pause": _l("项目已暂停"),
    "project.resume": _l("项目已恢复"),
    "project.terminate": _l("项目已终止"),
    "project.close_up": _l("项目进入结项"),
    "project.finish": _l("项目已结项归档"),
    "project.record_activity": _l("工作人员代您记了一场活动，请核对"),
    "project.assign_supervisor": _l("您被指派督导一个项目"),
    "report.submit": _l("收到月报，请审阅"),
    "report.return": _l("月报被退回，请按意见修改"),
    "report.accept": _l("月报已通过"),
    "report.exempt": _l("本月已免报"),
    "report.due_soon": _l("月报快到截止日了，还没有报送"),
    "report.overdue": _l("月报已经逾期，请尽快报送"),
    "visit.plan": _l("督导走访已安排"),
    "visit.cancel": _l("督导走访已取消"),
    "visit.submit": _l("督导记录等待确认，过期视为确认"),
    "visit.confirm": _l("机构已确认督导记录"),
    "visit.contest": _l("机构对督导记录有异议"),
    "visit.settle": _l("督导记录异议已处理"),
    "visit.confirm_due": _l("督导记录明天到期，不答复就视为确认"),
    "visit.answer_suggestion": _l("机构答复了改进建议"),
    "rectification.issue": _l("收到整改单，请在期限前完成"),
    "rectification.acknowledge": _l("机构已签收整改单"),
    "rectification.report": _l("机构已回复整改，请核验"),
    "rectification.close": _l("整改已核验通过"),
    "rectification.reissue": _l("整改未全部到位，请继续整改"),
    "rectification.due_soon": _l("整改单 3 天内到期，请尽快回复"),
    "rectification.overdue": _l("整改单已经逾期，请马上回复"),
    "rectification.overdue_issuer": _l("您开的整改单已经逾期，机构还没有回复"),
    "rectification.escalate": _l("整改逾期，已提交街道处理"),
    "closing_report.submit": _l("收到结项报告，请审核"),
    "closing_report.return": _l("结项报告被退回，请按意见修改"),
    "closing_report.accept": _l("结项报告已通过，进入测评"),
    "event.present": _l("贵机构已列入活动议程，请确认参加"),
    "event.judge": _l("路演已安排，请按时到场打分"),
    "event.drawn": _l("陈述顺序已抽签"),
    "event.moved": _l("活动的时间或地点有变"),
    "event.cancel": _l("活动已取消"),
    "event.promoted": _l("您已从候补转为报名成功"),
    "assessment.assign": _l("您有新的结项测评任务"),
    "assessment.set_presentation": _l("现场汇报已安排，请按时到场"),
    "assessment.compute": _l("活跃度测评已算出，等待审核"),
    "assessment.review": _l("活跃度测评已审核，请发布公示"),
    "assessment.reopen": _l("活跃度测评退回重算"),
    "assessment.announce": _l("活跃度测评结果开始公示"),
    "assessment.finalise": _l("活跃度测评已定级"),
}


def title_of(subject: Any) -> str:
    """The words by which people know a record: its own title or that of what it belongs to."""
    if isinstance(subject, Objection | Hearing):
        return title_of(subject.notice)  # its own name is the objector's, who stays unknown
    for name in ("title", "name"):
        if text := getattr(subject, name, None):
            return str(text)
    for name in ("need", "project", "notice", "application"):
        if inner := getattr(subject, name, None):
            return title_of(inner)
    return str(subject.ref)


def send(event: str, users: Iterable[User], title: str, url: str, note: str = "") -> None:
    """One message to each of `users` as they want it, inside the present command. `event` is a key of EVENTS."""
    sentence, told = EVENTS[event], list({user.id: user for user in users}.values())
    ways = telling.ways(event, told)
    for user in told:
        if ways[user.id].on_site:
            db.session.add(Message(user_id=user.id, event=event, title=title[:200], note=note, url=url))
        if ways[user.id].by_mail:
            telling.post(user, event, sentence, title, note, url)


def tell(subject: Any, deed: str, wanted: Iterable[Party], actor: User, note: str = "") -> None:
    """Tell the parties named in a move, except whoever did the deed."""
    told: set[int] = {actor.id}
    event = f"{paths.kind_of(subject)}.{deed}"
    for party in wanted:
        users = [user for user in people(subject, party) if user.id not in told]
        told |= {user.id for user in users}
        if users:
            send(event, users, title_of(subject), paths.path(subject, SIDES.get(party, STAFF)), note)
