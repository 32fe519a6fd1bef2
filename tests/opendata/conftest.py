"""Deeds on record without their whole journey."""

from __future__ import annotations

import json

import pytest

from matchhub.core import ledger
from matchhub.core.db import command
from matchhub.domain.accounts import SYSTEM
from matchhub.domain.models import ApplicationState, NeedState, NoticeState, OrganisationState
from matchhub.domain.paths import kind_of
from matchhub.features.opendata import exporting, queries
from tests import factories as make
from tests.site.conftest import count  # noqa: F401 - a fixture

__all__ = ["ApplicationState", "NeedState", "NoticeState", "OrganisationState"]


@command
def deed(subject, name):
    """`deed(need, "publish")` puts on record that it was done now."""
    return ledger.record(SYSTEM, f"{kind_of(subject)}.{name}", f"{kind_of(subject)}:{subject.ref}")


def announced(need, organisations, **over):
    """A published award notice of a need: the first organisation is proposed, the others are not."""
    rows = [{"rank": str(n), "organisation": name, "title": "计划" if n == 1 else "", "score": "88",
             "amount": "86,000 元" if n == 1 else "", "result": ""} for n, name in enumerate(organisations, 1)]  # fmt: skip
    notice = make.notice(**{"need_id": need.id, "rows": rows} | over)
    deed(notice, "publish")
    return notice


@pytest.fixture
def read(app):
    """`read("ocds.json")` is a file as it is now."""

    def run(name):
        text = "".join(exporting.FILES[name](queries.publisher("https://example.org")))
        return json.loads(text) if name.endswith(".json") else text

    return run
