"""The record of a visit on paper: for those who may read it, once it is submitted, with the declaration on ties."""

from __future__ import annotations

import pytest

from matchhub.domain.models import Role
from tests import factories as make
from tests.documents import reading
from tests.supervision.scene import planned, scene, submitted


def test_everybody_who_reads_the_record_can_print_it(app, client_as):
    at = scene()
    visit = submitted(at)
    for user in (at.hub, at.backbone, at.admin, at.member, at.staff, at.approver):
        answer = client_as(user).get(f"/visits/{visit.ref}/sheet.pdf")
        assert answer.status_code == 200
        said = reading.text_of_pdf(answer.data)
        for words in (visit.ref, at.hub.name, "旁听楼组会", "纪要缺日期。", "补写时注明补记", "现场看到的情况。",
                      "没有发现需要回避的关系"):  # fmt: skip
            assert words in said
    assert f"/visits/{visit.ref}/sheet.pdf" in client_as(at.admin).get(f"/my/visits/{visit.ref}").text


def test_a_planned_visit_has_no_paper(app, client_as):
    at = scene()
    assert client_as(at.hub).get(f"/visits/{planned(at).ref}/sheet.pdf").status_code == 404


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.REVIEWER, Role.FOUNDATION, Role.ORG_ADMIN])
def test_others_cannot(app, client_as, role):
    visit = submitted(scene())
    other = make.org_admin() if role is Role.ORG_ADMIN else make.user(role)
    assert client_as(other).get(f"/visits/{visit.ref}/sheet.pdf").status_code in (403, 404)
    assert client_as(None).get(f"/visits/{visit.ref}/sheet.pdf").status_code in (302, 303, 401)
