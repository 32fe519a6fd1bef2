"""Every part of a match in words: what was found, in one plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.domain import reference
from matchhub.matching.scoring import Part

TITLES: dict[Part, str] = {
    Part.FIELD: _l("服务领域"),
    Part.TARGET: _l("服务对象"),
    Part.COMMUNITY: _l("涉及小区"),
    Part.TEXT: _l("内容相近"),
    Part.CAPACITY: _l("余力"),
    Part.RECORD: _l("既往表现"),
    Part.ABILITY: _l("专门能力"),
    Part.NEWCOMER: _l("新机构扶持"),
}
Facts = Mapping[str, Any]


def why(part: Part | str, facts: Facts) -> str:
    """The sentence of a part, from the facts that a run has kept."""
    return _SENTENCES[Part(part)](facts)


def title(part: Part | str) -> str:
    return _(TITLES[Part(part)])


def _listed(kind: str, facts: Facts) -> str:
    return _("、").join(reference.words(kind, list(facts["codes"])))


def _field(facts: Facts) -> str:
    if not facts["codes"]:
        return _("服务领域没有重合，做过 %(n)s 个相近领域的项目。", n=facts["projects"])
    return _("领域相符：%(words)s；做过 %(n)s 个这类项目。", words=_listed("field", facts), n=facts["projects"])


def _target(facts: Facts) -> str:
    if not facts["codes"]:
        return _("服务对象没有重合，做过 %(n)s 个面向这些人的项目。", n=facts["projects"])
    words = _listed("target_group", facts)
    return _("服务对象相符：%(words)s；做过 %(n)s 个面向他们的项目。", words=words, n=facts["projects"])


def _community(facts: Facts) -> str:
    if not facts["codes"] and not facts["projects"]:
        return _("还没有在这些小区服务过。")
    if not facts["codes"]:
        return _("在这些小区做过 %(n)s 个项目。", n=facts["projects"])
    words = _listed("community", facts)
    return _("服务范围包括%(words)s；在这些小区做过 %(n)s 个项目。", words=words, n=facts["projects"])


def _text(facts: Facts) -> str:
    likeness = float(facts["likeness"])
    if likeness >= 0.2:
        return _("需求的内容和机构的介绍、做过的项目很相近。")
    if likeness >= 0.08:
        return _("需求的内容和机构的介绍、做过的项目有些相近。")
    return _("需求的内容和机构写下的少有相同。")


def of_brand(facts: Facts) -> str:
    """The sentence of the likeness of texts for a project that is presented."""
    likeness = float(facts["likeness"])
    if likeness >= 0.2:
        return _("需求的内容和这个项目很相近。")
    if likeness >= 0.08:
        return _("需求的内容和这个项目有些相近。")
    return _("需求的内容和这个项目少有相同。")


def _capacity(facts: Facts) -> str:
    running, capacity = facts["running"], facts["capacity"]
    if not capacity:
        return _("目前在做 %(n)s 个项目，没有填写能同时承接几个。", n=running)
    return _("目前在做 %(n)s 个项目，上限 %(most)s 个。", n=running, most=capacity)


def _record(facts: Facts) -> str:
    if facts["record"] is None:
        return _("还没有结项的项目，按中性分计算。")
    return _("近年既往表现 %(score)s 分（满分 100）。", score=facts["record"])


def _ability(facts: Facts) -> str:
    if not facts["abilities"]:
        return _("需求没有提到机构的专门能力。")
    return _("需求用得上它的专门能力：%(words)s。", words=_("、").join(facts["abilities"]))


def _newcomer(facts: Facts) -> str:
    if facts["projects"]:
        return _("已在本街道做过项目，不加扶持分。")
    return _("还没有在本街道做过项目，加扶持分，让新机构也有机会。")


_SENTENCES: dict[Part, Callable[[Facts], str]] = {
    Part.FIELD: _field,
    Part.TARGET: _target,
    Part.COMMUNITY: _community,
    Part.TEXT: _text,
    Part.CAPACITY: _capacity,
    Part.RECORD: _record,
    Part.ABILITY: _ability,
    Part.NEWCOMER: _newcomer,
}
