"""The deeds of the ledger in the words of the people who did them: for the ledger's page and for what one did last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from matchhub.core import clock, ledger
from matchhub.core.i18n import _, _l
from matchhub.domain import lifecycle, messages
from matchhub.domain.models import LedgerEntry

# Deeds that are no moves, and moves whose button says less than their name.
WORDS: dict[str, str] = {
    ledger.VERIFIED: _l("核验操作记录"),
    "account.create": _l("建立账号"), "account.change": _l("修改账号资料"), "account.grant": _l("授予角色"),
    "account.end_role": _l("结束角色"), "account.deactivate": _l("停用账号"), "account.reactivate": _l("恢复账号"),
    "account.reset_password": _l("重新发放初始密码"), "account.choose_password": _l("设置自己的密码"),
    "account.change_contact": _l("修改登录邮箱或手机号"), "list.export": _l("导出清单"),
    "setting.change": _l("修改设置"), "code.add": _l("增加代码"), "code.change": _l("修改代码名称"),
    "code.delete": _l("删除代码"), "holiday.save": _l("录入日历"), "holiday.delete": _l("删除日历"),
    "calendar_year.complete": _l("标记日历年度录入完整"), "calendar_year.delete": _l("把日历年度改回未录完"),
    "rubric.new_version": _l("建立量表新版本"), "rubric.change": _l("修改量表"), "outbox.retry": _l("重新发送"),
    "organisation.register": _l("注册机构"), "organisation.save_profile": _l("修改机构资料"),
    "organisation.add_document": _l("上传机构文件"), "organisation.remove_document": _l("删除机构文件"),
    "organisation.set_standing": _l("登记信用、年检等情况"),
    "need.draft": _l("起草需求"), "need.raise": _l("上报需求"), "need.copy": _l("复制需求"), "need.decline": _l("不采纳需求"),
    "need.correct": _l("发布需求更正"), "need.draft_answer": _l("起草答复"), "need.save": _l("修改需求草稿"),
    "need.question": _l("提问"), "need.answer": _l("答复提问"), "need.announce": _l("需求转入拟立项公示"),
    "need.match": _l("需求完成对接"), "need.reconsider": _l("需求退回重新评审"), "need.start_review": _l("需求转入评审"),
    "need.give_share": _l("交出一份开启钥匙"), "need.open_applications": _l("开启申报"),
    "need.rehearse_opening": _l("演练开启"), "need.lose_share": _l("遗失一份开启钥匙"), "need.renew_key": _l("更换开启人"),
    "account.set_passphrase": _l("设置开启口令"), "account.change_passphrase": _l("修改开启口令"),
    "account.lose_passphrase": _l("申报开启口令遗失"),
    "application.object": _l("提出资格异议"), "application.keep_exclusion": _l("维持资格不通过"),
    "organisation.sign_declarations": _l("签署常备声明"),
    "application.start": _l("开始申报"), "application.save": _l("填写申报书"), "application.attach": _l("上传申报附件"),
    "application.ask_partner": _l("邀请联合申报机构"), "application.confirm_partner": _l("确认联合申报的分工"),
    "application.decline_partner": _l("不参加联合申报"), "application.drop_partner": _l("联合申报机构退出"),
    "application.copy": _l("照搬以往的申报书"),
    "application.detach": _l("删除申报附件"), "application.open_checklist": _l("开始资格审查"),
    "application.decide_rule": _l("核对资格条件"), "application.recheck": _l("重新核对资格条件"),
    "application.keep_opinion": _l("修改资格审查意见"), "application.propose": _l("申报列为拟立项"),
    "application.reject": _l("申报未入选"), "application.award": _l("申报立项"),
    "application.unpropose": _l("撤回拟立项"), "application.reconsider": _l("重新研究申报"),
    "review_round.draw_panel": _l("抽取评审人"), "review_round.discuss": _l("登记合议"),
    "review_round.keep_score": _l("合议后不改评分"), "review_round.sign": _l("会签拟立项意见"),
    "review_round.edit_feedback": _l("整理给机构的反馈"), "review_round.read_scale": _l("查看自己的评分尺度"),
    "review_round.ask_untie": _l("申请撤销回避登记"), "review_round.untie": _l("核准撤销回避登记"),
    "review_round.refuse_untie": _l("不核准撤销回避登记"),
    "score_sheet.revise": _l("合议后重新评分"),
    "review_round.set_up": _l("建立评审"), "review_round.add_panelist": _l("邀请评审人"),
    "review_round.remove_panelist": _l("移出评审人"), "review_round.declare": _l("申报利益关系"),
    "review_round.declare_tie": _l("补报利益关系"), "review_round.count_ballots": _l("登记现场投票"),
    "review_round.reopen": _l("重新决定立项"), "review_round.recompute": _l("重新汇总评分"),
    "score_sheet.submit": _l("提交评分"), "score_sheet.correct": _l("更正评分"), "score_sheet.supersede": _l("评分被更正代替"),
    "library.draft": _l("起草知识库条目"), "library.edit": _l("修改知识库条目"),
    "event.plan": _l("安排活动"), "event.edit": _l("修改活动安排"), "event.take_up": _l("列入路演申报"),
    "event.add_item": _l("加入议程"), "event.withdraw_item": _l("撤下议程"), "event.order_items": _l("调整议程顺序"),
    "event.draw": _l("抽签排序"), "event.confirm_item": _l("确认参加陈述"), "event.keep_slides": _l("上传陈述材料"),
    "event.remove_slides": _l("删除陈述材料"), "event.sign_up": _l("报名活动"), "event.cancel_sign_up": _l("取消报名"),
    "event.check_in": _l("活动签到"), "event.vote": _l("居民投票"), "event.erase": _l("删除报名人信息"),
    "event.run_talk": _l("陈述开始"), "event.run_answer": _l("答辩开始"), "event.run_pause": _l("暂停计时"),
    "event.run_resume": _l("继续计时"), "event.run_finish": _l("陈述和答辩结束"),
    "event.key_in_ballots": _l("补录纸质票"), "event.close_ballots": _l("截止投票"), "event.cancel": _l("取消活动"),
    "event.save_minutes": _l("起草活动纪要"), "event.publish_minutes": _l("发布活动纪要"),
    "event.keep_files": _l("上传活动文件"), "event.remove_file": _l("删除活动文件"),
    "event.note_interest": _l("登记支持意向"), "event.follow_up": _l("跟进支持意向"),
    "agreement_template.new_version": _l("建立协议模板新版本"),
    "notice.draft": _l("起草公示"), "notice.save": _l("修改公示草稿"), "notice.discard": _l("丢弃公示草稿"), "objection.receive": _l("收到异议"),
    "hearing.ask": _l("请机构说明情况"), "hearing.reply": _l("机构说明情况"), "project.change": _l("项目变更生效"),
    "support_line.propose": _l("提出寻求支持"), "pledge.pledge": _l("提出支持"), "pledge.receive": _l("登记到账"),
    "pledge.receive_more": _l("登记到账"), "pledge.use": _l("登记使用"), "pledge.use_more": _l("登记使用"),
    "help_request.raise": _l("提出求助"), "help_request.add_words": _l("补充求助说明"),
    "project.coach": _l("写辅导记录"), "coaching_note.give": _l("写辅导记录"), "coaching_note.reply": _l("答复辅导记录"),
    "help_resource.add": _l("登记资源"), "help_resource.change": _l("修改资源"),
    "project.found": _l("立项，生成项目"), "project.prepare_agreement": _l("拟定协议文本"),
    "project.sign": _l("登记协议"), "project.pay": _l("登记拨款"),
    "project.assign_supervisor": _l("指派督导"), "project.release_supervisor": _l("取消督导指派"),
    "project.assess": _l("测评定级"), "project.record_activity": _l("记录活动"),
    "project.change_activity": _l("修改活动记录"), "project.strike_activity": _l("划去活动记录"),
    "project.answer_survey": _l("收到一份满意度问卷"), "project.strike_survey": _l("划去一份满意度问卷"),
    "report.lapse": _l("月报随项目终止取消"),
    "visit.plan": _l("安排走访"), "visit.reschedule": _l("改期走访"), "visit.answer_suggestion": _l("答复改进建议"),
    "rectification.issue": _l("开出整改单"), "rectification.reissue": _l("要求继续整改"),
    "closing_report.begin": _l("开始写结项报告"), "closing_report.save": _l("填写结项报告"),
    "closing_report.refresh": _l("更新结项报告的数字"), "closing_report.drop_file": _l("删除结项附件"),
    "assessment.begin": _l("开始结项测评"), "assessment.assign": _l("指定台账督察人"),
    "assessment.draw_sample": _l("抽取活动样本"), "assessment.count": _l("复点活动"),
    "assessment.inspect": _l("台账督察打分"), "assessment.set_presentation": _l("安排现场汇报"),
    "assessment.present": _l("现场汇报打分"), "assessment.self_score": _l("提交自评"),
    "assessment.rescore": _l("更正测评评分"), "assessment.advise": _l("写测评评语"),
    "assessment.proceed_without": _l("缺项继续测评"), "assessment.draft_notice": _l("起草测评公示"),
    "assessment.announce": _l("公布测评结果"), "assessment.finalise": _l("测评结果确定"),
    "assessment.reconsider": _l("重新测评"), "assessment.reopen": _l("退回重新测评"),
}  # fmt: skip


@cache
def _marked(deed: str) -> str:
    """The Chinese source words of a deed, to be translated; empty where nothing is known of it."""
    kind, _dot, action = deed.partition(".")
    if deed in WORDS:
        return WORDS[deed]
    life = next((life for life in lifecycle.LIVES.values() if life.kind == kind), None)
    label = next((move.label for move in life.moves if move.action == action and move.label), "") if life else ""
    return label or messages.EVENTS.get(deed, "")


def words(deed: str) -> str:
    """What "need.publish" is called: its own name, the word on its button, or what its message says."""
    if known := _marked(deed):
        return _(known)
    kind = deed.partition(".")[0]
    life = next((life for life in lifecycle.LIVES.values() if life.kind == kind), None)
    return _("更新%(what)s", what=_(life.title)) if life else _("更新记录")


def timeline(rows: Iterable[LedgerEntry], named: Callable[[str], str] = words) -> list[dict[str, str]]:
    """Rows of the ledger as `U.timeline` prints them: when, what was done (`named` gives the words), by whom and why."""
    return [
        {
            "at": clock.local(row.at).strftime("%Y-%m-%d %H:%M"),
            "title": named(row.deed),
            "text": "：".join(part for part in (row.actor, row.details.get("reason", "")) if part),
        }
        for row in rows
    ]
