"""The street edits which words mean the same; the search follows at once, and a wrong line is named."""

from __future__ import annotations

import pytest

from matchhub.core import ledger
from matchhub.core.errors import Refused
from matchhub.domain import lifecycle, reference
from matchhub.domain.models import Role
from matchhub.features.admin import synonyms
from matchhub.search import site
from tests import factories as make


@pytest.fixture
def keeper(app, client_as):
    return client_as(make.user(Role.SYSADMIN))


def groups():
    return synonyms.written(reference.synonyms())


def test_a_new_group_finds_at_once(app, keeper):
    from matchhub.core import outbox
    from matchhub.core.db import command

    need = make.need(title="楼道里的杂物")
    command(lambda: lifecycle.touch(need))()
    outbox.drain()
    assert site.search(None, "堆放").total == 0
    seen = groups()
    sent = {"groups": f"{seen}\n堆放，杂物", "seen": seen}
    assert keeper.post("/admin/synonyms", data=sent).status_code == 303
    assert site.search(None, "堆放").total == 1
    assert ledger.history("synonyms:all", 1)[0].deed == "synonyms.change"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("加梯", "第 1 行：一组至少要有两个词"),
        ("加梯，装梯\n\n老人，加梯", "“加梯”在第 1 行和第 3 行都有"),
        ("，".join(map(str, range(13))), "一组最多 12 个词"),
        ("加梯，" + "长" * 21, "一个词最多 20 个字"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_lost(app, keeper, text, sentence):
    seen = groups()
    page = keeper.post("/admin/synonyms", data={"groups": text, "seen": seen})
    assert page.status_code == 422
    assert sentence in page.get_data(as_text=True)
    assert groups() == seen


def test_two_people_never_overwrite_each_other(app, keeper):
    seen = groups()
    keeper.post("/admin/synonyms", data={"groups": "甲，乙", "seen": seen})
    assert keeper.post("/admin/synonyms", data={"groups": "丙，丁", "seen": seen}).status_code == 422
    assert groups() == "甲，乙"


def test_commas_blanks_and_doubles_are_read_kindly():
    assert synonyms.read(" 加梯, 装梯、加梯  电梯 \n") == [["加梯", "装梯", "电梯"]]
    with pytest.raises(Refused):
        synonyms.read("一个")
