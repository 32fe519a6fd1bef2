"""Law 7: imports point down, features do not touch each other, views do not write, only the engine changes a state."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "matchhub"
FLOORS = ["core", "domain", "search matching documents", "features", "demo"]
MODULES = sorted(HOUSE.rglob("*.py"))
# Beside the floors: start-up, commands, presentation and seeds may look at everything below features.
FLASK = {"core/access.py", "core/web.py", "core/errors.py", "core/forms.py", "core/assets.py", "core/login.py", "core/db.py",
         "core/outbox.py", "core/kept.py", "core/templating.py", "features/kit.py", "__init__.py", "cli.py", "presentation.py"}  # fmt: skip


def short(path: Path) -> str:
    return str(path.relative_to(HOUSE))


def floor(name: str) -> int | None:
    """The number of the floor on which `matchhub.<name>` stands; None for the modules beside the floors."""
    first = name.split("/")[0]
    return next((n for n, rooms in enumerate(FLOORS) if first in rooms.split()), None)


def imports(path: Path) -> set[str]:
    """What a module imports of the house, as paths below matchhub; imports for type checkers count as well."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.removeprefix("matchhub.").replace(".", "/") for name in found if name.startswith("matchhub.")}


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_a_module_imports_only_from_below(path):
    mine, me = floor(short(path)), short(path)
    if mine is None:
        return
    for other in imports(path):
        theirs = floor(other)
        assert theirs is None or theirs <= mine, f"{me} imports {other}, which stands above it"
        if mine == 3 and theirs == 3:
            own, foreign = me.split("/")[1], other.split("/")[1] if "/" in other else "kit"
            assert foreign.removesuffix(".py") in {own, "kit"} or foreign == own, f"{me} reaches into {other}"


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_only_the_edges_know_flask(path):
    name = short(path)
    if name in FLASK or path.name.startswith("views") or (name.startswith("features/") and path.name == "nav.py"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        assert not any(module.split(".")[0] == "flask" for module in modules), name


@pytest.mark.parametrize("path", [p for p in MODULES if p.name.startswith("views")], ids=short)
def test_views_never_write(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "session":
            assert node.attr not in {"add", "add_all", "delete", "flush", "commit", "merge"}, (
                f"{short(path)}:{node.lineno}"
            )


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_only_the_engine_changes_a_state(path):
    if short(path) == "domain/lifecycle/engine.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            assert not (isinstance(target, ast.Attribute) and target.attr == "state"), f"{short(path)}:{node.lineno}"


def test_only_commands_commit():
    """`commit` stands in the command itself and in the outbox, which delivers after it."""
    places = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                places.add(short(path))
    assert {place for place in places if not place.startswith("search/")} == {"core/db.py", "core/outbox.py"}
