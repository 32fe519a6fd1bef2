"""What the tests of this folder begin with."""

from __future__ import annotations

import pytest

from tests import factories as make


@pytest.fixture
def staff(app):
    return make.staff()


@pytest.fixture
def desk(client_as, staff):
    return client_as(staff)
