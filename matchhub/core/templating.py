"""Jinja as this site runs it: one set of compiled templates per language, in which every plain sentence is a constant.

A page says some two hundred sentences; looking each of them up while it is shown costs more than reading its rows from
the database. So `_("…")` without values is translated while a template is compiled. The rest shortens what Jinja does
for every call and every printed value, and changes neither what is printed nor that everything is escaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import markupsafe
from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.utils import internalcode
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from matchhub.core import i18n

# `escape` for text alone, without wrapping what is joined at once.
_escaped: Callable[[str], str] = markupsafe._escape_inner  # type: ignore[attr-defined]


def html(value: Any) -> str:
    """`value` as it may stand in a page: markup as it is, everything else escaped."""
    kind = type(value)
    if kind is str:
        return _escaped(value)
    if kind is Markup:
        return value
    return escape(value)


class _Spoken(NodeTransformer):
    """Puts the sentence of one language in the place of each `_("sentence")`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's own name
        self.generic_visit(node)
        plain = isinstance(node.node, nodes.Name) and node.node.name == "_" and len(node.args) == 1
        if not plain or node.kwargs or node.dyn_args or node.dyn_kwargs or not isinstance(node.args[0], nodes.Const):
            return node
        return nodes.Const(i18n.translated(node.args[0].value, self.language), lineno=node.lineno)


class _Generator(CodeGenerator):
    """Prints values through `html`."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        self.writeline(f"from {__name__} import html")
        super().visit_Template(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("html(")


class _Context(Context):
    @internalcode
    def call(self, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """The two kinds of things that pages call most, without asking what they would like to be passed."""
        kind = type(obj)
        if kind is Macro:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return obj(self.eval_ctx, *args, **kwargs)
        if kind is FunctionType and "jinja_pass_arg" not in obj.__dict__:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return obj(*args, **kwargs)
        return super().call(obj, *args, **kwargs)


class _Compiled(FileSystemBytecodeCache):
    """Compiled templates outlive the process; one that has changed, or whose words have, is compiled anew."""

    def __init__(self, folder: Path, language: str) -> None:
        super().__init__(str(folder), f"__{language}_%s.cache")
        said = i18n.catalogue_path(language)
        words = said.read_bytes() if said.exists() else b""
        self._made_by = hashlib.sha1(Path(__file__).read_bytes() + words, usedforsecurity=False).hexdigest()

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source + self._made_by)


class Templates(Environment):
    """The templates of the language in use when one is asked for."""

    code_generator_class = _Generator
    context_class = _Context
    language = i18n.SOURCE
    _folder: Path | None = None
    _others: dict[str, Templates]

    def keep_compiled(self, folder: Path) -> None:
        """Keep compiled templates in `folder`; call when the environment has its filters and globals."""
        folder.mkdir(exist_ok=True)
        self._folder, self._others = folder, {}
        self.bytecode_cache = _Compiled(folder, self.language)

    def get_or_select_template(self, *args: Any, **kwargs: Any) -> Any:
        """What `render_template` calls. Templates that one includes or imports come from its own language."""
        return super(Templates, self._speaking(i18n.language())).get_or_select_template(*args, **kwargs)

    def from_string(self, *args: Any, **kwargs: Any) -> Any:
        return super(Templates, self._speaking(i18n.language())).from_string(*args, **kwargs)

    def _speaking(self, language: str) -> Templates:
        if language == self.language:
            return self
        if language not in self._others:
            twin: Templates = self.overlay()
            twin.language, twin._others = language, {self.language: self}
            assert self._folder is not None
            twin.bytecode_cache = _Compiled(self._folder, language)
            self._others[language] = twin
        return self._others[language]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _Spoken(self.language).visit(super()._parse(source, name, filename))
