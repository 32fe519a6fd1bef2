"""What the tests of this folder begin with."""

from __future__ import annotations

import pytest

from tests import factories as make
from tests.support.asked import BUDGET


@pytest.fixture
def admin(app):
    return make.org_admin()


@pytest.fixture
def project(admin):
    return make.project(organisation=admin.organisation, budget=BUDGET)


@pytest.fixture
def line(project):
    return make.support_line(project=project)


@pytest.fixture
def staff(app):
    return make.staff()


@pytest.fixture
def giver(app):
    return make.giver()
