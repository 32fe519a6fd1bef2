"""Organisations hear of needs that fit them: once for each need, with reasons, as they want it, and see them on their desk."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchhub.core.db import command, db
from matchhub.domain import coding, telling
from matchhub.domain.models import ApplicationState, DigestLine, Message, NeedState, OrganisationState, Setting
from matchhub.domain.telling import Way
from matchhub.features.matching import digest, service
from matchhub.features.needs import service as needs
from matchhub.matching import fitting
from tests import factories as make


@dataclass
class Scene:
    """A need and three organisations: of its field, near to it in everything else, and far from it."""

    need: object
    field: object
    near: object
    far: object


@pytest.fixture
def scene(app):
    need = make.need(NeedState.INTERNAL_REVIEW, title="独居老人每周探访", background="陪伴独居老人")
    codes = {"field": ["elderly"], "target_group": ["alone"], "community": ["yuanyuan"]}
    for kind, wanted in codes.items():
        coding.set_codes(need, kind, wanted)
    made = {}
    for name, kinds in (("field", {"field"}), ("near", {"target_group", "community"}), ("far", set())):
        org = make.organisation(
            name=f"机构 {name}", intro="独居老人每周探访，陪伴独居老人" if name == "near" else "书画"
        )
        for kind, wanted in codes.items():
            coding.set_codes(org, kind, wanted if kind in kinds else [])
        made[name] = make.org_admin(org)
    set_least("35")
    db.session.commit()
    return Scene(need, **made)


@command
def _set(value):
    db.session.execute(sa.update(Setting).where(Setting.key == "match_tell_score").values(value=value))


def set_least(value):
    from matchhub.domain import reference

    _set(value)
    reference.forget()


def told(user) -> list[Message]:
    db.session.rollback()
    return list(
        db.session.scalars(sa.select(Message).where(Message.user_id == user.id, Message.event == fitting.EVENT))
    )


def publish(scene):
    needs.publish(make.approver(), scene.need, None)


def test_who_is_of_the_field_hears_at_once_and_who_fits_otherwise_by_the_clock_each_once(scene):
    publish(scene)
    assert len(told(scene.field)) == 1 and told(scene.near) == []
    assert digest.tell_fitting() == 1
    assert digest.tell_fitting() == 0
    assert len(told(scene.field)) == len(told(scene.near)) == 1 and told(scene.far) == []
    message = told(scene.near)[0]
    assert message.url == f"/needs/{scene.need.ref}" and message.title == scene.need.title
    assert message.note.startswith("合适程度 ") and "服务对象相符" in message.note
    assert "领域相符" in told(scene.field)[0].note


def test_nobody_hears_below_the_setting(scene):
    publish(scene)
    set_least("99")
    assert digest.tell_fitting() == 0
    set_least("0")
    assert digest.tell_fitting() == 2


def test_a_need_that_takes_no_applications_any_more_is_not_told(scene, later):
    publish(scene)
    later(days=40)
    assert digest.tell_fitting() == 0


def test_who_is_admitted_later_hears_of_needs_that_are_still_open(scene):
    scene.near.organisation.state = OrganisationState.PENDING
    db.session.commit()
    publish(scene)
    assert digest.tell_fitting() == 0
    scene.near.organisation.state = OrganisationState.ADMITTED
    db.session.commit()
    assert digest.tell_fitting() == 1


def test_who_was_invited_or_has_an_application_there_needs_no_telling(scene):
    publish(scene)
    make.application(ApplicationState.DRAFT, need=scene.need, organisation=scene.near.organisation)
    assert digest.tell_fitting() == 0
    set_least("0")
    service.invite(make.staff(), scene.need, [scene.far.organisation.id])
    assert digest.tell_fitting() == 0


def test_it_comes_in_the_daily_mail_and_can_be_switched_off(scene, client_as):
    from matchhub.core import mail

    mail.configure("127.0.0.1:1", "noreply@example.org", "https://site.example")
    try:
        page = client_as(scene.near).get("/my/notifications").text
        assert "有新需求可能适合贵机构" in page
        publish(scene)
        digest.tell_fitting()
        lines = db.session.scalars(sa.select(DigestLine).where(DigestLine.user_id == scene.near.id)).all()
        assert [line.event for line in lines] == [fitting.EVENT] and "合适程度" in lines[0].note
        _choose(scene.far)
        set_least("0")
        assert digest.tell_fitting() == 1
        assert told(scene.far) == []
        assert db.session.scalar(sa.select(DigestLine).where(DigestLine.user_id == scene.far.id)) is None
    finally:
        mail.configure("", "noreply@example.org", "")


@command
def _choose(user):
    telling.choose(user, {fitting.EVENT: Way(on_site=False, by_mail=False)}, daily=True)


def test_the_workbench_of_an_organisation_lists_what_fits_it_best_with_reasons(scene, client_as):
    publish(scene)
    text = client_as(scene.near).get("/workbench").text
    assert "适合贵机构的需求" in text and scene.need.title in text and "需求的内容和机构的介绍" in text
    assert "这是建议" in text and "/my/matches" in text
    assert "适合贵机构的需求" not in client_as(make.staff()).get("/workbench").text


def test_the_reasons_are_kept_in_the_source_language_whoever_publishes(scene, client_as):
    from matchhub.core import i18n

    i18n.speak("en")
    try:
        publish(scene)
    finally:
        i18n.speak("zh")
    assert "合适程度" in told(scene.field)[0].note


def test_the_best_fit_stands_first(scene):
    publish(scene)
    found = fitting.fits(scene.near.organisation_id, fitting.taking_applications())
    assert found[0].score > Decimal(35) and found[0].reasons
