"""Name-blind review: what the rubric hides from reviewers until the decision, and where it would still show.

`Rubric.hidden` holds codes of HIDDEN. Hidden fields are replaced, and in every other text the names that the
application itself gives (organisation, partners, contact, team) are replaced as well. Staff see everything.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.domain import application_form, panels
from matchhub.domain.models import Application, Attachment, ReviewRound, RoundState, User
from matchhub.domain.roles import Role

ORGANISATION, CONTACT, TEAM, SIGNED, FILES = "organisation", "contact", "team", "signed", "files"
EXPERIENCE = "experience"

HIDDEN: dict[str, str] = {
    ORGANISATION: _l("机构名称和联合机构名称"),
    CONTACT: _l("联系人和电话"),
    EXPERIENCE: _l("做过的类似项目"),
    TEAM: _l("团队成员和活动负责人的姓名"),
    SIGNED: _l("声明人签名"),
    FILES: _l("附件的文件名"),
}

# What a name is replaced by in running text; the same in both languages, as the text itself is.
SOMEBODY, SOME_ORGANISATION = "［姓名］", "［机构］"

# Leading places and trailing notes are often left out when an organisation speaks of itself.
_PLACE = re.compile(r"^(上海市|上海|普陀区|曹杨新村街道|曹杨新村|曹杨)+")
_NOTE = re.compile(r"[（(][^）)]*[）)]$")
LEAST_NAME, LEAST_ORGANISATION = 2, 4


def hidden(round_: ReviewRound | None) -> frozenset[str]:
    """The codes of what is hidden from the reviewers of this round now; nothing after the decision."""
    if round_ is None or round_.state is RoundState.DECIDED:
        return frozenset()
    return frozenset(round_.rubric.hidden or ()) & frozenset(HIDDEN)


def words(codes: Iterable[str]) -> list[str]:
    """What these codes hide, in the language in use and always in the same order."""
    wanted = frozenset(codes)
    return [_(word) for code, word in HIDDEN.items() if code in wanted]


def label(entry: Application, codes: Iterable[str]) -> str:
    """What an application is called on a reviewer's page: its organisation, or its number where that is hidden."""
    return _("申报 %(ref)s", ref=entry.ref) if ORGANISATION in codes else entry.organisation.name


def veiled(document: dict[str, Any], entry: Application, codes: Iterable[str]) -> dict[str, Any]:
    """The text of an application as a reviewer reads it: a copy without what is hidden."""
    wanted = frozenset(codes)
    if not wanted:
        return document
    made = copy.deepcopy(document)
    names = _names(made, entry, wanted)
    _blank(made, wanted)
    return _replaced(made, names)


def traces(document: dict[str, Any], entry: Application, codes: Iterable[str]) -> list[str]:
    """Names that stand in running text and are replaced there: a hint that the text itself tells who wrote it."""
    wanted = frozenset(codes)
    made = copy.deepcopy(document)
    names = _names(made, entry, wanted)
    _blank(made, wanted)
    text = "\n".join(_strings(made))
    return [name for name in names if name in text]


def _names(document: dict[str, Any], entry: Application, codes: frozenset[str]) -> dict[str, str]:
    """name -> what it is replaced by, the longest first so that no part of a name is left."""
    found: dict[str, str] = {}
    part = application_form.part_of(document, "organisation")
    if ORGANISATION in codes:
        for name in (entry.organisation.name, *(row.get("name") or "" for row in part["joint"])):
            found |= dict.fromkeys(_variants(name), SOME_ORGANISATION)
    people: list[str] = []
    if CONTACT in codes:
        people += [part["contact_name"], part["contact_phone"]]
    if TEAM in codes:
        people += [row.get("name") for row in application_form.part_of(document, "team")["rows"]]
        people += [row.get("lead") for row in application_form.part_of(document, "plan")["rows"]]
    if SIGNED in codes:
        people += [
            application_form.part_of(document, "declaration")["signed_name"],
            entry.organisation.legal_representative,
        ]
    found |= {name: SOMEBODY for name in people if name and len(name) >= LEAST_NAME}
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def _variants(name: str) -> list[str]:
    bare = _NOTE.sub("", name).strip()
    short = _PLACE.sub("", bare)
    return [one for one in dict.fromkeys((name, bare, short)) if len(one) >= LEAST_ORGANISATION]


def _blank(document: dict[str, Any], codes: frozenset[str]) -> None:
    """Empty the fields that hold what is hidden, in place."""
    note = _("（盲审不显示）")
    organisation = document.get("organisation") or {}
    if CONTACT in codes:
        _put(organisation, ("contact_name", "contact_phone"), note)
    if EXPERIENCE in codes:
        _put(organisation, ("experience",), note)
    if ORGANISATION in codes:
        for row in organisation.get("joint") or []:
            _put(row, ("name",), note)
    if TEAM in codes:
        for row in (document.get("team") or {}).get("rows") or []:
            _put(row, ("name",), note)
        for row in (document.get("plan") or {}).get("rows") or []:
            _put(row, ("lead",), note)
    if SIGNED in codes:
        _put(document.get("declaration") or {}, ("signed_name",), note)


def _put(row: dict[str, Any], names: tuple[str, ...], note: str) -> None:
    for name in names:
        if row.get(name):
            row[name] = note


def _replaced(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, instead in names.items():
            value = value.replace(name, instead)
        return value
    if isinstance(value, dict):
        return {key: _replaced(one, names) for key, one in value.items()}
    return [_replaced(one, names) for one in value] if isinstance(value, list) else value


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


# --- files -----------------------------------------------------------------------------------------------------------


def file_name(user: User | None, attachment: Attachment, subject: Any) -> str:
    """The name under which this person may know a file: its own, or a plain one in a review that hides names."""
    if not isinstance(subject, Application) or user is None or not reads_as_reviewer(user, subject):
        return attachment.name
    if not hidden(panels.of_need(subject.need)) & {FILES}:
        return attachment.name
    return plain_name(attachment)


def plain_name(attachment: Attachment) -> str:
    """A file's name that says nothing: its address and its ending."""
    ending = attachment.name.rpartition(".")[2].lower() if "." in attachment.name else ""
    return f"{attachment.code[:6]}.{ending}" if ending else attachment.code[:6]


def reads_as_reviewer(user: User, application: Application) -> bool:
    """Whether this person reads an application only because of a seat on the panel."""
    inside = {Role.STREET_STAFF, Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR}
    return not user.roles & inside and user.organisation_id != application.organisation_id
