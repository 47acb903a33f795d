"""`flask --app app btm token ...`: make, list and revoke personal tokens of the JSON API."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from btm.cli.words import plainly
from btm.rules.tokens import DEFAULT_DAYS, SCOPES
from btm.services import tokens

token = AppGroup("token", help="Make, list and revoke people's tokens for the JSON API.")


@token.command(
    "make", epilog="Example: flask --app app btm token make ada --scope read --scope model --days 30"
)
@click.argument("handle")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(tuple(SCOPES)),
    help="What it is for.",
)
@click.option(
    "--name", default="made at the command line", show_default=True, help="So that its owner knows it."
)
@click.option("--days", default=DEFAULT_DAYS, show_default=True, help="How long it lives.")
@plainly
def make(handle: str, scopes: tuple[str, ...], name: str, days: int) -> None:
    """Make a token for somebody, and print it: it is never shown again."""
    secret = secrets.token_urlsafe(32)
    click.echo(tokens.make_token_for(handle, name, scopes, days=days, secret=secret, now=datetime.now(UTC)))


@token.command("list", epilog="Example: flask --app app btm token list ada --json")
@click.argument("handle")
@click.option("--json", "is_json", is_flag=True, help="As JSON, for programs.")
@plainly
def list_(handle: str, is_json: bool) -> None:
    """List somebody's living tokens."""
    rows = tokens.list_tokens_of(handle, now=datetime.now(UTC))
    if is_json:
        click.echo(json.dumps([asdict(row) for row in rows], default=str, indent=2))
        return
    for row in rows:
        used = f"last used {row.seen_at:%Y-%m-%d}" if row.seen_at else "never used"
        click.echo(f"{row.id}  {row.name}  {','.join(row.scopes)}  until {row.expires_at:%Y-%m-%d}, {used}")


@token.command("revoke", epilog="Example: flask --app app btm token revoke ada 12")
@click.argument("handle")
@click.argument("token_id", type=int)
@plainly
def revoke(handle: str, token_id: int) -> None:
    """End one of somebody's tokens, by its number in the list."""
    tokens.revoke_token_of(handle, token_id, now=datetime.now(UTC))
    click.echo(f"Token {token_id} of {handle} is worth nothing any more.")
