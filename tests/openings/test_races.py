"""Many at once: openers, double clicks, two tabs, and a submission that comes while the need is being opened."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db, tx_mode
from matchhub.core.errors import Refused
from matchhub.domain import application_form as form
from matchhub.domain.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    EligibilityCheck,
    LedgerEntry,
    Need,
    User,
)
from matchhub.features.applications import checking, submitting
from matchhub.features.applications import service as applications
from matchhub.features.openings import service
from tests import factories as make
from tests.applications.conftest import a_file, applicant, with_certificate
from tests.openings.conftest import WORDS

MANY = 12


def at_once(app: Any, deeds: list[Callable[[], Any]]) -> Counter[str]:
    """Do all of them in threads that begin together; how often each outcome came ("done", or the kind of refusal)."""
    outcomes: Counter[str] = Counter()
    gate, lock = threading.Barrier(len(deeds)), threading.Lock()
    db.session.remove()

    def run(deed: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait(60)
            tx_mode.set("read")  # as during a request: only commands write, and nobody waits for a passphrase
            try:
                told = str(deed())
            except Refused as no:
                told = type(no).__name__
            finally:
                db.session.remove()
        with lock:
            outcomes[told] += 1

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sum(outcomes.values()) == len(deeds)
    return outcomes


def count(deed: str) -> int:
    found = sa.select(sa.func.count()).select_from(LedgerEntry).where(LedgerEntry.deed == deed)
    return db.session.scalar(found) or 0


def test_two_holders_at_the_same_moment_open_once(app, held, later):
    application_id = applicant(held.need).submitted().id
    later(days=11)
    need_id, ids = held.need.id, [person.id for person in held.people[:2]]

    def give(user_id: int) -> Callable[[], Any]:
        return lambda: service.give_share(db.session.get(User, user_id), db.session.get(Need, need_id), WORDS)

    assert at_once(app, [give(user_id) for user_id in ids]) == {"False": 1, "True": 1}
    assert count("need.open_applications") == 1 and count("need.give_share") == 2
    assert form.latest(db.session.get(Application, application_id)).document["project"]


def test_three_holders_at_once_and_each_clicking_twice_open_once(app, held, later):
    later(days=11)
    need_id, ids = held.need.id, [person.id for person in held.people] * 2

    def give(user_id: int) -> Callable[[], Any]:
        return lambda: service.give_share(db.session.get(User, user_id), db.session.get(Need, need_id), WORDS)

    outcomes = at_once(app, [give(user_id) for user_id in ids])
    assert outcomes["True"] == 1 and count("need.open_applications") == 1
    assert count("need.give_share") == 2


def test_many_clicks_on_open_are_one_opening(app, later):
    need, staff = make.need(), make.staff()
    applicant(need).submitted()
    later(days=11)
    need_id, staff_id = need.id, staff.id

    def press() -> Any:
        return service.open_with_one_key(db.session.get(User, staff_id), db.session.get(Need, need_id))

    assert at_once(app, [press] * MANY) == {"None": 1, "NotNow": MANY - 1}
    assert count("need.open_applications") == 1


def test_many_clicks_on_submit_are_one_version(app):
    """The page of a submission names the versions that its reader saw, so a second click on it is stale."""
    org = applicant()
    application = org.filled()
    applications.attach(org.admin, application, "survey", [a_file("调研.pdf", "b")])
    seen, body, ids = application.version, application.body.version, (org.admin.id, application.id)

    def press() -> Any:
        actor, row = db.session.get(User, ids[0]), db.session.get(Application, ids[1])
        submitting.submit(actor, row, seen, body)
        return "received"

    outcomes = at_once(app, [press] * MANY)
    assert outcomes["received"] == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ApplicationVersion)) == 1
    assert count("application.submit") == 1 and count("application.resubmit") == 0


def test_submitting_in_one_tab_and_withdrawing_in_another_ends_in_one_of_both(app):
    org = applicant()
    application = org.submitted()
    applications.save_part(org.admin, application, "risks", make.document()["risks"] | {"risks": "改过的预案"})
    seen, ids = application.version, (org.admin.id, application.id)

    def rows() -> tuple[Any, Any]:
        return db.session.get(User, ids[0]), db.session.get(Application, ids[1])

    outcomes = at_once(app, [lambda: submitting.submit(*rows(), seen), lambda: submitting.withdraw(*rows(), seen)])
    assert outcomes["Stale"] == 1
    state = db.session.get(Application, ids[1]).state
    assert (state is ApplicationState.WITHDRAWN) == (count("application.withdraw") == 1)


def test_many_clicks_on_the_checklist_make_one(app, later):
    org, staff = applicant(), make.staff()
    with_certificate(org)
    application = org.submitted()
    later(days=11)
    make.opened(org.need)
    ids = (staff.id, application.id)

    def press() -> Any:
        return checking.open_checklist(db.session.get(User, ids[0]), db.session.get(Application, ids[1]))

    assert at_once(app, [press] * MANY) == {"None": 1, "NotNow": MANY - 1}
    rules = list(db.session.scalars(sa.select(EligibilityCheck.rule)))
    assert len(rules) == len(set(rules)) > 5
