"""The page on which everybody can recompute a grade, and who may read it when."""

from __future__ import annotations

import hashlib

from matchhub.core.db import command
from matchhub.domain import assessing, noticing
from matchhub.domain.models import Role
from matchhub.features.closing import queries, service
from tests import factories as make
from tests.closing import story


def page(answer):
    return answer.get_data(as_text=True)


@command
def publish(notice, actor):
    noticing.publish(notice, actor)


@command
def conclude(notice, actor):
    noticing.conclude(notice, actor, "没有异议。", False)


def announced(case):
    service.compute(case.staff, case.assessment)
    service.review(case.approver, case.assessment)
    notice = service.draft_notice(case.staff, case.assessment)
    publish(notice, case.staff)
    return notice


def statuses(client_as, case):
    url = f"/assessments/{case.assessment.ref}"
    people = {"visitor": None, "owner": case.admin, "judge": case.judges[0], "inspector": case.inspector,
              "staff": case.staff, "auditor": make.user(Role.AUDITOR), "other": make.org_admin()}  # fmt: skip
    return {
        who: (client_as(user).get(url).status_code, client_as(user).get(f"{url}/inputs.json").status_code)
        for who, user in people.items()
    }


def test_who_reads_the_result_when(app, client_as, later):
    case = story.ready()
    hidden, shown = (404, 404), (200, 200)
    everybody = ("visitor", "owner", "judge", "inspector", "staff", "auditor", "other")
    inside = ("staff", "auditor")
    assert statuses(client_as, case) == {who: (200, 404) if who in inside else hidden for who in everybody}
    service.compute(case.staff, case.assessment)
    assert statuses(client_as, case) == {who: shown if who in inside else hidden for who in everybody}
    service.review(case.approver, case.assessment)
    notice = service.draft_notice(case.staff, case.assessment)
    publish(notice, case.staff)
    told = (*inside, "owner", "judge", "inspector")
    assert statuses(client_as, case) == {who: shown if who in told else hidden for who in everybody}
    later(days=12)
    conclude(notice, case.staff)
    assert statuses(client_as, case) == dict.fromkeys(everybody, shown)


def final(later):
    case = story.ready()
    service.set_extras(case.staff, case.assessment, [{"kind": "team", "points": "1.5", "evidence": "回访名册"}])
    notice = announced(case)
    later(days=12)
    conclude(notice, case.staff)
    return case


def test_every_number_stands_on_the_page(app, client_as, later):
    case = final(later)
    shown = page(client_as(None).get(f"/assessments/{case.assessment.ref}"))
    for text in (
        "(80 × 1 + 90 × 1 + 85 × 0.8) ÷ (1 + 1 + 0.8)", "90 × 30% + 90 × 30% + 85 × 40%", "88 + 附加分 1.5",
        "80、90、100", "误差率 5%", "回访名册", "有效 20 份，满意 19 份", "90 分及以上", case.assessment.digest, "先听一楼。",
    ):  # fmt: skip
        assert text in shown, text
    assert shown.index("做得好的") < shown.index("下一步") < shown.index("等级的分数线")


def test_the_page_names_no_judge(app, client_as, later):
    case = final(later)
    shown = page(client_as(None).get(f"/assessments/{case.assessment.ref}"))
    for person in (*case.judges, case.inspector):
        assert person.name not in shown


def test_the_downloaded_text_has_the_digest_of_the_page(app, client_as, later):
    case = final(later)
    body = client_as(None).get(f"/assessments/{case.assessment.ref}/inputs.json").get_data()
    assert hashlib.sha256(body).hexdigest() == case.assessment.digest


def test_the_table_of_inputs_opens_in_a_spreadsheet(app, client_as, later):
    case = final(later)
    answer = client_as(None).get(f"/assessments/{case.assessment.ref}/inputs.csv")
    text = page(answer)
    assert text.startswith("\ufeff代码,类别,名称,数值,权重")
    assert "台账督察 C1,90" in text and "附加分,孵化的自治团队仍在活动,1.5" in text
    assert "规则,台账督察权重,30" in text and case.assessment.digest in text
    assert answer.headers["Content-Disposition"].endswith(f'{case.assessment.ref}.csv"')


def test_a_running_notice_says_that_the_grade_is_not_final(app, client_as):
    case = story.ready()
    notice = announced(case)
    shown = page(client_as(case.admin).get(f"/assessments/{case.assessment.ref}"))
    assert "还不是最后的等级" in shown and f"/notices/{notice.ref}" in shown


def test_a_veto_is_told_with_its_reason(app, client_as):
    case = story.closing()
    service.set_extras(case.staff, case.assessment, [], [{"code": "forgery", "reason": "三场签到同一笔迹。"}])
    service.compute(case.staff, case.assessment)
    shown = page(client_as(case.staff).get(f"/assessments/{case.assessment.ref}"))
    assert "一票否决：伪造台账或签到" in shown and "三场签到同一笔迹。" in shown and "不合格" in shown


def test_the_record_of_an_organisation_shows_final_grades_only(app, later):
    from flask import render_template

    case = final(later)
    organisation = case.project.organisation
    running = make.project(make.ProjectState.CLOSING, organisation=organisation)
    make.assessment(make.AssessmentState.COMPUTED, project=running)
    assert [row.assessment.id for row in queries.record(organisation)] == [case.assessment.id]
    with app.test_request_context("/orgs/x"):
        shown = render_template("closing/_record.html", record=assessing.record(organisation))
    assert "89.5" in shown and "良好" in shown
