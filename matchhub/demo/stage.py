"""What every deed of the story uses: the cast, the content, and the records by the names that the story gives them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from matchhub.core import files
from matchhub.core.db import db
from matchhub.core.files import Stored
from matchhub.demo import pictures
from matchhub.domain.models import Application, Assessment, Need, Organisation, Project, Rubric, User
from matchhub.domain.sheets import Entry
from matchhub.seeds import rows

T = TypeVar("T")
Deed = Callable[["Stage", "Line"], None]
DEEDS: dict[str, Deed] = {}


class NotYet(Exception):
    """What a line needs is not there yet: it is played a day later, like one that a rule does not allow yet."""


def deed(name: str) -> Callable[[Deed], Deed]:
    """Name the function that plays an action of the story."""

    def mark(function: Deed) -> Deed:
        DEEDS[name] = function
        return function

    return mark


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story; `place` says where it stands, for error messages."""

    place: str
    actor: str
    subject: str
    details: dict[str, str]
    today: date

    @property
    def parts(self) -> list[str]:
        return self.subject.split("/")


def dice(*names: object) -> random.Random:
    """Chance that is the same in every playing."""
    seed = hashlib.sha256("/".join(map(str, names)).encode()).hexdigest()
    return random.Random(seed)  # noqa: S311 - the story is no secret


class Stage:
    """The content of seed/demo by its keys, and who and what the story has made so far."""

    def __init__(self, folder: Path, instance: Path) -> None:
        self.folder, self.instance = folder, instance
        self.users: dict[str, int] = {}
        self.needs: dict[str, int] = {}
        self.visits: dict[str, int] = {}
        self.notices: dict[str, int] = {}
        self.objections: dict[str, int] = {}
        self._answers: list[tuple[int, dict[str, str]]] = []

    def table(self, name: str) -> list[dict[str, str]]:
        return list(rows(self.folder / f"{name}.csv"))

    @cached_property
    def people(self) -> dict[str, dict[str, str]]:
        return {row["login_key"]: row for row in self.table("people")}

    @cached_property
    def organisations(self) -> dict[str, dict[str, str]]:
        return {row["key"]: row for row in self.table("organisations")}

    @cached_property
    def need_rows(self) -> dict[str, dict[str, str]]:
        return {row["key"]: row for row in self.table("needs")}

    @cached_property
    def application_rows(self) -> dict[tuple[str, str], dict[str, str]]:
        return {(row["need"], row["org"]): row for row in self.table("applications")}

    @cached_property
    def texts(self) -> dict[str, dict[str, list[dict[str, str]]]]:
        """The phrases of delivery by table and need."""
        names = ("plan_rows", "budget_rows", "team_rows", "activity_texts", "observations", "report_texts", "questions",
                 "closing_texts")  # fmt: skip
        found: dict[str, dict[str, list[dict[str, str]]]] = {name: {} for name in names}
        for name in names:
            for row in self.table(name):
                found[name].setdefault(row["need"], []).append(row)
        return found

    @cached_property
    def remarks(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.table("review_remarks"):
            found.setdefault(row["item"], []).append(row["remark"])
        return found

    @cached_property
    def rectifications(self) -> list[dict[str, str]]:
        return self.table("rectification_texts")

    @cached_property
    def objection_rows(self) -> list[dict[str, str]]:
        return self.table("objection_texts")

    def answer_later(self, days: int, actor: str, action: str, subject: str, details: str = "") -> None:
        """Somebody answers what just happened, though the story did not foresee it: a line `days` from now."""
        line = {"actor": actor, "action": action, "subject": subject, "details": details, "place": f"after {action}"}
        self._answers.append((days, line))

    def answers(self) -> list[tuple[int, dict[str, str]]]:
        """The lines that the last deed called for, each once."""
        found, self._answers = self._answers, []
        return found

    # --- records --------------------------------------------------------------------------------------------------

    def user(self, key: str) -> User:
        return db.session.get_one(User, self.users[key])

    def organisation(self, key: str) -> Organisation:
        found = sa.select(Organisation).where(Organisation.uscc == self.organisations[key]["uscc"])
        return db.session.scalars(found).one()

    def need(self, key: str) -> Need:
        return db.session.get_one(Need, self.needs[key])

    def application(self, key: str) -> Application:
        """By `need/organisation`."""
        need, _, organisation = key.partition("/")
        found = sa.select(Application).where(
            Application.need_id == self.needs[need], Application.organisation_id == self.organisation(organisation).id
        )
        application = db.session.scalars(found).one_or_none()
        if application is None:
            raise NotYet(f"no application {key}")
        return application

    def founded(self, key: str) -> Project | None:
        """The project that grew from a need; None before it was founded."""
        return db.session.scalars(sa.select(Project).where(Project.need_id == self.needs.get(key, 0))).one_or_none()

    def project(self, key: str) -> Project:
        found = self.founded(key)
        if found is None:
            raise NotYet(f"no project has grown from {key}")
        return found

    def assessment(self, key: str) -> Assessment:
        found = sa.select(Assessment).where(Assessment.project_id == self.project(key).id)
        assessment = db.session.scalars(found).one_or_none()
        if assessment is None:
            raise NotYet(f"no assessment of {key}")
        return assessment

    def picture(self, kind: str, number: int = 0) -> Stored:
        """One of the drawn pictures, kept in the store like any upload."""
        return pictures.stored(self.instance, kind, number)

    def secret_picture(self, kind: str, number: int = 0) -> Stored:
        """The same for an application, whose files are kept encrypted."""
        return files.make_secret(self.instance, self.picture(kind, number))

    # --- scores ---------------------------------------------------------------------------------------------------

    def entries(self, rubric: Rubric, level: float, *names: object, skip: tuple[str, ...] = ()) -> dict[str, Entry]:
        """A filled sheet around `level` (1 is full marks), with remarks where the street wants them."""
        made = {}
        for item in rubric.items:
            if item.code in skip or item.how == "computed" or item.kind != "score":
                continue
            chance = dice(*names, item.code)
            if item.how == "choice":
                share = Decimal(1) if level > 0.75 or chance.random() < 0.5 else Decimal("0.6")
                made[item.code] = Entry((Decimal(item.maximum) * share).quantize(Decimal("0.5"), ROUND_HALF_UP))
                continue
            wanted = Decimal(item.maximum) * Decimal(str(min(0.98, max(0.3, level + chance.uniform(-0.08, 0.08)))))
            points = min(Decimal(item.maximum), (wanted * 2).quantize(Decimal(1), ROUND_HALF_UP) / 2)
            made[item.code] = Entry(points, remark=self.remark(item.code, points / Decimal(item.maximum), chance))
        return made

    def remark(self, code: str, share: Decimal, chance: random.Random) -> str:
        """A sentence for a very high or low score; none needed in between."""
        if Decimal("0.6") <= share <= Decimal("0.95"):
            return ""
        known = self.remarks.get(code)
        if known:
            return chance.choice(known)
        return (
            "现场核对资料齐全，做法可供其他项目参考。"
            if share > Decimal("0.9")
            else "资料和现场情况有出入，已当面指出，请改进。"
        )


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def one(values: list[Any] | None, number: int) -> Any:
    """The number-th of some phrases, beginning again at the end; an empty dictionary for none."""
    return values[number % len(values)] if values else {}
