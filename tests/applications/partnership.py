"""An application with partners, and how far each of them is."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain import application_form as form
from matchhub.domain.models import Message
from matchhub.features.applications import joining, service
from tests import factories as make
from tests.applications.conftest import a_file


def lines(*names, share=30, amount_fen=20_000_00, work="承担上门陪伴"):
    return [{"name": name, "work": work, "share": share, "amount_fen": amount_fen} for name in names]


def written(lead, *names, **more):
    """A whole draft with these partners."""
    application = lead.filled(organisation=make.document()["organisation"] | {"joint": lines(*names, **more)})
    service.attach(lead.admin, application, "survey", [a_file("调研.pdf", "b")])
    return application


def asked(lead, partner):
    application = written(lead, partner.admin.organisation.name)
    joining.ask_partners(lead.admin, application)
    return application


def terms(application, partner):
    return joining.share_of(application, partner.admin.organisation).terms_sha256


def agreed(lead, partner):
    application = asked(lead, partner)
    joining.confirm(partner.admin, application, terms(application, partner))
    return application


def stands(application):
    db.session.expire_all()
    return [one.stand for one in form.shares(application, application.body.document)]


def told(user):
    return [
        row.event
        for row in db.session.scalars(sa.select(Message).where(Message.user_id == user.id).order_by(Message.id))
    ]
