"""Addresses of records, made from as much of them as is known."""

import pytest

from matchhub.domain import paths


@pytest.mark.parametrize(
    ("kind", "side", "address"),
    [
        ("need", paths.PUBLIC, "/needs/X-1"),
        ("coaching_note", paths.STAFF, ""),
        ("hearing", paths.STAFF, ""),
        ("objection", paths.PUBLIC, ""),
        ("objection", paths.STAFF, "/staff/objections/X-1"),
        ("organisation", paths.MY, "/my/org"),
        ("need", paths.JUDGE, ""),
    ],
)
def test_a_reference_alone_gives_an_address_or_none(kind, side, address):
    assert paths.of_ref(kind, "X-1", side) == address
