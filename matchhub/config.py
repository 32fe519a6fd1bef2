"""Every setting of an installation: name, default, meaning and unit. Values come from environment variables.

A wrong value stops start-up with a sentence that says what is expected. What the street itself may change (periods,
weights, limits) is not here but in the settings table (domain/reference.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matchhub.core import vault

ROOT = Path(__file__).resolve().parent.parent
DEMO_SECRET = "only-for-the-demonstration"  # noqa: S105 - production refuses to start with it


class WrongSetting(RuntimeError):
    """A setting cannot be used; the message names it and says what it should be."""


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    default: Any
    read: Callable[[str], Any]
    meaning: str


def _switch(text: str) -> bool:
    if text.lower() not in {"0", "1", "no", "yes", "false", "true"}:
        raise ValueError("use 1 or 0")
    return text.lower() in {"1", "yes", "true"}


def _one_of(*values: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"use one of: {', '.join(values)}")
        return text

    return read


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _database(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("use sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
    return text


SETTINGS = (
    Setting("ENVIRONMENT", "development", _one_of("development", "production"), "production refuses unsafe defaults"),
    Setting("DEMO", False, _switch, "1: a demonstration; its accounts may be printed and a banner is shown"),
    Setting("INSTANCE", ROOT / "instance", _path, "folder of database, search index and uploads"),
    Setting("DATABASE_URL", "", _database, "empty: SQLite in INSTANCE; or postgresql+psycopg://…"),
    Setting("SECRET_KEY", DEMO_SECRET, str, "signs cookies; production needs at least 32 characters of its own"),
    Setting("SEAL_KEY_FILE", "", str, "file of the key that encrypts drafts; empty: seal.key in INSTANCE, not in production"),
    Setting("PUBLIC_URL", "http://127.0.0.1:5000", str, "address in mails and QR codes, without a final slash"),
    Setting("TRUSTED_HOSTS", [], _list, "host names this site answers to, separated by commas; empty: any"),
    Setting("PROXIES", 0, int, "how many reverse proxies stand in front, whose X-Forwarded headers are believed"),
    Setting("SQLITE_SYNCHRONOUS", "FULL", _one_of("FULL", "NORMAL", "OFF"), "FULL: a commit survives a power cut"),
    Setting("UPLOAD_LIMIT_MB", 20, int, "largest single file, megabytes"),
    Setting("OUTBOX", "thread", _one_of("thread", "manual"), "thread: this process delivers; manual: flask deliver"),
    Setting("OUTBOX_PAUSE_SECONDS", 5.0, float, "longest pause between two looks at the outbox, seconds"),
    Setting("SEARCH_ENGINE", "whoosh", _one_of("whoosh", "database"), "whoosh: files in INSTANCE; database: its own tables"),
    Setting("KEEP_PAGES", True, _switch, "1: public pages and duties are kept in memory until something is committed"),
    Setting("MAIL_SERVER", "", str, "host:port of an SMTP server; empty: messages stay on the site"),
    Setting("MAIL_FROM", "noreply@example.org", str, "sender of mails"),
    Setting("SESSION_IDLE_MINUTES", 30, int, "a login unused for so long ends"),
    Setting("SESSION_HOURS", 12, int, "a login ends after so long in any case"),
)  # fmt: skip


def load(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """All settings as Flask wants them; `overrides` win over the environment. Raises WrongSetting."""
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = os.environ.get(setting.name, "")
        try:
            values[setting.name] = setting.read(text) if text else setting.default
        except ValueError as error:
            raise WrongSetting(f"{setting.name}={text!r} cannot be used: {error} ({setting.meaning})") from error
    values.update(overrides or {})
    values["INSTANCE"] = Path(values["INSTANCE"])
    values["SEAL_KEY_PATH"] = (
        _path(values["SEAL_KEY_FILE"]) if values["SEAL_KEY_FILE"] else values["INSTANCE"] / "seal.key"
    )
    url = values["DATABASE_URL"] or f"sqlite:///{values['INSTANCE'] / 'matchhub.sqlite'}"
    secure = values["ENVIRONMENT"] == "production"
    return values | {
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine(url),
        "MAX_CONTENT_LENGTH": (values["UPLOAD_LIMIT_MB"] + 1) * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "TRUSTED_HOSTS": values["TRUSTED_HOSTS"] or None,
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
    } | dict(overrides or {}) | {"INSTANCE": values["INSTANCE"]}  # fmt: skip


def _engine(url: str) -> dict[str, Any]:
    if not url.startswith("sqlite"):
        return {"pool_pre_ping": True, "pool_size": 8}
    import pysqlite3  # the interpreter's own SQLite may lose commits in WAL mode (docs/decisions/0003-sqlite-driver.md)

    return {"module": pysqlite3}


def refuse_unsafe(config: Mapping[str, Any]) -> None:
    """Raises WrongSetting when a production installation would start with a known secret or as a demonstration."""
    if config["ENVIRONMENT"] != "production":
        return
    if config["SECRET_KEY"] == DEMO_SECRET or len(config["SECRET_KEY"]) < 32:
        raise WrongSetting("SECRET_KEY: production needs at least 32 characters of its own, kept secret")
    _refuse_unsafe_seal_key(config)
    if config["DEMO"]:
        raise WrongSetting("DEMO=1 cannot be used with ENVIRONMENT=production: its passwords are public")


def _refuse_unsafe_seal_key(config: Mapping[str, Any]) -> None:
    """The key lies where a backup of the database and the uploads does not take it along, and only its owner reads it."""
    if not config["SEAL_KEY_FILE"]:
        raise WrongSetting(
            "SEAL_KEY_FILE: production needs the path of a key file outside INSTANCE, kept with mode 600"
        )
    path = Path(config["SEAL_KEY_PATH"])
    if path.is_relative_to(Path(config["INSTANCE"]).resolve()):
        raise WrongSetting(
            f"SEAL_KEY_FILE={path} lies in INSTANCE: a copy of that folder would hold lock and key together"
        )
    try:
        vault.check(path)
    except vault.WrongKey as error:
        raise WrongSetting(f"SEAL_KEY_FILE: {error}") from error
