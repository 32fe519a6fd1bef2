"""Uploads: stored by the SHA-256 of their content under INSTANCE/uploads, checked by content, never by name alone.

Pictures are decoded, turned upright and written anew, which removes EXIF with its places and whatever was appended.
Office files are opened as archives and counted; macros are refused. Nothing stored here is ever executed.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from matchhub.core.i18n import _

PDF = "application/pdf"
PICTURES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
OFFICE = {
    "docx": ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pptx": ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
DOCUMENTS = frozenset({"pdf", *OFFICE})
ANY = DOCUMENTS | frozenset(PICTURES)
LONGEST_SIDE = 2000
MOST_PIXELS = 60_000_000
MOST_UNPACKED_BYTES = 200 * 1024 * 1024
MOST_ENTRIES = 2000
# What Pillow says of a picture that would unfold into hundreds of megabytes: a warning, then an error.
BOMBS = (Image.DecompressionBombWarning, Image.DecompressionBombError)


class BadFile(ValueError):
    """The upload cannot be kept; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the store. `name` is the cleaned name of the uploader, `sha256` the content's hash.

    A secret file has a `key` of its own and lies encrypted at `place`; a plain one lies at its content's hash.
    """

    sha256: str
    name: str
    media_type: str
    size_bytes: int
    key: str = ""
    place: str = ""


def clean_name(name: str) -> str:
    """The last part of `name`, without control characters and quotes, at most 100 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = re.sub(r"[\x00-\x1f\x7f\"'<>|:*?]", "", last).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:90]}{dot}{ending[:10]}" if dot else kept[:100] or "file"


def path_of(folder: Path, sha256: str) -> Path:
    """Where the store under `folder` keeps this content."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError("not a SHA-256")
    return folder / "uploads" / sha256[:2] / sha256


def save(
    folder: Path, stream: BinaryIO, name: str, limit_bytes: int, kinds: frozenset[str] = ANY, secret: bool = False
) -> Stored:
    """Check and keep one upload. Call it before the command whose rows name it. Raises BadFile.

    `secret` encrypts it with a key of its own before anything is written; its address tells nothing about its content.
    """
    name = clean_name(name)
    ending = name.rpartition(".")[2].lower()
    if ending not in kinds:
        allowed = "、".join(sorted(kind.upper() for kind in kinds if kind != "jpeg"))
        raise BadFile(_("“%(name)s”的格式不支持，请换成 %(allowed)s。", name=name, allowed=allowed))
    content = stream.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        limit = limit_bytes // (1024 * 1024)
        raise BadFile(_("“%(name)s”超过 %(limit)s MB，请压缩或拆分后再上传。", name=name, limit=limit))
    if not content:
        raise BadFile(_("“%(name)s”是空文件，请重新选择。", name=name))
    content, media_type = _checked(content, name, ending)
    sha256 = hashlib.sha256(content).hexdigest()
    if secret:
        return _enclosed(folder, Stored(sha256, name, media_type, len(content)), content)
    _write(path_of(folder, sha256), content)
    return Stored(sha256, name, media_type, len(content))


def _enclosed(folder: Path, plain: Stored, content: bytes) -> Stored:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    key = secrets.token_bytes(32)
    # One key for one content, so the nonce may be constant.
    hidden = ChaCha20Poly1305(key).encrypt(bytes(12), content, b"matchhub file 1")
    place = hashlib.sha256(hidden).hexdigest()
    _write(path_of(folder, place), hidden)
    return replace(plain, key=key.hex(), place=place)


def read(folder: Path, place: str, key: str = "") -> bytes:
    """The content of a file in the store, decrypted with its key where it has one.

    Raises FileNotFoundError when it is not there, ValueError when it was changed or the key does not fit.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    kept = path_of(folder, place).read_bytes()
    if not key:
        return kept
    try:
        return ChaCha20Poly1305(bytes.fromhex(key)).decrypt(bytes(12), kept, b"matchhub file 1")
    except InvalidTag as error:
        raise ValueError(f"the file {place} was changed, or its key does not fit") from error


def make_secret(folder: Path, stored: Stored) -> Stored:
    """A secret copy of a file that lies plain in the store; the plain one stays, for others may name it."""
    return stored if stored.key else _enclosed(folder, stored, read(folder, stored.sha256))


def _checked(content: bytes, name: str, ending: str) -> tuple[bytes, str]:
    if ending == "pdf":
        if not content.startswith(b"%PDF-"):
            raise BadFile(_("“%(name)s”打不开：它不是 PDF 文件，请重新导出。", name=name))
        return content, PDF
    if ending in OFFICE:
        return content, check_office(content, name, ending)
    return _picture(content, name), "image/jpeg"


def _picture(content: bytes, name: str) -> bytes:
    problem = BadFile(_("“%(name)s”不是能识别的图片，请改为 JPG 或 PNG。", name=name))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"])
            if image.width * image.height > MOST_PIXELS:
                raise problem
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, *BOMBS) as error:
        raise problem from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def check_office(content: bytes, name: str, ending: str) -> str:
    """The media type of an Office file that may be opened. Raises BadFile for a broken, oversized or macro one."""
    folder, media_type = OFFICE[ending]
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile as error:
        raise BadFile(_("“%(name)s”打不开，请用 Office 或 WPS 另存后再上传。", name=name)) from error
    names = [entry.filename for entry in entries]
    if not any(entry.startswith(folder) for entry in names) or any("vbaProject" in entry for entry in names):
        raise BadFile(_("“%(name)s”含有宏或内容与扩展名不符，请另存为普通文件后再上传。", name=name))
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise BadFile(_("“%(name)s”展开后过大，请拆分后再上传。", name=name))
    return media_type


def _write(path: Path, content: bytes) -> None:
    """Write beside, flush to disk, then rename: a file with its final name is always whole."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
