"""Killed in the middle of writing, indexing or reindexing, the site never ends with an index that says something else."""

from __future__ import annotations

import pytest

from bench import killing
from matchhub.core.db import db
from matchhub.search import site
from tests import factories as make


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_kill_9_leaves_no_difference_between_database_and_index(app):
    for n in range(12):
        make.need(title=f"停车协商 {n}")
    deeds, drift = killing.play(app, kills=8)
    assert deeds > 0
    assert not drift, drift
    assert len(site.index().digests()) == 12
    db.session.rollback()
