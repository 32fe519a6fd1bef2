"""matchhub: a street office's needs, met by social organisations, from the published need to the activity grade."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Flask

from matchhub import config


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the application; `overrides` win over environment variables.

    Raises `config.WrongSetting` for a setting that cannot be used, RuntimeError for a route without a declared access.
    """
    app = Flask(__name__, template_folder=str(config.ROOT / "templates"), static_folder=None)
    app.config.from_mapping(config.load(overrides))
    config.refuse_unsafe(app.config)
    app.config["INSTANCE"].mkdir(parents=True, exist_ok=True)

    from flask_babel import Babel
    from flask_wtf import CSRFProtect
    from werkzeug.middleware.proxy_fix import ProxyFix

    from matchhub import cli, presentation
    from matchhub.core import access, assets, errors, i18n, kept, links, login, mail, outbox, templating, vault, web
    from matchhub.core.db import db, listen
    from matchhub.domain import logins
    from matchhub.search import site

    app.jinja_environment = templating.Templates
    if app.config["PROXIES"]:
        hops = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    web.init_app(app)
    vault.configure(app.config["SEAL_KEY_PATH"], may_make=app.config["ENVIRONMENT"] != "production")
    db.init_app(app)
    with app.app_context():
        listen(db.engine, app.config["SQLITE_SYNCHRONOUS"])
    kept.init_app(app)
    Babel(app, locale_selector=i18n.language)
    CSRFProtect(app)
    links.configure(app.config["SECRET_KEY"])
    mail.configure(app.config["MAIL_SERVER"], app.config["MAIL_FROM"], app.config["PUBLIC_URL"])
    login.init_app(app, logins.find, logins.is_stale)
    site.configure(app.config["INSTANCE"], config.ROOT / "seed" / "reference", app.config["SEARCH_ENGINE"])
    outbox.start(app)
    assets.init_app(app)
    presentation.init_app(app)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    errors.init_app(app)
    cli.init_app(app)
    access.init_app(app)
    if app.config["ENVIRONMENT"] == "production":
        _refuse_unguarded(app)
    return app


def blueprints() -> Iterator[Blueprint]:
    """The blueprint `bp` of each feature's views."""
    import matchhub.features as features

    for found in pkgutil.iter_modules(features.__path__):
        if found.ispkg:
            yield importlib.import_module(f"{features.__name__}.{found.name}.views").bp


def _refuse_unguarded(app: Flask) -> None:
    """Raises RuntimeError when the database has tables but not every trigger that keeps its records."""
    import sqlalchemy as sa

    from matchhub.core import guards
    from matchhub.core.db import db

    with app.app_context(), db.engine.connect() as connection:
        if sa.inspect(connection).has_table("ledger") and (missing := guards.missing(connection)):
            raise RuntimeError(f"the database lacks the triggers {', '.join(missing)}: run flask db upgrade")
