"""The opening: who may, when, with what; what is found; and what cannot be done twice."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from matchhub.core import files, seal
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.domain import application_form as form
from matchhub.domain import earlier_sites, intake, opening, policy, sealing
from matchhub.domain.models import (
    ApplicationVersion,
    LedgerEntry,
    Message,
    NeedKey,
    NeedState,
    OpeningMode,
    Role,
    StillSealed,
)
from matchhub.domain.scoring.canonical import canonical, digest
from matchhub.features.applications import service as applications
from matchhub.features.applications import submitting
from matchhub.features.needs import service as needs
from matchhub.features.openings import service
from tests import factories as make
from tests.applications.conftest import applicant
from tests.openings.conftest import WORDS, keys, three_people, two_of_three

A_DAY_TOO_FAR = 11


def deeds(deed: str) -> list[LedgerEntry]:
    return list(db.session.scalars(sa.select(LedgerEntry).where(LedgerEntry.deed == deed).order_by(LedgerEntry.seq)))


# --- two of three ------------------------------------------------------------------------------------------------


def test_two_of_three_open_and_one_alone_does_not(held, later):
    application = applicant(held.need).submitted()
    later(days=A_DAY_TOO_FAR)
    assert service.give_share(held.people[0], held.need, WORDS) is False
    assert policy.is_sealed(application)
    with pytest.raises(StillSealed):
        form.latest(application).document["project"]
    assert service.give_share(held.people[2], held.need, WORDS) is True
    assert not policy.is_sealed(application)
    assert form.latest(application).document["project"]["title"] == "楼组加梯陪伴计划"
    (row,) = deeds("need.open_applications")
    assert row.details["openers"] == [held.people[0].id, held.people[2].id]
    assert held.key.certificate["openers"] == [held.people[0].name, held.people[2].name]


def test_nobody_opens_before_the_deadline_to_the_second(held, later):
    applicant(held.need).submitted()
    left = held.need.closes_at - make.clock.now()
    later(seconds=left.total_seconds() - 1)
    with pytest.raises(NotNow, match="征集还没有截止"):
        service.give_share(held.people[0], held.need, WORDS)
    later(seconds=1)
    assert service.give_share(held.people[0], held.need, WORDS) is False


def test_a_wrong_passphrase_and_a_stranger_open_nothing(held, later):
    later(days=A_DAY_TOO_FAR)
    with pytest.raises(Refused, match="开启口令不对"):
        service.give_share(held.people[0], held.need, WORDS + "了")
    for stranger in (make.staff(), make.approver(), make.user(Role.SYSADMIN)):
        with pytest.raises(NotYours, match="不是这条需求的开启人"):
            service.give_share(stranger, held.need, WORDS)
    assert deeds("need.give_share") == []


def test_passphrases_are_tried_ten_times_at_most(held, later):
    later(days=A_DAY_TOO_FAR)
    for _n in range(10):
        with pytest.raises(Refused, match="开启口令不对"):
            service.give_share(held.people[0], held.need, "不对的口令不对的口令")
    with pytest.raises(Refused, match="尝试次数太多"):
        service.give_share(held.people[0], held.need, WORDS)


def test_one_person_does_not_count_twice(held, later):
    later(days=A_DAY_TOO_FAR)
    service.give_share(held.people[0], held.need, WORDS)
    with pytest.raises(NotNow, match="已经交过"):
        service.give_share(held.people[0], held.need, WORDS)
    assert held.need.opened_at is None


def test_what_is_open_is_not_opened_again(held, later):
    later(days=A_DAY_TOO_FAR)
    for person in held.people[:2]:
        service.give_share(person, held.need, WORDS)
    with pytest.raises(NotNow, match="不能再次开启"):
        service.give_share(held.people[2], held.need, WORDS)
    assert len(deeds("need.open_applications")) == 1


def test_one_click_does_not_open_what_three_hold(held, later):
    later(days=A_DAY_TOO_FAR)
    with pytest.raises(NotNow, match="三位开启人中的两位"):
        service.open_with_one_key(make.staff(), held.need)


def test_database_and_server_key_and_one_share_do_not_give_the_key(held, later):
    """Whoever holds the whole database, the server's key file and one passphrase still has one share only."""
    later(days=A_DAY_TOO_FAR)
    service.give_share(held.people[0], held.need, WORDS)
    key = held.key
    assert key.enclosed is None
    given = [one for one in key.shares if one.given is not None]
    assert len(given) == 1
    other = next(one for one in key.shares if one.given is None)
    private = seal.unwrap(given[0].holder_key.wrapped, WORDS)
    with pytest.raises(seal.WontOpen):
        seal.unseal(private, other.sealed, opening.share_label(held.need, other.place))


# --- one key -----------------------------------------------------------------------------------------------------


def test_with_one_key_the_section_or_an_approver_opens_after_the_deadline(app, later):
    org = applicant()
    org.submitted()
    with pytest.raises(NotNow, match="征集还没有截止"):
        service.open_with_one_key(make.staff(), org.need)
    later(days=A_DAY_TOO_FAR)
    for stranger in (make.user(Role.CENTRE_STAFF), make.user(Role.AUDITOR), make.user(Role.SYSADMIN), org.admin,
                     make.staff(section_code="fwb")):  # fmt: skip
        with pytest.raises(NotYours):
            service.open_with_one_key(stranger, org.need)
    service.open_with_one_key(make.staff(), org.need)
    key = db.session.get(NeedKey, org.need.id)
    assert key.mode is OpeningMode.ONE and key.enclosed is None and key.certificate["applications"] == 1
    with pytest.raises(NotNow, match="不能再次开启"):
        service.open_with_one_key(make.approver(), org.need)


def test_a_call_without_applications_is_opened_too_and_only_then_failed(app, later):
    need, approver = make.need(), make.approver()
    later(days=A_DAY_TOO_FAR)
    with pytest.raises(NotNow, match="还没有开启"):
        needs.fail(approver, need, None, "没有机构申报")
    service.open_with_one_key(approver, need)
    needs.fail(approver, need, None, "没有机构申报")
    assert need.state is NeedState.FAILED


# --- the certificate -----------------------------------------------------------------------------------------------


def test_the_certificate_lists_every_version_and_the_receipts_fit(held, later):
    org, other, gone = applicant(held.need), applicant(held.need), applicant(held.need)
    mine = org.submitted()
    applications.save_part(org.admin, mine, "risks", make.document()["risks"] | {"risks": "改过的预案"})
    submitting.submit(org.admin, mine)
    other.submitted()
    submitting.withdraw(gone.admin, gone.submitted())
    receipts = {row.sealed_sha256: row.sha256 for row in db.session.scalars(sa.select(ApplicationVersion))
                if row.application_id != gone.start().id}  # fmt: skip
    later(days=A_DAY_TOO_FAR)
    for person in held.people[:2]:
        service.give_share(person, held.need, WORDS)
    certificate = held.key.certificate
    assert {line["sealed_sha256"]: line["sha256"] for line in certificate["versions"]} == receipts
    assert certificate["applications"] == 2
    assert sorted(line["outcome"] for line in certificate["versions"]) == ["counts", "counts", "replaced"]
    assert digest(canonical(certificate)) == held.key.certificate_sha256
    assert opening.still_true(held.key)
    first = next(
        row
        for row in db.session.scalars(sa.select(ApplicationVersion))
        if row.number == 1 and row.application_id == mine.id
    )
    with pytest.raises(StillSealed):  # what was replaced is read by nobody, though its writer keeps it
        first.document["risks"]
    assert first.own_text["risks"]["risks"] == "意见不一。"
    assert intake.documents([mine])[mine.id]["risks"]["risks"] == "改过的预案"


def test_a_change_of_the_sealed_text_or_of_the_certificate_is_seen(held, later):
    applicant(held.need).submitted()
    later(days=A_DAY_TOO_FAR)
    for person in held.people[:2]:
        service.give_share(person, held.need, WORDS)
    row = db.session.scalars(sa.select(ApplicationVersion)).one()
    row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    db.session.commit()
    assert not opening.still_true(held.key)
    row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    held.key.certificate = {**held.key.certificate, "applications": 7}
    db.session.commit()
    assert not opening.still_true(held.key)


def test_a_damaged_sealed_text_is_restored_from_the_copy_only_when_that_fits_the_receipt(held, later):
    good, bad = applicant(held.need), applicant(held.need)
    risks = make.document()["risks"]
    fine, lost = good.submitted(), bad.submitted(risks=risks | {"risks": "另一种预案"})
    for application in (fine, lost):
        version = form.latest(application)
        version.sealed = b"MH1" + version.sealed[3:40]
    form.latest(lost).own_copy = {"project": {"title": "被人换过的"}}
    db.session.commit()
    later(days=A_DAY_TOO_FAR)
    for person in held.people[:2]:
        service.give_share(person, held.need, WORDS)
    outcomes = {line["sha256"]: line["outcome"] for line in held.key.certificate["versions"]}
    assert outcomes == {form.latest(fine).sha256: "restored", form.latest(lost).sha256: "broken"}
    assert form.latest(fine).document["project"]["title"] == "楼组加梯陪伴计划"
    assert form.latest(lost).document == {}


def test_a_text_moved_to_another_organisation_does_not_open_there(held, later):
    one, other = applicant(held.need), applicant(held.need)
    mine, theirs = form.latest(one.submitted()), form.latest(other.submitted())
    with pytest.raises(seal.WontOpen):
        seal.unseal(b"\x01" * 32, mine.sealed, sealing.label(other.start(), 1))
    mine.sealed, theirs.sealed = theirs.sealed, mine.sealed
    db.session.commit()
    later(days=A_DAY_TOO_FAR)
    for person in held.people[:2]:
        service.give_share(person, held.need, WORDS)
    assert {line["outcome"] for line in held.key.certificate["versions"]} == {"restored"}


def test_organisations_are_told_to_compare_and_the_section_to_check(held, later):
    org = applicant(held.need)
    org.submitted()
    staff = make.staff()
    later(days=A_DAY_TOO_FAR)
    for person in held.people[:2]:
        service.give_share(person, held.need, WORDS)
    told = {(row.user_id, row.event) for row in db.session.scalars(sa.select(Message))}
    assert {(org.admin.id, "application.opened"), (org.member.id, "application.opened"),
            (staff.id, "need.open_applications")} <= told  # fmt: skip


# --- never opened ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["withdraw", "cancel"])
def test_what_ends_unopened_is_never_opened(held, later, action):
    org = applicant(held.need)
    application = org.submitted()
    if action == "cancel":
        later(days=A_DAY_TOO_FAR)
    getattr(needs, action)(held.people[0], held.need, None, "不再需要")
    later(days=A_DAY_TOO_FAR)
    assert held.key.destroyed_at is not None and [one.sealed for one in held.key.shares] == [None] * 3
    with pytest.raises(NotNow):
        service.give_share(held.people[0], held.need, WORDS)
    assert policy.is_sealed(application) and not policy.can_see(make.staff(), application)
    assert policy.can_see(org.admin, application)
    assert form.latest(application).own_text["project"]["title"] == "楼组加梯陪伴计划"


# --- passphrases, rehearsal, loss ------------------------------------------------------------------------------------


def test_a_rehearsal_opens_nothing(held):
    application = applicant(held.need).submitted()
    service.rehearse(held.people[1], held.need, WORDS)
    share = opening.share_of(held.need, held.people[1])
    assert share.rehearsed_at is not None and share.given is None and policy.is_sealed(application)
    with pytest.raises(Refused, match="开启口令不对"):
        service.rehearse(held.people[1], held.need, "不是这个口令呀呀呀")


def test_a_changed_passphrase_opens_the_old_shares(held, later):
    service.change_passphrase(held.people[0], WORDS, "另外几个不相干的词儿放在一起")
    later(days=A_DAY_TOO_FAR)
    with pytest.raises(Refused):
        service.give_share(held.people[0], held.need, WORDS)
    service.give_share(held.people[0], held.need, "另外几个不相干的词儿放在一起")
    assert service.give_share(held.people[1], held.need, WORDS) is True


def test_a_passphrase_too_easy_to_guess_is_refused(app):
    person = make.approver()
    for weak in ("短", "111111111111", "曹杨新村街道"):
        with pytest.raises(Refused):
            service.set_passphrase(person, weak)
    assert keys() == 0
    with pytest.raises(NotYours):
        service.set_passphrase(make.staff(), WORDS)


def test_one_lost_share_leaves_two_and_the_approver_is_told(held, later):
    assert service.declare_lost(held.people[1]) == 1
    told = {row.user_id for row in db.session.scalars(sa.select(Message).where(Message.event == "need.lose_share"))}
    assert held.people[0].id in told
    service.set_passphrase(held.people[1], WORDS)  # a new one, which does not bring the lost share back
    later(days=A_DAY_TOO_FAR)
    service.give_share(held.people[0], held.need, WORDS)
    assert service.give_share(held.people[2], held.need, WORDS) is True


def test_before_the_deadline_the_holders_can_be_replaced_and_the_texts_are_sealed_anew(held, later):
    org = applicant(held.need)
    application = org.submitted()
    before = form.latest(application)
    text, sealed = before.sha256, before.sealed_sha256
    service.declare_lost(held.people[1])
    service.declare_lost(held.people[2])
    fresh = [held.people[0], *three_people()[1:]]
    assert service.renew(held.people[0], held.need, fresh, "两位忘记口令") == 1
    after = form.latest(application)
    assert after.sha256 == text and after.sealed_sha256 != sealed
    assert (org.admin.id, "application.reseal") in {
        (row.user_id, row.event) for row in db.session.scalars(sa.select(Message))
    }
    later(days=A_DAY_TOO_FAR)
    with pytest.raises(NotYours):
        service.give_share(held.people[2], held.need, WORDS)
    service.give_share(fresh[1], held.need, WORDS)
    assert service.give_share(fresh[2], held.need, WORDS) is True
    assert held.key.certificate["versions"][0]["outcome"] == "counts"


def test_after_the_deadline_the_holders_stay(held, later):
    fresh = three_people()
    later(days=A_DAY_TOO_FAR)
    with pytest.raises(NotNow, match="不能再更换"):
        service.renew(held.people[0], held.need, fresh, "想换")
    with pytest.raises(NotYours):
        service.renew(make.staff(), held.need, fresh, "想换")


# --- publication -----------------------------------------------------------------------------------------------------


def test_without_three_passphrases_nothing_is_published(app):
    two_of_three()
    approver, need = make.approver(), make.need(NeedState.INTERNAL_REVIEW)
    with pytest.raises(NotNow, match="现在只有 0 位设置了开启口令"):
        needs.publish(approver, need)
    people = three_people()
    needs.publish(approver, need)
    key = db.session.get(NeedKey, need.id)
    assert key.mode is OpeningMode.TWO_OF_THREE and key.enclosed is None
    assert [one.holder_id for one in key.shares] == [person.id for person in people]


def test_an_installation_with_one_key_publishes_at_once(app):
    need = make.need(NeedState.INTERNAL_REVIEW)
    needs.publish(make.approver(), need)
    assert db.session.get(NeedKey, need.id).mode is OpeningMode.ONE


# --- a site of the first release -------------------------------------------------------------------------------------


def test_an_earlier_site_is_brought_under_the_seal(app, later):
    over = make.need(NeedState.OPEN, closes_at=make.clock.now() - make.timedelta(days=1), opened_at=None)
    running = make.application(need=make.need())
    text = make.document()
    make.add(
        ApplicationVersion(  # readable, as the first release kept it
            application_id=running.id, number=1, document=text, sha256=digest(canonical(text)),
            submitted_at=make.clock.now(), submitted_by_id=make.user().id,
        )
    )  # fmt: skip
    plain = files.save(app.config["INSTANCE"], io.BytesIO(b"%PDF-1.4 plain"), "调研.pdf", 10**6)
    paper = make.paper(running, "survey", name=plain.name, sha256=plain.sha256, size_bytes=plain.size_bytes)
    place = files.path_of(app.config["INSTANCE"], plain.sha256)
    db.session.execute(sa.text('UPDATE application_body SET document = \'{"risks": {"risks": "draft"}}\''))
    db.session.commit()
    assert place.is_file() and running.body.document["risks"]["risks"] == "draft"
    assert earlier_sites.take_in(app.config["INSTANCE"]) == 4
    assert "draft" not in str(db.session.execute(sa.text("SELECT document FROM application_body")).all())
    assert running.body.document["risks"]["risks"] == "draft"
    assert (
        not place.exists()
        and (paper.name, paper.sha256) == ("调研.pdf", plain.sha256)
        and paper.plain_name != paper.name
    )
    assert files.read(app.config["INSTANCE"], paper.place, paper.key) == b"%PDF-1.4 plain"
    assert over.opened_at == over.closes_at
    version = form.latest(running)
    assert version.opened_text is None and version.own_text["project"]["title"] == "楼组加梯陪伴计划"
    assert earlier_sites.take_in(app.config["INSTANCE"]) == 0
    later(days=A_DAY_TOO_FAR)
    make.opened(running.need)
    assert form.latest(running).document["project"]["title"] == "楼组加梯陪伴计划"


def test_the_page_promises_of_a_shared_key_what_is_true_and_no_more(held, client_as):
    """The sealed text has two locks; drafts and own copies lie under the server's key, and the page says so."""
    page = client_as(None).get(f"/needs/{held.need.ref}/opening").text
    assert "任何一个人都不能单独打开封存的文本，运行维护人员也不能" in page
    assert "草稿和自留副本" in page and "由平台服务器的密钥保护" in page
