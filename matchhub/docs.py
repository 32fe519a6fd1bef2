"""The parts of docs/ that are written from the code: `flask docs` rewrites them, tests/laws/test_docs.py compares them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from matchhub import config
from matchhub.domain import lifecycle, parties, roles
from matchhub.domain.lifecycle import Life
from matchhub.domain.roles import Role

FOLDER = config.ROOT / "docs"
WRITTEN = "<!-- Written by `flask --app wsgi docs`; change the code instead. -->"
# (method, rule, roles separated by commas) as core.access.table gives it.
Routes = Iterable[tuple[str, str, str]]


def lifecycles() -> str:
    """docs/lifecycles.md: the diagrams that `flask lifecycle` prints."""
    parts = [f"## {life.kind} ({life.title})\n\n{mermaid(life)}" for life in lifecycle.LIVES.values()]
    return "\n\n".join(["# Life-cycles", WRITTEN, *parts]) + "\n"


def mermaid(life: Life) -> str:
    return f"```mermaid\n{lifecycle.diagram(life)}\n```"


def roles_page(routes: Routes) -> str:
    """docs/roles.md: what each role may call, and which party makes each move."""
    listed = list(routes)
    head = [
        "# Roles and parties",
        WRITTEN,
        "A role decides which routes an account may call at all (`@access`, checked before every request). Which records it "
        "then meets there is decided by the parties that it is to each of them (`domain/parties.py`, `domain/policy/`).",
    ]
    everybody = [f"## {title}\n\n{_calls(listed, name)}" for name, title in (("public", "Everybody"),
                 ("signed_in", "Every account"))]  # fmt: skip
    per_role = [f"## {role.value} ({roles.WORDS[role]})\n\n{_calls(listed, role.value)}" for role in Role]
    moves = ["# Who makes which move", _parties()] + [_moves(life) for life in lifecycle.LIVES.values()]
    return "\n\n".join([*head, *everybody, *per_role, *moves]) + "\n"


def _calls(routes: Routes, who: str) -> str:
    reading = [rule for method, rule, names in routes if method == "GET" and who in names.split(",")]
    acting = [rule for method, rule, names in routes if method != "GET" and who in names.split(",")]
    return f"Reads: {_codes(reading)}\n\nActs: {_codes(acting)}"


def _codes(rules: list[str]) -> str:
    return ", ".join(f"`{rule}`" for rule in rules) or "nothing of its own"


def _parties() -> str:
    return _table(("party", "word"), [(party.value, word) for party, word in parties.WORDS.items()])


def _moves(life: Life) -> str:
    rows = [
        (move.action, move.label or "(follows from another deed)", ", ".join(move.from_), move.to, ", ".join(move.by))
        for move in life.moves
    ]
    return f"## {life.kind} ({life.title})\n\n" + _table(("move", "button", "from", "to", "by"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def settings() -> str:
    """The table of settings in docs/operations.md."""
    rows = [(f"`{one.name}`", _default(one.default), one.meaning) for one in config.SETTINGS]
    return _table(("setting", "default", "meaning"), rows)


def _default(value: Any) -> str:
    if isinstance(value, Path):
        value = value.relative_to(config.ROOT)
    elif isinstance(value, bool):
        value = int(value)
    text = ",".join(value) if isinstance(value, list) else str(value)
    return f"`{text}`" if text else "empty"


def commands(helps: Mapping[str, str]) -> str:
    """The table of commands in docs/operations.md; `helps` maps a command's name to its help."""
    rows = [(f"`flask --app wsgi {name}`", meaning) for name, meaning in sorted(helps.items())]
    return _table(("command", "what it does"), rows)


def filled(text: str, name: str, content: str) -> str:
    """`text` with what stands between `<!-- name -->` and `<!-- /name -->` replaced. ValueError without the marks."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _start, rest = text.partition(start)
    _old, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"{start} … {end} is missing")
    return f"{before}{start}\n{content}\n{end}{after}"


def pages(routes: Routes, helps: Mapping[str, str]) -> dict[Path, str]:
    """Every generated file with what it should hold."""
    operations = (FOLDER / "operations.md").read_text(encoding="utf-8")
    operations = filled(filled(operations, "settings", settings()), "commands", commands(helps))
    return {
        FOLDER / "lifecycles.md": lifecycles(),
        FOLDER / "roles.md": roles_page(routes),
        FOLDER / "operations.md": operations,
    }
