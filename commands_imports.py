"""`flask import` and `flask undo`: what the screens of imports do, typed."""

import sys
import time
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext
from sqlalchemy.orm import Session

from commands import acting, when_ready
from imports import batches, conflicts, originals, roster, staging
from imports import run as importing
from imports.cells import CellError
from imports.choices import Choices, from_words
from imports.kind import Kind, Note, Order
from imports.people import People
from imports.roster import Choice
from imports.undo import may_undo
from jobs.importing import work_next
from models import db
from models.acting import Acting
from models.imports import BatchState, ImportBatch
from models.units import find_unit
from rules.refusals import N_, Refusal
from settings import installed
from views.import_work import stayed_in_words, undone_in_words, why
from views.kit.context import now
from views.saving import say

ERRORS_SHOWN = 50


def register(app: Flask) -> None:
    for command in (import_file, undo_import):
        app.cli.add_command(command)


@click.command("import")
@click.argument("kind", type=click.Choice(sorted(importing.KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and compare only; exit status 1 if a row is wrong.")
@click.option("--skip-errors", is_flag=True, help="Write the good rows although others are wrong.")
@click.option("--source", help="Where the requests come from, if the sheet does not say.")
@click.option("--unit", help="Code of the unit that rows without one belong to.")
@click.option("--map", "maps", multiple=True, help="Heading in the file = our column: 编号=工号. May be repeated.")
@click.option("--encoding", default="", help="Of a text file, where it is not found out.")
@click.option("--whole-roster", is_flag=True, help="The file names everybody of its units (or of --unit and below).")
@click.option("--leavers-left", is_flag=True, help="Whoever a whole roster does not name has left.")
@click.option("--as", "username", help="Act with this account's scope instead of the whole installation's.")
@when_ready
def import_file(kind: str, file: Path, dry_run: bool, skip_errors: bool, username: str | None, **said: Any) -> None:
    """Import a spreadsheet. Exit status 2 means a file or rows that are wrong, and nothing written."""
    with acting(username) as act:
        order = Order(act.actor, act.scope, act.at, said["source"], said["unit"])
        choices = from_words(said["maps"], said["encoding"])
        whole = roster_said(db.session(), kind, order, whole=said["whole_roster"], left=said["leavers_left"])
        if dry_run:
            sys.exit(look(db.session(), kind, file, order, choices, whole))
        user = user_of(username)
        sys.exit(bring_in(db.session(), kind, file, order, choices, whole, user, skip_errors=skip_errors))


def roster_said(session: Session, kind: str, order: Order, *, whole: bool, left: bool) -> Choice:
    """Raises Refusal where the file cannot be a whole roster."""
    if (whole or left) and kind != People.name:
        raise Refusal(N_("Only a roster of people can be whole"))
    if left and not whole:
        raise Refusal(N_("Nobody is a leaver unless the roster is whole"))
    place = find_unit(session, order.unit).path if whole and order.unit else ""
    return Choice(whole=whole, under=place, all_left=left)


def roster_told(kind: Kind, choice: Choice) -> None:
    """Before the commit, after which nobody is new any more."""
    if choice.whole and isinstance(kind, People):
        click.echo(" ".join(f"{name}={count}" for name, count in roster.counts(kind, choice).items()))


def look(session: Session, kind: str, file: Path, order: Order, choices: Choices, whole: Choice) -> int:
    """Nothing stays, not even in the history."""
    try:
        found = importing.stage(session, kind, file.read_bytes(), file.name, order, choices)
        found.refuse_unread()
    except Refusal as refusal:
        session.rollback()
        return unreadable(say(refusal), status=1)
    wrong = list(staging.read_errors(session.connection(), found.load, ERRORS_SHOWN + 1))
    roster_told(importing.KINDS[kind](session, order, found.load), whole)
    session.rollback()
    report(found.notes, wrong, found.counts)
    return 1 if found.counts["error"] else 0


def user_of(username: str | None) -> int | None:
    """Whose rights the worker goes by; nobody's for the installation itself."""
    return db.session.scalar(sa.select(User.id).where(User.username == username)) if username else None


def bring_in(
    session: Session,
    kind: str,
    file: Path,
    order: Order,
    choices: Choices,
    whole: Choice,
    user_id: int | None,
    *,
    skip_errors: bool,
) -> int:
    """As an upload, its preview and its commit, one after the other."""
    importing.may_import(order.by, kind)
    data = file.read_bytes()
    batch = batches.received(session, kind, file.name, originals.keep(installed().files_dir, data), order, user_id)
    batch.options = batch.options | {"choices": choices.kept(), "roster": whole.kept()}
    work(session, batch)
    if batch.state != BatchState.PREVIEWED:
        return unreadable(told(batch), status=2)
    if batch.stopped:
        importing.discard(session, batch, order)
        session.commit()
        return unreadable(in_words(batch.stopped), status=2)
    wrong = importing.errors(session, batch, ERRORS_SHOWN + 1)
    roster_told(importing.of_batch(session, batch, order), whole)
    if batch.error and not skip_errors:
        importing.discard(session, batch, order)
        session.commit()
        report(importing.notes(batch), wrong, batch.counts)
        return 2
    batches.ask(session, batch, order, BatchState.COMMITTING, user_id, skip_errors=skip_errors)
    work(session, batch)
    wrong = importing.errors(session, batch, ERRORS_SHOWN + 1)
    done = batch.state == BatchState.COMMITTED
    if done:
        click.echo(gettext("Import no. %(number)s", number=batch.id))
    report(importing.notes(batch), wrong, batch.counts)
    list_left(session, batch, order)
    return 0 if done else unreadable(told(batch), status=2)


def list_left(session: Session, batch: ImportBatch, order: Order) -> None:
    """What could not be taken back."""
    kind = importing.of_batch(session, batch, order)
    for each in conflicts.found(kind, batch, ERRORS_SHOWN) if batch.left else []:
        click.echo(f"{each.name} {why(each)}")
    if batch.stayed:
        click.echo(stayed_in_words(batch))


def work(session: Session, batch: ImportBatch) -> None:
    """Here, unless a worker is quicker; then it is waited for."""
    session.commit()
    while batch.at_work:
        if not work_next(session, now, only=batch.id):
            time.sleep(0.2)
        session.rollback()


def told(batch: ImportBatch) -> str:
    return in_words(batch.said or ("", {}))


def in_words(sentence: tuple[str, dict[str, Any]]) -> str:
    message, values = sentence
    return gettext(message, **values)


def unreadable(sentence: str, *, status: int) -> int:
    """A file that cannot be read at all counts as one error."""
    click.echo(sentence, err=True)
    click.echo("new=0 changed=0 same=0 error=1")
    return status


def report(notes: list[Note], wrong: list[CellError], counts: dict[str, int]) -> None:
    for note in notes:
        click.echo(gettext(note.message, **note.values))
    for error in wrong[:ERRORS_SHOWN]:
        place = gettext("row %(row)s", row=error.row) if error.column is None else error.cell
        said = (error.sheet, place, f"“{error.value}”" if error.value else "", gettext(error.message, **error.values))
        click.echo(" ".join(filter(None, said)))
    if len(wrong) > ERRORS_SHOWN:
        click.echo("…")
    click.echo(" ".join(f"{name}={counts[name]}" for name in staging.OPS))


@click.command("undo")
@click.argument("batch_id", metavar="BATCH", type=int)
@click.option("--as", "username", help="Act with this account's scope instead of the whole installation's.")
@when_ready
def undo_import(batch_id: int, username: str | None) -> None:
    """Take an import back. Exit status 1 means that some of it went on since and was left alone."""
    with acting(username) as act:
        sys.exit(take_back(db.session(), batch_id, act, user_of(username)))


def take_back(session: Session, batch_id: int, act: Acting, user_id: int | None) -> int:
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise Refusal(N_("There is no import %(number)s"), number=batch_id)
    order = Order(act.actor, act.scope, act.at)
    importing.may_import(order.by, batch.kind)
    may_undo(batch)
    batches.ask(session, batch, order, BatchState.UNDOING, user_id)
    half = batch.half_written
    work(session, batch)
    if batch.state != BatchState.UNDONE and not (half and batch.state == BatchState.PREVIEWED):
        click.echo(told(batch), err=True)
        return 2
    list_left(session, batch, order)
    if batch.undone or batch.said:
        click.echo(undone_in_words(batch) if batch.undone else told(batch))
    return 1 if batch.left else 0
