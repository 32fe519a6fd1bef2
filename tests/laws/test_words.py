"""Law 10: every string has its English, with the same places to fill in; no string is built from pieces."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

from babel.messages.extract import extract_from_dir

from matchhub.core.i18n import catalogue

ROOT = Path(__file__).parents[2]
PLACES = re.compile(r"%\((\w+)\)s")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
METHODS = [("matchhub/**.py", "python"), ("templates/**.html", "jinja2")]


@lru_cache
def strings() -> frozenset[str]:
    keywords = {"_": None, "_l": None}
    found = extract_from_dir(ROOT, METHODS, {"templates/**.html": {"newstyle_gettext": "true"}}, keywords)
    return frozenset(str(message) for _file, _line, message, _comments, _context in found)


def test_every_string_has_its_english():
    missing = sorted(text for text in strings() if CHINESE.search(text) and not catalogue("en").get(text))
    assert missing == [], f"{len(missing)} strings without English; run make words and translate them"


def test_the_catalogue_has_no_string_that_nobody_says():
    assert sorted(set(catalogue("en")) - strings()) == []


def test_english_has_the_same_places_to_fill_in():
    for chinese, english in catalogue("en").items():
        assert set(PLACES.findall(chinese)) == set(PLACES.findall(english)), chinese


def test_english_holds_no_chinese():
    wrong = {zh: en for zh, en in catalogue("en").items() if CHINESE.search(en)}
    assert wrong == {}


def test_no_sentence_of_a_template_is_left_unmarked():
    """Chinese in a template stands inside `_()`; comments aside."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r"_\(\s*(\"[^\"]*\"|'[^']*')", "", text)
        left = [line.strip() for line in text.splitlines() if CHINESE.search(line)]
        allowed = [line for line in left if "中文" in line]
        assert left == allowed, f"{path.relative_to(ROOT)}: {left[:3]}"


def test_no_sentence_of_the_code_is_left_unmarked():
    """A Chinese literal in a view, form, service or table is an argument of `_` or `_l`, or data for other machines."""
    for path in sorted((ROOT / "matchhub").rglob("*.py")):
        if {"search", "demo"} & set(path.relative_to(ROOT / "matchhub").parts):
            continue
        if str(path.relative_to(ROOT / "matchhub")) in DATA:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        data = DATA_IN.get(str(path.relative_to(ROOT / "matchhub")), set())
        for node in _unmarked(tree):
            if node.value in data:
                continue
            raise AssertionError(f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}")


# Chinese numerals, the mark of a year not yet announced, words to be recognised, names of fonts and of the placeholders that
# people type into a template are data.
DATA = {"core/money.py", "core/workdays.py", "documents/word_docx.py", "domain/agreeing.py",
        "domain/application_form/assets.py"}  # fmt: skip
# Single literals that are data in files whose other words are watched. blind.py puts these in the place of names within a text
# that somebody wrote in Chinese, so they stay Chinese in both languages. A file of open data is the same for every reader, so
# its titles are in the language of what it holds. A rubric's item is stored with the words of both languages side by side.
DATA_IN = {
    "documents/opendata/giving.py": {"：立项项目"},
    "documents/opendata/parts.py": {"活跃度测评："},
    "domain/blind.py": {"［姓名］", "［机构］"},
    "features/admin/rubrics.py": {"加分项", "扣分项"},
}
EXCUSED = {"、", "；", "，", "。", "：", ""}


def _unmarked(tree: ast.AST) -> list[ast.Constant]:
    marked: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "_l"}:
            marked |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):  # nobody reads a pattern
            marked |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            marked.add(id(node.body[0].value))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            marked.add(id(node.value))
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
        and node.value not in EXCUSED
        and id(node) not in marked
    ]
