"""A paper as Word: `word.write(paper) -> bytes` (.docx, A4, Chinese fonts, page numbers, table heads repeated).

    content = word.write(Paper(title="…", blocks=[Heading("一、基本情况"), Facts([("机构", "…")]), Table(head, rows)]))

It takes the same `Paper` that `pdf.write` takes (see documents/paper.py).
"""

from __future__ import annotations

from matchhub.documents.paper import Paper

MIMETYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def write(paper: Paper) -> bytes:
    """`paper` as a Word document that can be edited. Takes about 30 ms."""
    # python-docx and its XML library are loaded with the first document: most processes never write one.
    from matchhub.documents import word_docx

    return word_docx.write(paper)
