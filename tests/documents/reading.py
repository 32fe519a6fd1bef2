"""Papers read back as their readers get them: the text of a PDF and of a Word document."""

from __future__ import annotations

import io
import re

from docx import Document
from pypdf import PdfReader


def pdf(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text_of_pdf(content: bytes) -> str:
    """All words of a PDF. Where lines break is the type-setter's business, so white space is dropped."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pdf(content).pages))


def text_of_word(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    words = [node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t")]
    return re.sub(r"\s", "", "".join(words))
