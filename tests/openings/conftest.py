"""Three holders with passphrases, a need that they hold the key of, and who applies for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from matchhub.core import seal
from matchhub.core.db import db
from matchhub.domain import opening, reference
from matchhub.domain.models import HolderKey, Need, NeedKey, Role, Setting, User
from matchhub.features.openings import service
from tests import factories as make

WORDS = "梧桐树影里的铜铃在雨里轻轻响"


@dataclass
class Held:
    """A need whose key three people hold; `people` in the order of their shares."""

    need: Need
    people: list[User]

    @property
    def key(self) -> NeedKey:
        return db.session.get_one(NeedKey, self.need.id)


@pytest.fixture(autouse=True)
def quick_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase costs a hundredth here: what stretching it is worth is settled in tests/core/test_seal.py."""
    monkeypatch.setattr(seal, "TIME_COST", 1)
    monkeypatch.setattr(seal, "MEMORY_KIB", 64)


def two_of_three() -> None:
    db.session.execute(sa.update(Setting).where(Setting.key == "opening").values(value="two_of_three"))
    db.session.commit()
    reference.forget()


def three_people() -> list[User]:
    people = [make.approver(), make.user(Role.CENTRE_STAFF), make.user(Role.AUDITOR)]
    for person in people:
        service.set_passphrase(person, WORDS)
    return people


def held_by_three() -> Held:
    people = three_people()
    need = make.need(title="加梯协商")
    opening.make_key(need, people)
    db.session.commit()
    return Held(need, people)


@pytest.fixture
def held(app: Any) -> Held:
    return held_by_three()


def keys() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(HolderKey)) or 0
