"""An organisation with two people, an open need, and how they fill in an application."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from matchhub.core.db import db
from matchhub.core.files import Stored
from matchhub.domain import attachments
from matchhub.domain.models import Application, Need, Role, User
from matchhub.features.applications import service, submitting
from tests import factories as make


@dataclass
class Applicant:
    """`admin` submits, `member` may only write."""

    admin: User
    member: User
    need: Need

    def start(self) -> Application:
        return service.start(self.admin, self.need)

    def filled(self, **parts: Any) -> Application:
        """A draft that could be submitted."""
        application = self.start()
        for part, values in make.document(**parts).items():
            service.save_part(self.admin, application, part, values)
        return application

    def submitted(self, **parts: Any) -> Application:
        application = self.filled(**parts)
        service.attach(self.admin, application, "survey", [a_file("调研.pdf", "b")])
        submitting.submit(self.admin, application)
        return application


def a_file(name: str = "材料.pdf", letter: str = "a") -> Stored:
    return Stored(letter * 64, name, "application/pdf", 1200, key="00" * 32, place=letter * 64)


def applicant(need: Need | None = None, **over: Any) -> Applicant:
    organisation = make.organisation(**over)
    return Applicant(
        make.org_admin(organisation), make.user(Role.ORG_MEMBER, organisation=organisation), need or make.need()
    )


@pytest.fixture
def org(app: Any) -> Applicant:
    return applicant()


@pytest.fixture
def closed(org: Applicant, later: Any) -> SimpleNamespace:
    """A submitted application after the deadline, the section's staff, and the organisation with all its papers."""
    with_certificate(org)
    application = org.submitted()
    later(days=11)
    make.opened(org.need)
    return SimpleNamespace(application=application, org=org, staff=make.staff(), need=org.need)


def with_certificate(org: Applicant) -> None:
    make.declared(org.admin.organisation)
    attachments.attach(org.admin.organisation, "certificate", a_file("登记证书.pdf", "c"), org.admin)
    db.session.commit()


def in_threads(number: int, deed: Any) -> list[Exception]:
    """Press `number` times at once; whatever went wrong."""
    from flask import current_app

    app, errors = current_app._get_current_object(), []  # type: ignore[attr-defined, var-annotated]
    db.session.remove()

    def run(n: int) -> None:
        with app.app_context():
            try:
                deed(n)
            except Exception as error:
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.fixture
def need(app):
    return make.need(joint_allowed=True)


@pytest.fixture
def lead(need):
    return applicant(need)


@pytest.fixture
def partner(need):
    return applicant(need, name="邻里互助社")
