"""Bonus and deduction items, the cap and hidden names belong to a version of the intake rubric."""

from __future__ import annotations

from decimal import Decimal

import pytest

from matchhub.core.errors import Refused
from matchhub.domain import sheets
from matchhub.features.admin import rubrics
from tests import factories as make


def edits(rubric):
    return {
        item.code: rubrics.Edit(item.maximum, item.anchor_zh.split("|"), item.anchor_en.split("|"))
        for item in rubrics.scored(rubric)
    }


def posted(rubric, **over):
    data = {"note": "加了加分项"}
    for item in rubrics.scored(rubric):
        data[f"max-{item.code}"] = f"{item.maximum.normalize():f}"
        for side, text in (("zh", item.anchor_zh), ("en", item.anchor_en)):
            data |= {f"{side}-{item.code}-{n}": part for n, part in enumerate(text.split("|"))}
    return data | over


def test_a_version_with_bonus_cap_and_hidden_names_is_made_by_page(app, client_as):
    old, approver = sheets.newest_rubric("A"), make.approver()
    data = posted(old, cap="98", hidden=["organisation", "files"], **{
        "beside-0-kind": "bonus", "beside-0-zh": "自带配套资源", "beside-0-en": "Own resources", "beside-0-maximum": "3",
        "beside-1-kind": "deduction", "beside-1-zh": "月报逾期", "beside-1-en": "", "beside-1-maximum": "5",
    })  # fmt: skip
    answer = client_as(approver).post(f"/admin/rubrics/{old.id}/version", data=data)
    assert answer.status_code == 303
    made = sheets.newest_rubric("A")
    assert made.number == old.number + 1 and made.cap == 98 and made.hidden == ["organisation", "files"]
    assert [(item.code, item.kind, item.maximum) for item in rubrics.beside(made)] == [
        ("P1", "bonus", Decimal(3)), ("M1", "deduction", Decimal(5)),
    ]  # fmt: skip
    assert rubrics.total(made) == 100, "what stands beside the 100 is not part of it"
    page = client_as(approver).get(f"/admin/rubrics/{made.id}").text
    assert "自带配套资源" in page and "总分不超过 98 分" in page and "机构名称和联合机构名称" in page


def test_what_was_typed_stays_when_it_is_refused(app, client_as):
    old = sheets.newest_rubric("A")
    data = posted(old, cap="120", **{"beside-0-zh": "自带配套资源", "beside-0-maximum": "3"})
    answer = client_as(make.approver()).post(f"/admin/rubrics/{old.id}/version", data=data)
    assert answer.status_code == 422 and "总分上限请填 1 到 100" in answer.text and "自带配套资源" in answer.text
    assert sheets.newest_rubric("A").id == old.id


@pytest.mark.parametrize(("one", "sentence"), [
    (rubrics.Beside("bonus", "", "", Decimal(3)), "都要写名称"),
    (rubrics.Beside("bonus", "太多", "", Decimal(30)), "0.5 到 20"),
    (rubrics.Beside("bonus", "零碎", "", Decimal("1.25")), "0.5 到 20"),
])  # fmt: skip
def test_what_a_bonus_item_needs(app, one, sentence):
    old = sheets.newest_rubric("A")
    with pytest.raises(Refused, match=sentence):
        rubrics.new_version(make.approver(), old, edits(old), "", rubrics.Extras([one]))


def test_the_next_version_keeps_what_is_not_changed(app):
    old, actor = sheets.newest_rubric("A"), make.approver()
    extras = rubrics.Extras([rubrics.Beside("bonus", "配套", "", Decimal(2))], Decimal(99), ["team"])
    second = rubrics.new_version(actor, old, edits(old), "", extras)
    third = rubrics.new_version(actor, second, edits(second), "")
    assert rubrics.extras_of(third) == rubrics.extras_of(second)
    rubrics.change(actor, third, edits(third), "", rubrics.Extras())
    assert rubrics.beside(third) == [] and third.cap is None and not third.hidden
