"""The menu and the page it leads to say the same words, for every room and every role."""

from __future__ import annotations

import re

import pytest

from matchhub.domain.models import Role
from matchhub.features.workbench.nav import EVERYONE, ROOMS
from tests import factories as make

DOORS = [
    (room, role)
    for group in ROOMS
    for room in group
    for role in (Role if room.roles != EVERYONE else (Role.STREET_STAFF, Role.ORG_ADMIN, Role.SYSADMIN))
    if role in room.roles
]


@pytest.mark.parametrize(("room", "role"), DOORS, ids=[f"{room.url} {role.value}" for room, role in DOORS])
def test_the_page_is_called_what_the_menu_calls_it(client_as, room, role):
    user = make.giver() if role is Role.FOUNDATION else make.user(role)
    answer = client_as(user).get(room.url)
    assert answer.status_code == 200
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.S)
    assert heading is not None
    text = re.sub(r"<[^>]+>|\s+", "", heading[1])
    assert text == room.label.replace(" ", "")
    title = re.search(r"<title>(.*?)</title>", answer.text, re.S)
    assert title is not None and title[1].strip().startswith(room.label)
