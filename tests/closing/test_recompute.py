"""What the result page offers is enough to compute the grade again, with a rule that is written down a second time."""

from __future__ import annotations

import ast
import json
import runpy
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchhub.core.db import db
from matchhub.domain import assessing
from matchhub.domain.models import Assessment
from matchhub.domain.scoring.assessment import Extra, Inputs, Rules, Satisfaction, VisitScore, assess
from matchhub.features.closing import formula

SCRIPT = Path(__file__).parents[2] / "static/recompute.py"
script = runpy.run_path(str(SCRIPT))

SCORES = st.decimals(0, 100, places=2)
VISITS = st.lists(st.tuples(st.sampled_from(("on_site", "attend", "ledger", "remote")), SCORES), min_size=1, max_size=7)
EXTRAS = st.lists(st.decimals(0, 5, places=1), max_size=3)
ANSWERS = st.none() | st.tuples(st.integers(0, 120), st.integers(0, 120)).map(sorted)
VETOES = st.sets(st.sampled_from(("embezzlement", "forgery", "safety", "harm")), max_size=1)


def run(*paths):
    return subprocess.run([sys.executable, "-I", str(SCRIPT), *map(str, paths)], capture_output=True, text=True)


def downloaded(client, ref, folder):
    """The two files that the result page offers, saved in `folder`."""
    table, text = folder / f"{ref}.csv", folder / "inputs.json"
    table.write_bytes(client.get(f"/assessments/{ref}/inputs.csv").get_data())
    text.write_bytes(client.get(f"/assessments/{ref}/inputs.json").get_data())
    return table, text


def test_every_grade_of_the_demonstration_can_be_recomputed_by_a_stranger(demo_app, tmp_path):
    final = sa.select(Assessment.ref).where(Assessment.state == "final")
    refs = list(db.session.scalars(final.order_by(Assessment.ref)))
    assert refs
    db.session.rollback()
    client = demo_app.test_client()
    for ref in refs:
        done = run(*downloaded(client, ref, tmp_path))
        assert done.returncode == 0 and "全部相符" in done.stdout, done.stdout + done.stderr


def test_a_changed_number_is_found(demo_app, tmp_path):
    ref = db.session.scalar(sa.select(Assessment.ref).where(Assessment.state == "final").order_by(Assessment.ref))
    db.session.rollback()
    table, text = downloaded(demo_app.test_client(), ref, tmp_path)
    whole = table.read_text(encoding="utf-8-sig")
    line = next(one for one in whole.splitlines() if one.startswith("input.c1,"))
    table.write_text(whole.replace(line, ",".join([*line.split(",")[:3], "61", ""])), encoding="utf-8-sig")
    done = run(table, text)
    assert done.returncode == 1 and "得分不符" in done.stdout and "C1 不符" in done.stdout
    table.write_text(whole, encoding="utf-8-sig")
    said = json.loads(text.read_text(encoding="utf-8"))
    said["rules"]["weight_c1"] = "31"
    text.write_text(json.dumps(said), encoding="utf-8")
    done = run(table, text)
    assert done.returncode == 1 and "校验码不符" in done.stdout and "得分不符" not in done.stdout


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    done = run(tmp_path / "nothing.csv")
    assert done.returncode == 2 and "读不了这个文件" in done.stdout


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(SCORES, SCORES, VISITS, EXTRAS, ANSWERS, VETOES)
def test_both_tellings_of_the_rule_agree(app, c1, c2, visits, extras, answers, vetoes):
    inputs = Inputs(
        c1, c2, tuple(VisitScore(f"DD-{n}", kind, score) for n, (kind, score) in enumerate(visits)),
        tuple(Extra("leverage", points) for points in extras),
        Satisfaction(*answers) if answers else None, tuple(vetoes),
    )  # fmt: skip
    result = assess(inputs, Rules(satisfaction_floor=Decimal("79.5")))
    kept = Assessment(inputs=json.loads(result.canonical), result=assessing.stored(result), digest=result.digest)
    kept.grade = result.grade.value
    found = script["read"](formula.csv_rows(kept, str))
    daily, score, grade = script["recompute"](found)
    assert (Decimal(daily), Decimal(score), grade) == (result.c3, result.score, result.grade.value)
    assert list(script["frozen_differs"](found, result.canonical.encode())) == []


def test_the_script_needs_nothing_but_python():
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named <= sys.stdlib_module_names


def test_the_result_page_offers_the_script(demo_app):
    ref = db.session.scalar(sa.select(Assessment.ref).where(Assessment.state == "final").order_by(Assessment.ref))
    db.session.rollback()
    client = demo_app.test_client()
    page = client.get(f"/assessments/{ref}").get_data(as_text=True)
    address = next(part for part in page.split('"') if part.endswith("/recompute.py"))
    assert client.get(address).get_data() == SCRIPT.read_bytes()
