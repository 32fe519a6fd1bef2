"""Law 10: the diagrams, roles, settings and commands in docs/ are those of the code, and links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from matchhub import cli, config, docs
from matchhub.core import access
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.roles import Role

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_generated_pages_are_up_to_date(app):
    for path, text in docs.pages(access.table(app), cli.helps(app)).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run flask --app wsgi docs"


def test_the_diagrams_in_the_docs_are_the_tables(app):
    printed = app.test_cli_runner().invoke(args=["lifecycle"]).output
    diagrams = re.findall(r"```mermaid\n.*?\n```", read("docs/lifecycles.md"), re.S)
    assert diagrams == re.findall(r"```mermaid\n.*?\n```", printed, re.S)
    assert len(diagrams) == len(LIVES)


def test_every_role_stands_in_the_docs():
    page = read("docs/roles.md")
    assert [role for role in Role if f"## {role.value} (" not in page] == []


def test_every_setting_stands_in_the_docs():
    page = read("docs/operations.md").split("<!-- settings -->")[1].split("<!-- /settings -->")[0]
    assert re.findall(r"^\| `(\w+)` \|", page, re.M) == [one.name for one in config.SETTINGS]


def test_every_command_stands_in_the_docs(app):
    page = read("docs/operations.md")
    assert [name for name in cli.helps(app) if f"`flask --app wsgi {name}`" not in page] == []
    readme = read("README.md")
    assert [name for name in cli.helps(app) if not re.search(rf"`{name}\b[^`]*`", readme)] == []


def test_every_command_says_what_it_does(app):
    assert [name for name, text in cli.helps(app).items() if not text] == []


def test_every_command_of_make_stands_in_a_readme():
    targets = re.findall(r"^([a-z]+):.*##", read("Makefile"), re.M)
    assert [name for name in targets if name != "help" and f"make {name}" not in read("README.md")] == []


PAGES = [*READMES, *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]


@pytest.mark.parametrize("name", PAGES)
def test_every_link_between_documents_leads_somewhere(name):
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", read(name))
    missing = [to for to in targets if "://" not in to and not ((ROOT / name).parent / to).exists()]
    assert missing == []


def test_a_page_without_its_marks_is_not_filled():
    with pytest.raises(ValueError, match="settings"):
        docs.filled("nothing here", "settings", "table")
