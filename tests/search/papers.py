"""Small files of every kind that the search reads, and files that want to do harm."""

from __future__ import annotations

import io
import zipfile

from matchhub.core import files
from matchhub.documents import pdf
from matchhub.documents.paper import Paper, Text
from tests import factories as make


def pdf_of(text: str) -> bytes:
    return pdf.write(Paper(title="附件", blocks=[Text(text)]))


def locked_pdf(text: str) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_of(text))))
    writer.encrypt(user_password="geheim", owner_password="geheim2", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx_of(text: str, cells: tuple[str, ...] = ()) -> bytes:
    from docx import Document

    document = Document()
    document.add_paragraph(text)
    if cells:
        row = document.add_table(1, len(cells)).rows[0]
        for cell, word in zip(row.cells, cells, strict=True):
            cell.text = word
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def xlsx_of(*rows: list[object], hidden: list[object] | None = None) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    if hidden:
        sheet = book.create_sheet("草稿")
        sheet.append(hidden)
        sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A Word file of some kilobytes whose only part unfolds to 100 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(100):
                part.write(b" " * 1024 * 1024)
    return out.getvalue()


MEDIA = {"pdf": files.PDF} | {ending: media for ending, (_folder, media) in files.OFFICE.items()}


def kept(app, subject, purpose, name, content, **over):
    """The row of a file of a record, with its content in the store as an upload leaves it."""
    import hashlib

    sha256 = hashlib.sha256(content).hexdigest()
    place = files.path_of(app.config["INSTANCE"], sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    media = MEDIA[name.rpartition(".")[2]]
    fields = {"name": name, "media_type": media, "size_bytes": len(content), "sha256": sha256}
    return make.paper(subject, purpose, **fields | over)
