"""The agreement of a project on paper: PDF for signing, Word for those who must change a word before it is signed.

    paper = agreement.of(row)            what `domain/agreeing.draw_up` made
    paper = agreement.preview(content, number)   the blocks of `agreeing.fill`, for the preview of a template

It is always in the source language, whoever reads it: it is what both sides sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core import i18n
from matchhub.core.i18n import _
from matchhub.documents.paper import Block, Heading, Paper, Party, Signing, Table, Text
from matchhub.domain import reference
from matchhub.domain.models import Agreement


def of(agreement: Agreement) -> Paper:
    """The agreement: a draft until both sides have signed, then with the days of both signatures."""
    with i18n.in_source():
        street = agreement.street_signed_on
        theirs = agreement.organisation_signed_on
        days = [i18n.day_in_words(day) if day else "" for day in (street, theirs)]
        parties = _parties(agreement.project.organisation.name, days)
        footer = _("%(number)s　校验码 %(digest)s", number=agreement.number, digest=agreement.digest[:16])
        partners = [row.name for row in agreement.project.partners]
        return _paper(
            agreement.content, [parties, *_joint(partners)], footer, "" if agreement.is_signed else _("待签署")
        )


def preview(content: Sequence[dict[str, Any]], organisation: str) -> Paper:
    """A text that nobody has agreed on: of a template filled in with a project."""
    with i18n.in_source():
        return _paper(content, [_parties(organisation, ["", ""])], _("模板预览，不作为签署文本"), _("预览"))


def _paper(content: Sequence[dict[str, Any]], parties: Sequence[Signing], footer: str, mark: str) -> Paper:
    title = next((str(block["text"]) for block in content if block["kind"] == "title"), _("协议"))
    return Paper(title=title, blocks=[*_blocks(content), *parties], footer=footer, mark=mark)


def _blocks(content: Sequence[dict[str, Any]]) -> Iterator[Block]:
    for block in content:
        match block["kind"]:
            case "heading":
                yield Heading(block["text"])
            case "text":
                yield Text(block["text"])
            case "table":
                yield Table(block["head"], block["rows"], block["widths"], block["numbers"])


def _parties(organisation: str, days: Sequence[str]) -> Signing:
    names = (str(reference.setting("site_owner")), organisation)
    parts = (_("甲方（盖章）"), _("乙方（盖章）"))
    return Signing(
        [
            Party(part, name, [_("代表签字")] if day else [_("代表签字"), _("签订日期")],
                  [_("签订日期：%(day)s", day=day)] if day else [])
            for part, name, day in zip(parts, names, days, strict=True)
        ]
    )  # fmt: skip


def _joint(partners: Sequence[str]) -> Iterator[Signing]:
    """Room for the partners of a joint project to sign too, two beside each other."""
    for n in range(0, len(partners), 2):
        yield Signing(
            [Party(_("联合承接方（盖章）"), name, [_("代表签字"), _("签订日期")]) for name in partners[n : n + 2]]
        )
