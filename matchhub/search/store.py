"""The index on disk: generation directories, the pointer to the current one, the writer's lock, and durability.

instance/index/
  write.lock      held (flock) by the one process that writes; the kernel frees it when that process dies
  CURRENT         {"generation": "v3", "version": 1}; replaced in one step after a rebuild
  v3/             Whoosh's files and terms.json
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whoosh import columns, fields, formats
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.reading import IndexReader

from matchhub.search.engine import IndexBusy, IndexUnusable

# Raise this whenever the schema, the weights, the folding or this module's import path change: old indexes are then
# refused and rebuilt. (Whoosh pickles the schema with its import path into the index.)
VERSION = 2
TERMS_FILE = "terms.json"
_GENERATION = re.compile(r"v(\d+)\Z")


class Weighted(fields.FieldType):
    """A field given as {term: weight}: no positions, no frequencies, the weight is all."""

    def __init__(self) -> None:
        self.format = formats.Existence()
        self.analyzer = None
        self.scorable = True
        self.stored = False
        self.unique = False
        self.vector = None
        self.column_type = None

    def index(self, value: dict[str, float], **_options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        return ((term.encode("utf-8"), 1, weight, b"") for term, weight in value.items())


def schema() -> fields.Schema:
    """Return the schema: the key to delete by, the terms, one column for facts, one for the text of phrases."""
    return fields.Schema(
        key=fields.ID(unique=True),
        text=Weighted(),
        facts=fields.COLUMN(columns.VarBytesColumn()),
        spine=fields.COLUMN(columns.CompressedBytesColumn()),
    )


class _Storage(FileStorage):
    """Whoosh's files: without mmap, because Whoosh would copy them into memory, and closed for certain.

    Whoosh forgets to close what it had opened when a later file is missing, as happens beside a commit.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(str(directory), supports_mmap=False)
        self._opened: list[Any] = []

    def open_file(self, name: str, **options: Any) -> Any:
        file = super().open_file(name, **options)
        self._opened.append(file)
        return file

    def close_files(self) -> None:
        for file in self._opened:
            if not file.is_closed:
                file.close()


class Store:
    """The directory of an index. Reading methods raise `IndexUnusable`; `writing` raises `IndexBusy`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def current(self) -> Path:
        """Return the directory of the current generation."""
        try:
            pointer = json.loads((self.path / "CURRENT").read_bytes())
            name, version = pointer["generation"], pointer["version"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnusable(f"no readable index in {self.path}: {error!r}") from error
        if version != VERSION or not isinstance(name, str) or not _GENERATION.match(name):
            raise IndexUnusable(f"index {name!r} has version {version!r}, this program writes {VERSION}")
        return self.path / name

    @contextmanager
    def opened(self, directory: Path) -> Iterator[FileIndex]:
        """Open the Whoosh index in `directory`, and close every file of it at the end."""
        storage = _Storage(directory)
        try:
            yield _open(storage)
        finally:
            storage.close_files()

    @contextmanager
    def reading(self) -> Iterator[tuple[IndexReader, Path]]:
        """Open a reader of the current generation, for one request."""
        directory = self.current()
        with self.opened(directory) as index, index.reader() as reader:
            yield reader, directory

    @contextmanager
    def writing(self, timeout_seconds: float) -> Iterator[None]:
        """Hold the writer's lock, waiting at most `timeout_seconds` for it."""
        self.path.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path / "write.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(handle, timeout_seconds)
            yield
        finally:
            os.close(handle)

    def create(self) -> tuple[Path, FileIndex]:
        """Make the directory of the next generation, clearing what a killed rebuild left. Needs the lock."""
        try:
            keep = self.current().name
        except IndexUnusable:
            keep = ""
        used = [int(match[1]) for each in self.path.iterdir() if (match := _GENERATION.match(each.name))]
        self._remove_generations_but(keep)
        directory = self.path / f"v{max(used, default=0) + 1}"
        directory.mkdir()
        return directory, _Storage(directory).create_index(schema())

    def point_to(self, directory: Path) -> None:
        """Make `directory` the current generation in one step and remove the others. Needs the lock.

        Readers that are inside the old one keep their open files; those on their way in look at the pointer again.
        """
        make_durable(directory)
        pointer = json.dumps({"generation": directory.name, "version": VERSION})
        replace_file(self.path / "CURRENT", pointer.encode())
        self._remove_generations_but(directory.name)

    def _remove_generations_but(self, keep: str) -> None:
        for each in self.path.iterdir():
            if _GENERATION.match(each.name) and each.name != keep:
                shutil.rmtree(each, ignore_errors=True)


def _open(storage: _Storage) -> FileIndex:
    try:
        return storage.open_index()
    except Exception as error:
        # A torn file makes Whoosh raise almost anything (EOFError, UnpicklingError, TypeError, struct.error).
        raise IndexUnusable(f"cannot open {storage.folder}: {error!r}") from error


def _lock(handle: int, timeout_seconds: float) -> None:
    until = time.monotonic() + timeout_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise IndexBusy(f"another process has held the index for {timeout_seconds:g} s") from None
            time.sleep(0.01)


def replace_file(path: Path, content: bytes) -> None:
    """Write a small file so that readers see the old or the new content, also after a power cut."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _fsync(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Append one line to a file, durably; a crash leaves at most a torn line, which ends at the next one's beginning."""
    with path.open("ab") as file:
        file.write(b"\n" + line)
        file.flush()
        os.fsync(file.fileno())


def make_durable(directory: Path, since: frozenset[str] = frozenset()) -> None:
    """Force the files of `directory` (but those named in `since`, which never change) to the disk.

    Whoosh itself never does.
    """
    for each in directory.iterdir():
        if each.is_file() and each.name not in since:
            _fsync(each)
    _fsync(directory)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
