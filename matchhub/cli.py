"""Commands of an installation: each a few lines over a service."""

from __future__ import annotations

import sys

import click
from flask import Flask


def init_app(app: Flask) -> None:
    @app.cli.command("seed")
    def seed() -> None:
        """Load the reference data; doing it twice changes nothing."""
        from matchhub import seeds

        seeds.load()

    @app.cli.command("lifecycle")
    @click.argument("name", required=False)
    def show_lives(name: str | None) -> None:
        """Print the life-cycles as Mermaid diagrams; NAME picks one kind."""
        from matchhub.domain import lifecycle

        lives = [life for life in lifecycle.LIVES.values() if name in (None, life.kind)]
        if not lives:
            raise click.ClickException(f"no life-cycle is called {name}")
        for life in lives:
            click.echo(f"```mermaid\n{lifecycle.diagram(life)}\n```\n")

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
