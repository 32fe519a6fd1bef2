"""A demonstration made for the bench in a folder of its own, and people signed in to it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]


# Without the last one Python keeps what it has compiled, as it does in every installation.
LEFT_OUT = ("DATABASE_URL", "SECRET_KEY", "PYTHONDONTWRITEBYTECODE")


def surroundings(instance: Path, **more: str) -> dict[str, str]:
    chosen = {"INSTANCE": str(instance), "DEMO": "1", "OUTBOX": "manual", "SQLITE_SYNCHRONOUS": "OFF"}
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return kept | chosen | more


def children_seconds() -> float:
    """CPU of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def play(instance: Path) -> float:
    """Prepare a demonstration in an empty folder; CPU seconds it took, migrations and index included."""
    before = children_seconds()
    subprocess.run([*FLASK, "prepare"], cwd=ROOT, env=surroundings(instance), check=True, stdout=subprocess.DEVNULL)
    return children_seconds() - before


def make_app(instance: Path, **overrides: Any) -> Flask:
    from matchhub import create_app

    return create_app({"INSTANCE": instance, "DEMO": True, "OUTBOX": "manual", "SQLITE_SYNCHRONOUS": "OFF"} | overrides)


def session_cookie(app: Flask, login: str) -> str:
    """A Cookie header in which this account is signed in."""
    from matchhub.core.db import command
    from matchhub.domain import logins
    from matchhub.domain.accounts import by_login

    @command
    def start() -> str:
        account = by_login(login)
        if account is None:
            raise LookupError(f"no account {login}")
        return logins.start(account, "bench")

    with app.app_context():
        token = start()
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'_user_id': token, '_fresh': True})}"


def login_of(role: str) -> str:
    from matchhub import demo_accounts

    return next(login for named, login, _password in demo_accounts.accounts() if named == role)


def first_ref(model: Any, state: Any) -> str:
    from matchhub.core.db import db

    ref: str | None = db.session.scalar(sa.select(model.ref).where(model.state == state).order_by(model.id))
    if ref is None:
        raise LookupError(f"no {model.__name__} is {state}")
    return ref
