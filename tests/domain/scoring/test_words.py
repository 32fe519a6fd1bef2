"""Every rule and every number of the aggregation has its words."""

from __future__ import annotations

import ast
import inspect

from matchhub.domain.models import SubjectKind
from matchhub.domain.scoring import aggregate, words
from matchhub.domain.scoring.aggregate import TieBreak, Verdict
from matchhub.seeds import FOLDER, rows


def strings(node: ast.AST) -> set[str]:
    return {inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant) and isinstance(inner.value, str)}


def steps() -> list[ast.Call]:
    tree = ast.parse(inspect.getsource(aggregate))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Step"]


def test_every_rule_of_a_step_has_its_words():
    rules = set().union(*(strings(call.args[0]) for call in steps()))
    assert rules >= {"plain_mean", "combined", "one_stage", "pass_line", "single_bid_line", "group_floor"}
    assert rules == set(words.RULES)


def test_every_value_of_a_step_has_its_words():
    named = set().union(*(strings(call.args[1]) for call in steps() if isinstance(call.args[1], ast.Tuple)))
    named |= {"written", "roadshow", "weight_written", "weight_roadshow", "score", "total", "line", "floor"}
    groups = {row["group_code"] for row in rows(FOLDER / "rubric_items.csv") if row["rubric"] == "A"}
    assert named | groups <= set(words.VALUES)


def test_every_verdict_and_every_tie_break_has_its_words():
    assert set(words.VERDICTS) == set(words.VERDICT_TONES) == set(Verdict)
    assert set(words.TIE_BREAKS) == set(TieBreak)
    assert {SubjectKind.APPLICATION.value, SubjectKind.ROADSHOW.value, "total"} == set(words.STAGES)


def test_an_unknown_rule_is_shown_as_it_is():
    assert (words.rule("later"), words.value("later")) == ("later", "later")
