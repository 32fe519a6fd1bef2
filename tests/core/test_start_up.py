"""An installation that is not safe does not start, and says in one sentence what to do."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub import config, create_app
from matchhub.core import guards, vault
from matchhub.core.db import db

GOOD = {"ENVIRONMENT": "production", "SECRET_KEY": "k" * 40, "OUTBOX": "manual"}


@pytest.fixture(autouse=True)
def key(tmp_path_factory):
    """A key file as production wants it: outside the instance's folder, for its owner alone."""
    path = tmp_path_factory.mktemp("keys") / "seal.key"
    vault.make(path)
    GOOD["SEAL_KEY_FILE"] = str(path)
    return path


def start(tmp_path, **over):
    return create_app(GOOD | {"INSTANCE": tmp_path} | over)


def test_production_needs_a_seal_key_outside_its_folder_that_nobody_else_reads(tmp_path, key):
    with pytest.raises(config.WrongSetting, match="outside INSTANCE"):
        start(tmp_path, SEAL_KEY_FILE="")
    with pytest.raises(config.WrongSetting, match="make-seal-key"):
        start(tmp_path, SEAL_KEY_FILE=str(key.with_name("none")))
    inside = tmp_path / "seal.key"
    vault.make(inside)
    with pytest.raises(config.WrongSetting, match="lock and key together"):
        start(tmp_path, SEAL_KEY_FILE=str(inside))
    key.chmod(0o640)
    with pytest.raises(config.WrongSetting, match="chmod 600"):
        start(tmp_path)
    key.chmod(0o600)
    key.write_text("00" * 32)
    with pytest.raises(config.WrongSetting, match="at random"):
        start(tmp_path)


@pytest.mark.parametrize("secret", ["short", config.DEMO_SECRET])
def test_production_needs_a_secret_of_its_own(tmp_path, secret):
    with pytest.raises(config.WrongSetting, match="SECRET_KEY"):
        start(tmp_path, SECRET_KEY=secret)


def test_production_is_no_demonstration(tmp_path):
    with pytest.raises(config.WrongSetting, match="passwords are public"):
        start(tmp_path, DEMO=True)


def test_production_starts_on_an_empty_folder(tmp_path):
    app = start(tmp_path)
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert app.config["SESSION_COOKIE_SECURE"] and app.config["SESSION_COOKIE_HTTPONLY"]


def test_production_does_not_start_when_a_trigger_that_keeps_records_is_gone(tmp_path):
    app = start(tmp_path)
    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            guards.ensure(connection)
            connection.execute(sa.text("DROP TRIGGER ledger_fixed_delete"))
        db.engine.dispose()
    with pytest.raises(RuntimeError, match="ledger_fixed_delete"):
        start(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEMO", "maybe", "use 1 or 0"),
        ("OUTBOX", "later", "use one of: thread, manual"),
        ("DATABASE_URL", "mysql://x", "postgresql"),
        ("UPLOAD_LIMIT_MB", "much", "UPLOAD_LIMIT_MB"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(monkeypatch, name, value, expected):
    monkeypatch.setenv(name, value)
    with pytest.raises(config.WrongSetting, match=expected):
        config.load()
