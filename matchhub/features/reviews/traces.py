"""Traces of a name in what a name-blind review shows: names in texts, and authors in the properties of files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from matchhub.core import files
from matchhub.domain import attachments, blind, intake
from matchhub.domain.models import Application, Attachment

# Properties of a PDF that programs fill in with whoever wrote it.
PDF_FIELDS = re.compile(rb"/(Author|Company|Manager)\s*(\((?:\\.|[^\\)]){1,200}\)|<[0-9A-Fa-f\s]{4,400}>)")
XMP_CREATOR = re.compile(rb"<dc:creator>.{0,200}?<rdf:li[^>]*>([^<]{1,120})<", re.S)
LARGEST_BYTES = 32 * 1024 * 1024
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Row:
    """One application: `names` stand in its texts and are replaced there, `files` are (file, what its properties say)."""

    entry: Application
    names: list[str]
    files: list[tuple[Attachment, str]]


def of(instance: Path, entries: Sequence[Application], codes: Collection[str]) -> list[Row]:
    """What is found for each application."""
    texts, papers = intake.documents(entries), attachments.of_all(entries)
    return [
        Row(
            entry,
            blind.traces(texts[entry.id], entry, codes),
            [(file, says) for file in papers.get(entry.id, []) if (says := properties(instance, file))],
        )
        for entry in entries
    ]


def properties(instance: Path, file: Attachment) -> str:
    """Whom the properties of a PDF or Office file name as its author; empty when nobody or when they cannot be read."""
    if file.size_bytes > LARGEST_BYTES:
        return ""
    try:
        data = files.read(instance, file.place, str((file.secret or {}).get("key", "")))
    except (OSError, ValueError):
        return ""
    if file.media_type == files.PDF:
        return _pdf(data)
    return _office(data) if data.startswith(b"PK") else ""


def _pdf(data: bytes) -> str:
    found = [_text(value) for _name, value in PDF_FIELDS.findall(data)]
    found += [value.decode("utf-8", "replace").strip() for value in XMP_CREATOR.findall(data)]
    return "、".join(dict.fromkeys(one[:LONGEST] for one in found if one.strip()))


def _text(value: bytes) -> str:
    """A PDF string: literal or hexadecimal, in UTF-16 when it begins with its mark."""
    if value.startswith(b"<"):
        digits = re.sub(rb"\s", b"", value[1:-1])
        raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    else:
        raw = re.sub(rb"\\([\\()])", rb"\1", value[1:-1])
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "replace").strip()
    return raw.decode("utf-8", "replace").strip()


def _office(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo("docProps/core.xml").file_size > 100_000:
                return ""
            text = archive.read("docProps/core.xml")
    except (KeyError, zipfile.BadZipFile, OSError):
        return ""
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return ""
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - small, and without entities: looked for above
    except ElementTree.ParseError:
        return ""
    wanted = ("creator", "lastModifiedBy")
    names = [node.text.strip() for node in root.iter() if node.tag.rpartition("}")[2] in wanted and node.text]
    return "、".join(dict.fromkeys(name[:LONGEST] for name in names if name))
