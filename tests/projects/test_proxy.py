"""What an organisation brings on paper is entered by staff, and stays marked as entered by them (代填)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import db
from matchhub.domain.models import Message, Role
from matchhub.features.projects import service
from tests import factories as make
from tests.projects.conftest import jpeg


def typed(scene, **over):
    values = scene.values()
    return {
        "plan_row": str(values["plan_row_id"]), "held_on": values["held_on"].isoformat(), "place": "源园居民活动室",
        "people": "26", "photos": (jpeg(), "现场.jpg"),
    } | over  # fmt: skip


@pytest.mark.parametrize("who", ["section", "centre"])
def test_staff_enter_an_activity_for_an_organisation_by_page(running, client_as, who):
    person = running.staff if who == "section" else make.user(Role.CENTRE_STAFF)
    client, ref = client_as(person), running.project.ref
    address = f"/staff/projects/{ref}/activities/new"
    assert address in client.get(f"/staff/projects/{ref}/ledger").get_data(as_text=True)
    answer = client.post(address, data=typed(running), content_type="multipart/form-data")
    assert answer.location == f"/staff/projects/{ref}/ledger"
    (activity,) = running.project.activities
    assert (activity.by_proxy, activity.recorded_by_id, activity.people) == (True, person.id, 26)
    assert "代填" in client.get(f"/staff/projects/{ref}/ledger").get_data(as_text=True)
    own = client_as(running.boss).get(f"/my/projects/{ref}/activities/{activity.id}").get_data(as_text=True)
    assert "由工作人员代填" in own
    assert ledger.history(f"project:{ref}")[0].details["by_proxy"] is True


def test_the_organisation_is_told_and_may_correct_it_and_the_mark_stays(running, picture):
    activity = service.record_activity(running.staff, running.project, running.values(), [picture()])
    told = db.session.scalars(sa.select(Message.user_id).where(Message.event == "project.record_activity"))
    assert running.boss.id in set(told)
    service.change_activity(running.boss, activity, running.values(people=19))
    assert (activity.people, activity.by_proxy) == (19, True)


def test_what_an_organisation_records_itself_is_nobodys_proxy(running, picture):
    activity = service.record_activity(running.boss, running.project, running.values(), [picture()])
    assert activity.by_proxy is False
    assert "by_proxy" not in ledger.history(f"project:{running.project.ref}")[0].details
    assert db.session.scalar(sa.select(Message.id).where(Message.event == "project.record_activity")) is None


def test_nobody_else_has_the_page(running, client_as):
    others = (running.boss, running.coach, running.approver, make.user(Role.AUDITOR), make.staff(section_code="fgb"))
    for person in others:
        answer = client_as(person).get(f"/staff/projects/{running.project.ref}/activities/new")
        assert answer.status_code in (403, 404)
