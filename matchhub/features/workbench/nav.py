"""The navigation of the desk: which rooms a person has, and how much waits in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from matchhub.core.assets import icon
from matchhub.core.i18n import _, _l
from matchhub.domain.models import Role, User
from matchhub.domain.todo import Area, Todo, mine
from matchhub.markup.pieces import made

ORG = frozenset({Role.ORG_ADMIN, Role.ORG_MEMBER})
STREET = frozenset({Role.STREET_STAFF, Role.STREET_APPROVER})
OFFICE = STREET | {Role.CENTRE_STAFF}
INSIDE = OFFICE | {Role.AUDITOR}
EVERYONE = frozenset(Role)
WATCHING = frozenset({Role.AUDITOR, Role.SYSADMIN})
KEEPING = frozenset({Role.SYSADMIN, Role.STREET_APPROVER})


@dataclass(frozen=True, slots=True)
class Room:
    """A page of the desk, for whom it is, and the areas whose open duties it counts.

    `also` are the beginnings of other addresses that belong to the room.
    """

    url: str
    label: str
    icon: str
    roles: frozenset[Role]
    areas: frozenset[Area] = frozenset()
    also: tuple[str, ...] = ()


def _room(url: str, label: str, icon: str, roles: Iterable[Role], *areas: Area, also: tuple[str, ...] = ()) -> Room:
    return Room(url, label, icon, frozenset(roles), frozenset(areas), also)


ROOMS: tuple[tuple[Room, ...], ...] = (
    (
        _room("/workbench", _l("我的待办"), "inbox", EVERYONE, *Area),
        _room("/my/messages", _l("我的消息"), "bell", EVERYONE),
    ),
    (
        _room("/my/org", _l("机构资料"), "building", ORG, Area.OWN),
        _room("/my/matches", _l("适合的需求"), "stars", ORG, Area.MY_MATCHES),
        _room("/my/applications", _l("我的申报"), "file-earmark-text", ORG, Area.MY_APPLICATIONS),
        _room("/my/projects", _l("我的项目"), "kanban", ORG, Area.MY_PROJECTS, also=("/my/reports", "/coaching")),
        _room("/my/visits", _l("督导与整改"), "clipboard-check", ORG, Area.MY_VISITS, also=("/my/rectifications",)),
        _room("/my/events", _l("活动和路演"), "calendar-event", ORG, Area.MY_EVENTS, also=("/my/presentations",)),
        _room("/my/support", _l("寻求支持"), "cash-coin", ORG, Area.MY_SUPPORT, also=("/pledges",)),
        _room("/my/channel", _l("绿色通道"), "life-preserver", ORG, Area.MY_CHANNEL, also=("/channel",)),
        _room("/my/hearings", _l("情况说明"), "chat-left-text", ORG, Area.MY_HEARINGS),
        _room("/my/closings", _l("结项与测评"), "award", ORG, Area.MY_CLOSING),
    ),
    (
        _room("/staff/needs", _l("项目需求"), "clipboard", INSIDE, Area.NEEDS),
        _room("/staff/matching", _l("供需匹配"), "diagram-3", INSIDE),
        _room("/staff/applications", _l("申报受理"), "folder2-open", INSIDE, Area.APPLICATIONS),
        _room("/staff/rounds", _l("评审"), "people", INSIDE, Area.REVIEWS),
        _room("/staff/notices", _l("公示管理"), "megaphone", INSIDE, Area.NOTICES),
        _room("/staff/objections", _l("异议"), "chat-left-text", STREET | {Role.AUDITOR}, Area.OBJECTIONS),
        _room("/staff/projects", _l("项目"), "kanban", INSIDE, Area.PROJECTS),
        _room("/staff/reports", _l("月报审核"), "file-earmark-text", INSIDE, Area.REPORTS),
        _room("/staff/supervision", _l("督导与整改"), "clipboard-check", INSIDE, Area.SUPERVISION,
              also=("/staff/visits", "/rectifications")),
        _room("/staff/channel", _l("绿色通道"), "life-preserver", INSIDE, Area.CHANNEL, also=("/channel",)),
        _room("/staff/coaching", _l("辅导记录"), "journal-check", INSIDE, also=("/coaching",)),
        _room("/staff/resources", _l("资源名录"), "person-rolodex", INSIDE | {Role.SYSADMIN}),
        _room("/staff/assessments", _l("结项与测评"), "award", INSIDE, Area.CLOSING, also=("/staff/closings",)),
        _room("/staff/events", _l("活动和路演"), "calendar-event", INSIDE, Area.EVENTS),
        _room("/staff/library", _l("知识库"), "book", INSIDE),
        _room("/staff/support", _l("基金会支持"), "cash-coin", INSIDE, Area.SUPPORT, also=("/pledges",)),
        _room("/staff/orgs", _l("社会组织"), "building", INSIDE, Area.ORGANISATIONS),
    ),
    (
        _room("/review", _l("我的评审"), "pencil-square", {Role.REVIEWER}, Area.REVIEW),
        _room("/supervise", _l("我的督导"), "clipboard2-check", {Role.SUPERVISOR, Role.STREET_STAFF}, Area.SUPERVISE,
              also=("/rectifications", "/coaching")),
        _room("/assess", _l("结项测评任务"), "ui-checks", {Role.SUPERVISOR, Role.REVIEWER} | STREET, Area.ASSESS),
        _room("/fund", _l("基金会资助"), "cash-coin", {Role.FOUNDATION}),
        _room("/fund/pledges", _l("我的支持"), "gift", {Role.FOUNDATION}, Area.SUPPORT, also=("/pledges",)),
        _room("/my/needs", _l("我上报的需求"), "houses", {Role.NEIGHBOURHOOD}, Area.COMMUNITY, also=("/needs/raise",)),
    ),
    (
        _room("/admin/ledger", _l("操作记录"), "journal-text", WATCHING, Area.LEDGER),
        _room("/admin/health", _l("运行状况"), "activity", WATCHING, Area.SITE),
        _room("/admin/users", _l("账号管理"), "person-gear", {Role.SYSADMIN}),
        _room("/admin/settings", _l("参数设置"), "sliders", KEEPING),
        _room("/admin/codes", _l("代码表"), "list-ul", KEEPING),
        _room("/admin/synonyms", _l("同义词"), "search", KEEPING),
        _room("/admin/rubrics", _l("评分量表"), "card-checklist", KEEPING | {Role.AUDITOR}),
        _room("/admin/agreements", _l("协议模板"), "file-earmark-text", KEEPING | {Role.AUDITOR}),
        _room("/admin/holidays", _l("工作日历"), "calendar-event", KEEPING),
        _room("/admin/roles", _l("角色与权限"), "person-lock", WATCHING),
    ),
    (
        _room("/my/opening-key", _l("开启口令"), "key", {Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR}),
        _room("/my/settings", _l("我的设置"), "gear", EVERYONE),
    ),
)  # fmt: skip


def desk_nav(
    user: User, path: str, todos: Callable[[], list[Todo]], may_read: Callable[[str], bool]
) -> list[list[dict[str, Any]]]:
    """The groups of links for this person, the present one marked; rooms that nobody has built are left out."""
    counts, roles = Counter(todo.area for todo in mine(todos())), user.roles
    rooms = [[room for room in group if room.roles & roles and may_read(room.url)] for group in ROOMS]
    here = current(path, [room for group in rooms for room in group])
    return [[_item(room, counts, room is here) for room in group] for group in rooms if group]


def room_at(path: str) -> str:
    """What of an address decides which link of the navigation is marked: the beginning that is a room's, or nothing."""
    return max((url for url in _URLS if path == url or path.startswith(f"{url}/")), key=len, default="")


_URLS = [url for group in ROOMS for room in group for url in (room.url, *room.also)]


def current(path: str, rooms: Iterable[Room]) -> Room | None:
    """The room in which `path` lies: the one with the longest address that begins it, the first of several."""
    best, length = None, 0
    for room in rooms:
        for url in (room.url, *room.also):
            if (path == url or path.startswith(f"{url}/")) and len(url) > length:
                best, length = room, len(url)
    return best


def _item(room: Room, counts: Counter[Area], is_current: bool) -> dict[str, Any]:
    return {
        "url": room.url,
        "label": _(room.label),
        "icon": room.icon,
        "count": sum(counts[area] for area in room.areas),
        "current": is_current,
    }


def html(groups: Iterable[Iterable[dict[str, Any]]]) -> Markup:
    """The lists of links as _desk.html shows them."""
    return made(*(f"<ul>{''.join(map(_link, group))}</ul>" for group in groups))


def _link(item: dict[str, Any]) -> str:
    here = ' aria-current="page"' if item["current"] else ""
    count = f'<span class="mh-desknav__n mh-num">{item["count"]}</span>' if item["count"] else ""
    word = f'<span class="mh-desknav__word">{escape(item["label"])}</span>'
    return f'<li><a href="{escape(item["url"])}"{here}>{icon(item["icon"])}{word}{count}</a></li>'


class Lazy:
    """The navigation, computed when a template prints it: public pages never do."""

    def __init__(self, build: Callable[[], Markup]) -> None:
        self._build = build

    def __html__(self) -> Markup:
        return self._build()
