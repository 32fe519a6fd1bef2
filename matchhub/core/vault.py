"""The key of the server, which lies in a file outside the database, and what is encrypted with it at rest.

Whoever has the database file, a dump or a backup of it, but not the key file, reads nothing of what is kept here. Whoever
has both can: docs/decisions/0009-sealed-applications.md says which texts therefore have a second lock.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

KEY_BYTES = 32
NONCE_BYTES = 12
_place: dict[str, Any] = {"path": None, "may_make": False}
_keys: dict[str, bytes] = {}


class WrongKey(RuntimeError):
    """The key file is missing, unsafe, or does not fit what was encrypted; the message says which."""


def configure(path: Path, may_make: bool) -> None:
    """Say where the key lies; `may_make`: a missing one is made at the first use (development only)."""
    if _place["path"] != path:
        _keys.clear()
    _place.update(path=path, may_make=may_make)


def check(path: Path) -> None:
    """Raises WrongKey when there is no key at `path`, when others than its owner may read it, or when it is too short."""
    if not path.is_file():
        raise WrongKey(f"there is no key file {path}; make one: flask make-seal-key {path}")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise WrongKey(f"the key file {path} may be read by others than its owner: chmod 600 {path}")
    _read(path)


def make(path: Path) -> None:
    """Write a new key that only its owner may read. Raises FileExistsError: a key is never replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and linked: whoever finds the file finds it whole.
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(beside, path)
    finally:
        beside.unlink()


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise WrongKey(f"the key file {path} holds no hexadecimal key") from error
    if len(key) < KEY_BYTES or len(set(key)) < 8:
        raise WrongKey(f"the key file {path} is too short: it needs {KEY_BYTES * 2} hexadecimal digits at random")
    return key


def _key(purpose: str) -> bytes:
    """A key of its own for each purpose, derived from the file's."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    if purpose not in _keys:
        path: Path | None = _place["path"]
        if path is None:
            raise WrongKey("vault.configure() has not been called")
        if _place["may_make"] and not path.exists():
            with contextlib.suppress(FileExistsError):  # another process has just made it
                make(path)
        check(path)
        derive = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=f"matchhub {purpose} 1".encode())
        _keys[purpose] = derive.derive(_read(path))
    return _keys[purpose]


def protect(purpose: str, plain: bytes, bound: bytes = b"") -> bytes:
    """Encrypt under the server's key for `purpose`; it opens only with the same purpose and `bound`."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + ChaCha20Poly1305(_key(purpose)).encrypt(nonce, plain, bound)


def reveal(purpose: str, kept: bytes, bound: bytes = b"") -> bytes:
    """What `protect` was given. Raises WrongKey when it does not fit."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        return ChaCha20Poly1305(_key(purpose)).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], bound)
    except InvalidTag as error:
        raise WrongKey(f"the key file does not fit what is kept for {purpose}, or it was changed") from error


class AtRest(TypeDecorator[Any]):
    """A JSON column whose content is encrypted in the database and plain in the program.

    A value written before there was encryption is read as it is; the next change encrypts it.
    """

    impl = sa.JSON(none_as_null=True)
    cache_ok = True
    MARK = "at_rest"

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        super().__init__()

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None:
            return None
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return {self.MARK: base64.b64encode(protect(self.purpose, plain)).decode("ascii")}

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        if not isinstance(value, dict) or set(value) != {self.MARK}:
            return value
        return json.loads(reveal(self.purpose, base64.b64decode(value[self.MARK])))
