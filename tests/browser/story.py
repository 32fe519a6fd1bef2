"""What the people of the journey share: their site, their clock, their windows, and the references they have been given."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from matchhub import create_app, seeds
from matchhub.core import clock, guards
from matchhub.core.db import db
from matchhub.domain import accounts, reference
from matchhub.domain.accounts import NewGrant
from matchhub.domain.models import Role
from matchhub.features.admin import service as admin
from tests.browser import chromium
from tests.browser.person import Person

PASSWORD = "lanxi road plane trees"
# Each of the three holders of a need's key has such a sentence; it is not the password.
PASSPHRASE = "苏州河边的第三盏路灯，{}记得"
HOLDERS = ("approver", "centre", "auditor")
FIRST_DAY = date(2026, 3, 3)

# Accounts that exist when the story begins; the clerk's is made by page in the first chapter.
CAST: dict[str, tuple[str, list[NewGrant]]] = {
    "sysadmin": ("顾网安", [NewGrant(Role.SYSADMIN)]),
    "approver": ("沈书岚", [NewGrant(Role.STREET_APPROVER)]),
    "centre": ("苏服务", [NewGrant(Role.CENTRE_STAFF)]),
    "auditor": ("纪审计", [NewGrant(Role.AUDITOR)]),
    "guide": ("陆引之", [NewGrant(Role.STREET_STAFF, "zzb")]),
    "reviewer1": ("程评一", [NewGrant(Role.REVIEWER)]),
    "reviewer2": ("程评二", [NewGrant(Role.REVIEWER)]),
    "reviewer3": ("程评三", [NewGrant(Role.REVIEWER)]),
    "hub": ("何枢纽", [NewGrant(Role.SUPERVISOR, variety="hub")]),
    "backbone": ("钱骨干", [NewGrant(Role.SUPERVISOR, None, "guiyang", "backbone")]),
}
ON_PHONES = {"hub", "backbone", "guide", "resident", "worker"}


def empty_site(folder: Path) -> Flask:
    """A site as it is installed: reference data, no demonstration, CSRF on."""
    folder.mkdir()
    app = create_app(
        {"TESTING": True, "DATABASE_URL": f"sqlite:///{folder / 'journey.sqlite'}", "INSTANCE": folder,
         "SECRET_KEY": "journey", "OUTBOX": "manual", "SQLITE_SYNCHRONOUS": "OFF"}
    )  # fmt: skip
    with app.app_context():
        reference.forget()
        db.create_all()
        with db.engine.begin() as connection:
            guards.ensure(connection)
        seeds.load()
        _people()
        db.session.remove()
    return app


def _people() -> None:
    for key, (name, grants) in CAST.items():
        employer = f"{name}所在单位"
        admin.create_account(accounts.SYSTEM, name, f"{key}@example.org", None, grants, employer, PASSWORD)


@dataclass
class Story:
    app: Flask
    browser: Browser
    address: str
    folder: Path
    stack: ExitStack
    look: Callable[[Page], None]
    refs: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Person:
        """The person with this key, at the screen that fits them: a phone where they stand, else a desk."""
        if key not in self.people:
            phone = key in ON_PHONES
            window = self.stack.enter_context(chromium.window(self.browser, self.address, phone=phone))
            login = "" if key == "resident" else f"{'org1' if key == 'worker' else key}@example.org"
            self.people[key] = Person(window, login, PASSWORD, phone=phone, look=self.look)
        return self.people[key]

    def at(self, day: date, hour: int = 10) -> None:
        """Move the clock of the site to this hour in Shanghai."""
        self.stack.enter_context(clock.stopped(clock.utc(day, time(hour))))

    @contextmanager
    def inside(self) -> Any:
        """For repeated steps, through the services after one was done by page."""
        with self.app.app_context():
            yield
            db.session.remove()


def picture(name: str, text: str = "", size: tuple[int, int] = (320, 240)) -> dict[str, Any]:
    """A drawn photograph, as a file to be chosen."""
    image = Image.new("RGB", size, "#e4f0ef")
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 100, 280, 220), fill="#a8402b")
    draw.text((10, 10), text or name, fill="#1c2b2e")
    content = io.BytesIO()
    image.save(content, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": content.getvalue()}


def paper(name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/pdf", "buffer": f"%PDF-1.4 {name}".encode()}


def started_at() -> datetime:
    return clock.utc(FIRST_DAY, time(10))


def by_ref(model: Any, ref: str) -> Any:
    """The record with this reference, inside `story.inside()`."""
    return db.session.scalars(sa.select(model).where(model.ref == ref)).one()
