"""Taking in whole files: what cannot be read is named, and everything else is taken in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matchhub.core import files
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.domain import accounts
from matchhub.features.library import reading, service
from matchhub.features.library.reading import kind_code
from matchhub.features.library.service import FIRST_KIND, Report

__all__ = ["actor", "kind_code", "take", "take_file"]

MOST_BYTES = 50 * 1024 * 1024


def actor(login: str | None) -> Any:
    """Who takes in: an account by its login (None when there is none), or the system."""
    return accounts.by_login(login) if login else accounts.SYSTEM


def take(
    actor: Any, content: bytes, name: str, limit_bytes: int, publish: bool = False, kind: str = FIRST_KIND
) -> Report:
    """Take in one file. It never raises for what is in the file: the report names it."""
    try:
        if len(content) > limit_bytes:
            limit = limit_bytes // 1024 // 1024
            raise files.BadFile(_("“%(name)s”超过 %(limit)s MB，请压缩或拆分后再上传。", name=name, limit=limit))
        found = reading.read(content, name)
        report = service.take_in(actor, found.drafts, publish, kind)
    except (files.BadFile, Refused) as no:
        return Report(problems=[str(no)])
    report.problems[:0] = found.problems
    return report


def take_file(actor: Any, path: Path, publish: bool = False, kind: str = FIRST_KIND) -> Report:
    """The same for a file of this machine; one that cannot be opened is reported as well."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        return Report(problems=[f"{path}: {error.strerror}"])
    return take(actor, content, path.name, MOST_BYTES, publish, kind)
