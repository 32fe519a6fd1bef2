"""The cryptography of sealed texts: what opens, and everything that does not."""

from __future__ import annotations

import itertools

import pytest

from matchhub.core import seal, vault

TEXT, LABEL = "申请 86000 元".encode(), "XQ-1|JG-1|1"


def test_a_sealed_text_opens_with_its_key_and_its_label_only():
    key = seal.pair()
    sealed = seal.seal(key.public, TEXT, LABEL)
    assert seal.unseal(key.private, sealed, LABEL) == TEXT
    assert TEXT not in sealed and sealed != seal.seal(key.public, TEXT, LABEL)
    for private, text, label in (
        (seal.pair().private, sealed, LABEL),
        (key.private, sealed, "XQ-1|JG-2|1"),
        (key.private, sealed, "XQ-2|JG-1|1"),
        (key.private, sealed, "XQ-1|JG-1|2"),
        (key.private, sealed[:-1] + bytes([sealed[-1] ^ 1]), LABEL),
        (key.private, sealed[:10] + bytes([sealed[10] ^ 1]) + sealed[11:], LABEL),
        (key.private, b"", LABEL),
    ):
        with pytest.raises(seal.WontOpen):
            seal.unseal(private, text, label)


def test_any_two_of_three_shares_give_the_key_and_one_never_does():
    key = seal.pair().private
    shares = seal.split(key)
    for one, other in itertools.permutations(shares, 2):
        assert seal.combine(one, other) == key
    for share in shares:
        with pytest.raises(seal.WontOpen):
            seal.combine(share, share)
    assert len({share for _place, share in seal.split(key)} | {share for _place, share in shares}) == 6


def test_shares_of_two_keys_do_not_mix():
    one, other = seal.split(seal.pair().private), seal.split(seal.pair().private)
    with pytest.raises(seal.WontOpen):
        seal.combine(one[0], other[1])


def test_guessing_a_passphrase_costs_what_rfc_9106_asks_for():
    assert seal.TIME_COST >= 3 and seal.MEMORY_KIB >= 65_536


def test_a_passphrase_opens_what_it_wrapped():
    key = seal.pair().private
    wrapped = seal.wrap(key, "三个不相干的词")
    assert key not in wrapped and seal.unwrap(wrapped, "三个不相干的词") == key
    for wrong in ("三个不相干的诗", "", "三个不相干的词 "):
        with pytest.raises(seal.WontOpen):
            seal.unwrap(wrapped, wrong)


def test_the_servers_key_is_made_for_its_owner_alone_and_never_replaced(tmp_path):
    path = tmp_path / "keys" / "seal.key"
    vault.make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        vault.make(path)
    vault.check(path)


def test_what_the_servers_key_encloses_opens_with_the_same_purpose_only(tmp_path, app):
    kept = vault.protect("draft", b"text", b"XQ-1")
    assert vault.reveal("draft", kept, b"XQ-1") == b"text"
    for purpose, bound in (("file", b"XQ-1"), ("draft", b"XQ-2")):
        with pytest.raises(vault.WrongKey):
            vault.reveal(purpose, kept, bound)
    vault.configure(tmp_path / "another.key", may_make=True)
    with pytest.raises(vault.WrongKey):
        vault.reveal("draft", kept, b"XQ-1")
