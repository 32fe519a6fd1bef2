"""Laws 2 and 3: the tables have a sound shape, and exactly their rows are allowed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matchhub.core import clock
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import lifecycle, messages
from matchhub.domain.lifecycle import LIVES, engine
from matchhub.domain.parties import Party, parties
from tests.laws import cast

KINDS = list(LIVES)


def name(kind: type) -> str:
    return kind.__name__


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_every_state_can_be_reached_and_only_final_ones_have_no_exit(kind):
    life = LIVES[kind]
    reached = frontier = {life.start}
    while frontier:
        frontier = {move.to for move in life.moves if set(move.from_) & frontier} - reached
        reached = reached | frontier
    assert reached == set(life.states)
    left = {state for move in life.moves for state in move.from_}
    assert left == set(life.states) - life.final


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_a_state_and_an_action_name_one_move(kind):
    pairs = [(state, move.action) for move in LIVES[kind].moves for state in move.from_]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_every_state_has_its_word_and_its_tone(kind):
    life = LIVES[kind]
    assert set(life.words) == set(life.states)
    assert set(life.tones) == set(life.states)


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_every_move_that_tells_somebody_has_its_sentence(kind):
    life = LIVES[kind]
    told = {f"{life.kind}.{move.action}" for move in life.moves if move.tells}
    assert told <= set(messages.EVENTS)


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_every_move_with_a_button_has_its_route(app, kind):
    life = LIVES[kind]
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {move.page for move in life.moves if move.page} <= endpoints
    plain = {move.action for move in life.moves if move.label and not move.page}
    served = {
        action
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or set())
        for action in plain
        if action in rule.rule
    }
    assert served == plain, f"no POST route names {plain - served}"


@pytest.mark.parametrize(
    ("kind", "state"),
    [(kind, state) for kind in KINDS for state in LIVES[kind].states],
    ids=lambda x: getattr(x, "__name__", str(x)),
)
def test_exactly_the_rows_of_the_table_are_allowed(app, monkeypatch, kind, state):
    """With the guards taken out: they have tests of their own."""
    life = LIVES[kind]
    monkeypatch.setitem(engine.LIVES, kind, replace(life, moves=tuple(replace(move, guards=()) for move in life.moves)))
    row = cast.subject(kind, state)
    for party in Party:
        user = cast.member(party, row)
        if user is None and party is not Party.PUBLIC:
            continue
        mine = parties(user, row)
        for action in dict.fromkeys(move.action for move in life.moves):
            move = next((m for m in life.moves if m.action == action and state in m.from_), None)
            why = lifecycle.refusal(row, action, user, clock.now())
            if move is None:
                assert isinstance(why, NotNow), (party, action)
            elif set(move.by) & mine:
                assert why is None, (party, action)
            else:
                assert isinstance(why, NotYours), (party, action)
                assert party not in move.by, f"{party} should be able to {action}"
