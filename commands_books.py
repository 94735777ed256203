"""`flask template`: the workbooks that offices fill in."""

from pathlib import Path

import click
from flask_babel import force_locale, gettext

from commands import acting, refuse_unwritable, when_ready
from imports.kind import Order
from imports.run import KINDS
from imports.template_book import template_book
from models import db


@click.command("template")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--as", "username", help="Offer this account's units instead of the whole installation's.")
@when_ready
def template(kind: str, out: Path, username: str | None) -> None:
    """Write a workbook to fill in, in Chinese: lists to choose from, an example, instructions."""
    refuse_unwritable(out)
    with acting(username) as act, force_locale("zh"):
        title = gettext(KINDS[kind].title)
        out.write_bytes(template_book(db.session(), kind, Order(act.actor, act.scope, act.at), title))
    click.echo(str(out))
