"""The cryptography of sealed texts: to a public key, to two of three shares, to a passphrase. No records, no people.

A text is sealed to a public key (X25519, ephemeral; HKDF-SHA256 over both public keys; ChaCha20-Poly1305), so whoever
seals it cannot open it. A private key is split by Shamir's scheme over the prime 2^521-1: two shares give it, one share
says nothing about it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

PRIME = 2**521 - 1
SHARE_BYTES = 66
MARK = b"MH1"
KEY_BYTES = 32
# Only at ceremonies: 64 MiB and three rounds cost about 0.1 s, and a thief of the database the same for every guess.
TIME_COST, MEMORY_KIB = 3, 65_536


class WontOpen(ValueError):
    """The key, the passphrase or the label does not fit, or the sealed text was changed."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A private key and the public one that belongs to it, 32 bytes each."""

    private: bytes
    public: bytes


def pair() -> Pair:
    """A new pair of keys."""
    return _pair(secrets.token_bytes(KEY_BYTES))


def _pair(private: bytes) -> Pair:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return Pair(private, X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def public_of(private: bytes) -> bytes:
    """The public key that belongs to a private one."""
    return _pair(private).public


def _shared(private: bytes, public: bytes, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    secret = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=b"matchhub seal 1").derive(secret)


def seal(public: bytes, plain: bytes, label: str) -> bytes:
    """Encrypt to a public key; `label` (need|organisation|version) must be given again to open it."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    once = pair()
    key = _shared(once.private, public, once.public + public)
    # The key is used for this one text, so the nonce may be constant.
    return MARK + once.public + ChaCha20Poly1305(key).encrypt(bytes(12), plain, label.encode())


def unseal(private: bytes, sealed: bytes, label: str) -> bytes:
    """The text sealed to the public key of `private`. Raises WontOpen."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    head = len(MARK) + KEY_BYTES
    if not sealed.startswith(MARK) or len(sealed) < head:
        raise WontOpen("not a sealed text")
    once = sealed[len(MARK) : head]
    try:
        key = _shared(private, once, once + public_of(private))
        return ChaCha20Poly1305(key).decrypt(bytes(12), sealed[head:], label.encode())
    except (InvalidTag, ValueError) as error:
        raise WontOpen("the key or the label does not fit, or the text was changed") from error


# --- two of three ------------------------------------------------------------------------------------------------


def split(private: bytes) -> list[tuple[int, bytes]]:
    """Three shares (number, 66 bytes) of a private key, of which any two give it back."""
    secret, slope = int.from_bytes(private), secrets.randbelow(PRIME)
    return [(x, ((secret + slope * x) % PRIME).to_bytes(SHARE_BYTES)) for x in (1, 2, 3)]


def combine(one: tuple[int, bytes], other: tuple[int, bytes]) -> bytes:
    """The private key from two different shares. Raises WontOpen when they do not belong together."""
    (x1, y1), (x2, y2) = ((x, int.from_bytes(share)) for x, share in (one, other))
    if x1 == x2:
        raise WontOpen("two different shares are needed")
    secret = (y1 * x2 - y2 * x1) * pow(x2 - x1, -1, PRIME) % PRIME
    if secret >= 2 ** (8 * KEY_BYTES):
        raise WontOpen("the shares do not belong together")
    return secret.to_bytes(KEY_BYTES)


# --- a passphrase ------------------------------------------------------------------------------------------------


def wrap(private: bytes, passphrase: str) -> bytes:
    """Encrypt a private key with a passphrase (argon2id). About 0.1 s: never inside a transaction."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt = secrets.token_bytes(16)
    return salt + ChaCha20Poly1305(_stretched(passphrase, salt)).encrypt(bytes(12), private, b"matchhub holder 1")


def unwrap(wrapped: bytes, passphrase: str) -> bytes:
    """The private key that was wrapped. Raises WontOpen for another passphrase. About 0.1 s."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        key = _stretched(passphrase, wrapped[:16])
        return ChaCha20Poly1305(key).decrypt(bytes(12), wrapped[16:], b"matchhub holder 1")
    except InvalidTag as error:
        raise WontOpen("the passphrase does not fit") from error


def _stretched(passphrase: str, salt: bytes) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(passphrase.encode(), salt, TIME_COST, MEMORY_KIB, 1, KEY_BYTES, Type.ID)
