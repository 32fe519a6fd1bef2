"""An application form (项目申报书) on paper, as PDF for reading and signing and as Word for the team.

    paper = application.of(row, application_form.shown(document), label=…, version=…)

The caller passes the parts as its own page shows them: what the page hides (names in a blind review) is not here either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matchhub.core.i18n import _, language
from matchhub.documents.paper import Block, Facts, Heading, Paper, Party, Signing, Table, Text
from matchhub.documents.score_sheet import moment
from matchhub.domain.application_form.showing import Entry, ShownPart
from matchhub.domain.models import Application, ApplicationVersion


def of(
    application: Application,
    parts: Sequence[ShownPart],
    *,
    label: str,
    version: ApplicationVersion | None = None,
    files: Sequence[tuple[str, str]] = (),
    signing: bool = False,
) -> Paper:
    """The whole form. `label` is what the applicant is called there: its name, or its number in a blind review.

    Without `version` it is marked as a draft. `files` are (name, SHA-256) of the attachments; `signing` adds room for
    the applicant's seal.
    """
    need = application.need
    facts = [(_("需求"), f"{need.title}（{need.ref}）"), (_("申报单位"), label), (_("申报编号"), application.ref)]
    if version is not None:
        facts.append((_("版本"), _("第 %(n)s 版，提交于 %(at)s", n=version.number, at=moment(version.submitted_at))))
        facts.append((_("内容校验码"), version.sha256))
    blocks: list[Block] = [Facts(facts)]
    for part in parts:
        blocks += _part(part)
    if files:
        blocks += [Heading(_("附件")), Table([_("文件"), _("校验码")], files, (1, 1.6))]
    if signing:
        blocks.append(Signing([Party(_("申报单位（盖章）"), label, [_("负责人签字"), _("日期")])]))
    return Paper(
        title=_("项目申报书"),
        number="",
        blocks=blocks,
        footer=application.ref,
        mark="" if version else _("草稿"),
        language=language(),
    )


def _part(part: ShownPart) -> Iterator[Block]:
    """A heading, then runs of answers as a table of two columns, with the tables of rows between them."""
    yield Heading(part.title)
    waiting: list[tuple[str, str]] = []
    for entry in part.entries:
        if entry.table is None or entry.is_empty:
            waiting.append((entry.label, _answer(entry)))
            continue
        if waiting:
            yield Facts(waiting)
            waiting = []
        yield Heading(entry.label, 2)
        yield Table(entry.table.head, entry.table.rows, _widths(entry), set(entry.table.num))
        if entry.table.totals:
            yield Text("；".join(f"{name} {value}" for name, value in entry.table.totals), indent=False)
    if waiting:
        yield Facts(waiting)


def _answer(entry: Entry) -> str:
    if entry.is_empty:
        return _("未填写")
    return "\n".join(entry.items) if entry.items else entry.text


def _widths(entry: Entry) -> list[float]:
    """Columns as wide as what stands in them asks for, within reason."""
    table = entry.table
    assert table is not None  # the caller has looked
    longest = [
        max(len(table.head[n]), *(min(len(row[n]), 24) for row in table.rows if n < len(row)))
        for n in range(len(table.head))
    ]
    return [float(max(3, min(longest_, 14))) for longest_ in longest]
