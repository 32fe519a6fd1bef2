"""Commands of an installation: each a few lines over a service."""

from __future__ import annotations

import json
import pathlib
import sys
from typing import Any

import click
from flask import Flask

# Commands that Flask and Flask-Migrate bring along.
FOREIGN = frozenset({"db", "run", "shell", "routes"})


def helps(app: Flask) -> dict[str, str]:
    """The first sentence of the help of each of our own commands, those of groups by both words."""
    found = {}
    for name, one in app.cli.commands.items():
        if name not in FOREIGN:
            inner = (
                {f"{name} {sub}": each for sub, each in one.commands.items()} if isinstance(one, click.Group) else {}
            )
            found.update(inner or {name: one})
    return {name: " ".join((one.help or "").split()) for name, one in found.items()}


class _Migrations:
    """Stands where Flask-Migrate looks for its settings, until it does: a server that starts needs none of it."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        from matchhub.config import ROOT
        from matchhub.core.db import db

        Migrate(self._app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
        return getattr(self._app.extensions["migrate"], name)


class _MigrationCommands(click.Command):
    """`flask db …` of Flask-Migrate, imported when it is called."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        from flask_migrate.cli import db

        found: click.Context = db.make_context(info_name, args, parent, **extra)
        return found


def init_app(app: Flask) -> None:
    app.extensions["migrate"] = _Migrations(app)
    app.cli.add_command(_MigrationCommands("db", help="Perform database migrations."))

    @app.cli.command("seed")
    def seed() -> None:
        """Load the reference data; doing it twice changes nothing."""
        from matchhub import seeds

        seeds.load()

    @app.cli.command("prepare")
    def prepare() -> None:
        """Bring an installation up to date: migrations, reference data, demonstration if empty, search index."""
        from flask_migrate import upgrade

        from matchhub import seeds
        from matchhub.domain import earlier_sites
        from matchhub.search import site

        upgrade()
        seeds.load()
        if count := earlier_sites.take_in(app.config["INSTANCE"]):
            click.echo(f"{count} needs and applications of an earlier release brought under the seal")
        if app.config["DEMO"]:
            from matchhub import demo

            if demo.is_needed():
                click.echo("Playing the demonstration ...")
                click.echo(f"{demo.play(app.config['INSTANCE'])} deeds")
                site.reindex()
        if not site.health().usable:
            click.echo(f"{site.reindex()} documents indexed")

    @app.cli.command("make-seal-key")
    @click.argument("path", type=click.Path(path_type=pathlib.Path))
    def make_seal_key(path: pathlib.Path) -> None:
        """Write a new key file at PATH (mode 600): it encrypts drafts and files; SEAL_KEY_FILE names it. Keep a copy apart."""
        from matchhub.core import vault

        try:
            vault.make(path)
        except FileExistsError as there:
            raise click.ClickException(f"{path} is there already, and a key is never replaced") from there

    @app.cli.command("accounts")
    def accounts() -> None:
        """Print the demonstration's accounts as role, login and password, one a line; in a demonstration only."""
        from matchhub import demo_accounts

        if not app.config["DEMO"]:
            raise click.ClickException("this is no demonstration: its accounts are nobody's to print (DEMO=1)")
        for row in demo_accounts.accounts():
            click.echo("\t".join(row))

    @app.cli.command("create-admin")
    @click.argument("email", metavar="E-MAIL")
    @click.argument("name")
    def create_admin(email: str, name: str) -> None:
        """Make a system administrator's account and print its initial password: the first one of an installation."""
        from matchhub.core.errors import Refused
        from matchhub.domain.accounts import SYSTEM, NewGrant
        from matchhub.domain.roles import Role
        from matchhub.features.admin import service

        try:
            made = service.create_account(SYSTEM, name, email, None, grants=[NewGrant(Role.SYSADMIN)])
        except Refused as no:
            raise click.ClickException(str(no)) from no
        click.echo(made.initial_password)

    @app.cli.command("lifecycle")
    @click.argument("name", required=False)
    def show_lives(name: str | None) -> None:
        """Print the life-cycles as Mermaid diagrams; NAME picks one kind."""
        from matchhub import docs
        from matchhub.domain import lifecycle

        lives = [life for life in lifecycle.LIVES.values() if name in (None, life.kind)]
        if not lives:
            raise click.ClickException(f"no life-cycle is called {name}")
        for life in lives:
            click.echo(f"{docs.mermaid(life)}\n")

    @app.cli.command("docs")
    def write_docs() -> None:
        """Write the generated parts of docs/ anew: life-cycles, roles, settings, commands."""
        from matchhub import docs
        from matchhub.core import access

        for path, text in docs.pages(access.table(app), helps(app)).items():
            path.write_text(text, encoding="utf-8")
            click.echo(path.name)

    @app.cli.command("routes-access")
    def routes_access() -> None:
        """Print method, rule and who may call it, one route a line."""
        from matchhub.core import access

        for method, rule, who in access.table(app):
            click.echo(f"{method}\t{rule}\t{who}")

    @app.cli.command("deliver")
    def deliver() -> None:
        """Deliver everything that waits in the outbox."""
        from matchhub.core import outbox

        click.echo(f"{outbox.drain()} rows")

    @app.cli.command("tick")
    def tick() -> None:
        """Send the reminders and daily mails that are due; a site with OUTBOX=manual calls it from its scheduler."""
        from matchhub.core import outbox
        from matchhub.domain import reminding

        click.echo(f"{reminding.tick()} reminders")
        outbox.run_chores(anyway=True)  # the news to addresses that follow a need, and whatever else goes by the clock

    @app.cli.group("ledger")
    def ledger_group() -> None:
        """The record of all deeds."""

    @ledger_group.command("verify")
    def verify() -> None:
        """Recompute the chain: number of rows and head hash, or exit 1 with the first row that does not fit."""
        from matchhub.core import ledger

        verdict = ledger.verify()
        if verdict.broken_at is not None:
            click.echo(f"row {verdict.broken_at} does not fit")
            sys.exit(1)
        click.echo(f"{verdict.rows} rows, head {verdict.head}")

    @app.cli.command("reindex")
    def reindex() -> None:
        """Build the search index anew beside the old one and swap."""
        from matchhub.search import site

        click.echo(f"{site.reindex()} documents")

    @app.cli.command("reconcile")
    def reconcile() -> None:
        """Compare the search index with the database and repair it; prints what differed."""
        from matchhub.search import nightly

        drift = nightly.compare()
        click.echo(f"{len(drift.missing)} missing, {len(drift.stale)} stale, {len(drift.extra)} extra")

    @app.cli.command("search-doctor")
    def search_doctor() -> None:
        """Say how the search index is, and when to change the engine; exit 1 when something should be done."""
        from matchhub.search import doctor

        found = doctor.examine(app.config["SEARCH_ENGINE"])
        click.echo(f"engine {found.engine}, {found.documents} documents, {found.size_bytes / 1e6:.1f} MB, "
                   f"p95 {found.p95_ms:.1f} ms of CPU per question")  # fmt: skip
        for name, problem in found.unread:
            click.echo(f"{name}: its text is not searched, or not all of it ({problem})")
        for sentence in found.advice() or ["All is well."]:
            click.echo(sentence)
        raise SystemExit(0 if found.is_well else 1)

    @app.cli.group("library")
    def library_group() -> None:
        """The street's numbered questions and guides."""

    @library_group.command("import")
    @click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=pathlib.Path))
    @click.option("--publish", is_flag=True, help="publish what is new or changed at once")
    @click.option("--kind", default="question", show_default=True, help="of new entries that name none")
    @click.option("--as", "login", help="e-mail or phone of the account that acts; without it the system")
    def import_library(paths: tuple[pathlib.Path, ...], publish: bool, kind: str, login: str | None) -> None:
        """Take in entries from Markdown or Word files, one for each second-level heading; exit 1 when a file was unusable."""
        from matchhub.features.library import importing

        actor = importing.actor(login)
        if actor is None:
            raise click.ClickException(f"no account {login}")
        if not (code := importing.kind_code(kind)):
            raise click.ClickException(f"no kind of entry is called {kind}")
        broken = 0
        for path in paths:
            report = importing.take_file(actor, path, publish, code)
            broken += not report.taken
            click.echo(f"{path.name}: {report.made} new, {report.changed} changed, {report.same} unchanged, "
                       f"{report.published} published")  # fmt: skip
            for sentence in report.problems:
                click.echo(f"  {sentence}", err=True)
        raise SystemExit(1 if broken else 0)

    @app.cli.command("search")
    @click.argument("text")
    @click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
    @click.option("--as", "login", help="e-mail or phone of the account that asks; without it a visitor")
    @click.option("--limit", default=20, show_default=True)
    def search(text: str, as_json: bool, login: str | None, limit: int) -> None:
        """Search the site as somebody: type, reference, title, address and score of each hit."""
        from matchhub.domain.accounts import by_login
        from matchhub.search import site

        user = by_login(login) if login else None
        if login and user is None:
            raise click.ClickException(f"no account {login}")
        for hit in site.search(user, text, size=min(limit, 100)).results:
            title = hit.title.striptags()
            row = {"type": hit.kind, "ref": hit.ref, "title": title, "url": hit.url, "score": round(hit.score, 4)}
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else f"{hit.ref}\t{title}\t{hit.url}")

    @app.cli.command("opendata")
    @click.argument("kind", type=click.Choice(("ocds", "360giving")))
    @click.option(
        "--out", type=click.Path(dir_okay=False, path_type=pathlib.Path), help="file to write; else standard output"
    )
    @click.option("--csv", "as_csv", is_flag=True, help="a table instead of JSON, as for a FILE that ends in .csv")
    def opendata(kind: str, out: pathlib.Path | None, as_csv: bool) -> None:
        """Write what is public as open data: OCDS 1.1 records or grants named as in 360Giving."""
        from matchhub.features.opendata import exporting, queries

        is_table = as_csv or (out is not None and out.suffix.lower() == ".csv")
        by = queries.publisher(app.config["PUBLIC_URL"])
        pieces = exporting.FILES[f"{kind}.{'csv' if is_table else 'json'}"](by)
        if out is None:
            for piece in pieces:
                click.echo(piece.encode(), nl=False)
            return
        # Whoever reads the file sees the old one or the new one, never half of one.
        half = out.with_name(f"{out.name}.part")
        with half.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        half.replace(out)
