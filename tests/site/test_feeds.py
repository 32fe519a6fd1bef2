"""The feeds carry what is public, are well-formed whatever the records say, and name an address for each."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from matchhub.domain.models import NeedState, NoticeState
from tests import factories as make

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.data)
    assert root.find(f"{ATOM}updated").text.endswith("Z")
    return {entry.find(f"{ATOM}title").text: entry for entry in root.findall(f"{ATOM}entry")}


def test_public_needs_are_in_the_feed_and_drafts_are_not(app, client_as):
    make.need(title="加梯 <征询> & “协商”")
    make.need(NeedState.DRAFT, title="草稿需求")
    found = entries(client_as(None), "/feeds/needs.atom")
    assert list(found) == ["加梯 <征询> & “协商”"]
    link = found["加梯 <征询> & “协商”"].find(f"{ATOM}link").get("href")
    assert "/needs/XQ-" in link


def test_public_notices_are_in_the_feed_and_drafts_are_not(app, client_as):
    make.notice(title="关于立项的公示")
    make.notice(NoticeState.DRAFT, title="未发布的公示")
    assert list(entries(client_as(None), "/feeds/notices.atom")) == ["关于立项的公示"]


@pytest.mark.parametrize(("page", "feed"), [("/needs", "/feeds/needs.atom"), ("/notices", "/feeds/notices.atom")])
def test_the_lists_name_their_feed(app, client_as, page, feed):
    assert f'type="application/atom+xml" href="{feed}"' in client_as(None).get(page).get_data(as_text=True)
