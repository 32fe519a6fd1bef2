"""A public notice on paper: what its page says, with the way back to it and the checksum that holds both together."""

from __future__ import annotations

from collections.abc import Iterator

from matchhub.core import clock
from matchhub.core.i18n import _, day_in_words, language
from matchhub.documents.paper import Block, Code, Facts, Heading, Look, Paper, Table, Text
from matchhub.domain import noticing, reference
from matchhub.domain.models import NoticePhase
from matchhub.features.notices.queries import NUMBERS, Details

# While objections can come or wait for their answers.
OPEN_PHASES = (NoticePhase.ANNOUNCED, NoticePhase.PUBLISHED, NoticePhase.ENDED)
WIDTHS = {"rank": 1.45, "organisation": 4, "title": 4, "score": 1.4, "amount": 2.7, "result": 1.8}


def of(d: Details, address: str) -> Paper:
    """The notice as it is published; `address` is the full address of its page."""
    notice = d.notice
    issued = clock.local(notice.published_at).date() if notice.published_at else None
    return Paper(
        title=notice.title,
        number=_("公示编号 %(ref)s", ref=notice.ref),
        meta=_standing(d),
        blocks=[*_content(d), *_clocks(d), *_way_to_object(d)],
        annex=[*_proof(d, address)],
        issuer=notice.issuer,
        issued_on=day_in_words(issued) if issued else "",
        footer=_("%(ref)s（此件公开发布）", ref=notice.ref),
        mark={NoticePhase.AMENDED: _("已更正"), NoticePhase.REVOKED: _("已撤销")}.get(notice.phase, ""),
        look=Look.OFFICIAL,
        language=language(),
    )


def _standing(d: Details) -> list[str]:
    """What a reader of an old copy must know first: that another notice counts, or that this one corrects one."""
    lines = []
    if d.notice.corrects:
        lines.append(_("这是更正公告，更正的是 %(ref)s", ref=d.notice.corrects.ref))
    if d.notice.phase is NoticePhase.AMENDED and d.corrected_by:
        lines.append(_("这份公示已经更正，请以 %(ref)s 为准", ref=d.corrected_by.ref))
    if d.notice.phase is NoticePhase.REVOKED:
        lines.append(_("这份公示已经撤销"))
    return lines


def _content(d: Details) -> Iterator[Block]:
    notice = d.notice
    yield Text(notice.body)
    if d.period:
        first, last = day_in_words(d.period.first_day), day_in_words(d.period.last_day)
        yield Text(
            _("公示期自 %(first)s 至 %(last)s，共 %(n)s 个工作日。", first=first, last=last, n=d.period.days),
            indent=language() == "zh",
        )
    if notice.basis:
        yield Heading(_("依据"))
        yield Text(notice.basis)
    if notice.rows and d.columns:
        names = [name for name, _word in d.columns]
        yield Heading(_("公示名单"))
        yield Table(
            [word for _name, word in d.columns],
            [[str(row.get(name) or "–") for name in names] for row in notice.rows],
            [WIDTHS.get(name, 2) for name in names],
            {n for n, name in enumerate(names) if name in NUMBERS},
        )
    if d.notice.phase is NoticePhase.CONCLUDED and d.notice.outcome:
        yield Heading(_("公示结果"))
        yield Text(notice.outcome)


def _clocks(d: Details) -> Iterator[Block]:
    """When objections open and end, and what happens then: the words of the page."""
    if not d.period or d.notice.phase not in OPEN_PHASES:
        return
    first, last = day_in_words(d.period.first_day), day_in_words(d.period.last_day)
    follows = [_(sentence) for sentence in noticing.what_follows(d.notice)]
    yield Heading(_("时间和后续"))
    yield Facts(
        [
            (
                _("提出异议"),
                _(
                    "%(first)s 00:00 起，%(last)s 24:00 止，共 %(n)s 个工作日。之前和之后提交的不受理。",
                    first=first, last=last, n=d.period.days,
                ),
            ),
            (
                _("受理和答复"),
                _(
                    "收到后 %(check)s 个工作日内决定是否受理，%(answer)s 个工作日内答复提出人。",
                    check=reference.setting("objection_check_days"), answer=reference.setting("objection_days"),
                ),
            ),
            (_("公示期满以后"), "\n".join([*follows, _("异议全部答复以后，街道在公示网页公布结论和理由，不公布提出人。")])),
        ]
    )  # fmt: skip


def _way_to_object(d: Details) -> Iterator[Block]:
    yield Heading(_("怎样提出异议"))
    how = _(
        "对公示内容有异议的，请在公示期内写明真实姓名、联系方式、事实和理由，附上证据，在公示网页提交，或书面送交："
    )
    yield Text(f"{how}\n\n{d.notice.contact or '–'}")


def _proof(d: Details, address: str) -> Iterator[Block]:
    facts = [(_("公示内容的校验码"), noticing.digest(d.notice))]
    if d.head and d.head_is_final:
        facts.append((_("当日记录第 %(seq)s 行的校验码", seq=d.head[0]), d.head[1]))
    facts += [(_("附件“%(name)s”的校验码", name=row.caption or row.name), row.sha256) for row in d.files]
    yield Heading(_("核对"), 2)
    yield Facts(facts)
    yield Code(address, _("扫码查看公示网页、附件和办理结果"))
