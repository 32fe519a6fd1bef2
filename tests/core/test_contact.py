"""Telephone numbers: whole ones are taken however they are written, and nothing that cannot be called."""

from __future__ import annotations

import pytest

from matchhub.core import contact


@pytest.mark.parametrize(
    "typed",
    ["13800000000", "138 0000 0000", "+86 138-0000-0000", "１３８００００００００", "021-62510000", "021-6251 0000",
     "(021) 6251 0000", "02162510000", "+86 21 6257 0000", "0512-6251000", "62510000", "021-62570000 转 8012", "021-62570000-123",
     "400-820-1234", "12345"],
)  # fmt: skip
def test_numbers_that_can_be_called(typed: str) -> None:
    assert contact.is_phone(typed)


@pytest.mark.parametrize(
    "typed", ["1234567", "6251000", "138000000", "138000000000", "电话 62510000", "021", "", "0000"]
)
def test_numbers_that_cannot(typed: str) -> None:
    assert not contact.is_phone(typed)
