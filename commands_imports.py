"""`flask import` and `flask undo`: what the screens of imports do, typed."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext
from sqlalchemy.orm import Session

from commands import acting, refuse_unwritable, when_ready
from imports import batches, conflicts, corrections, heirs, originals, roster, staging
from imports import run as importing
from imports.cells import CellError
from imports.choices import NO_CHOICES, Choices, from_words
from imports.kind import Kind, Note, Order
from imports.people import People
from imports.rereading import CORRECT, WITHDRAW, has_gone_well
from imports.roster import NOTHING_SAID, Choice
from imports.undo import may_undo
from jobs.importing import work_next
from models import db
from models.imports import BatchState, ImportBatch
from models.units import find_unit
from rules.refusals import N_, Refusal, Term
from settings import installed
from views.import_corrections import laid_beside, workbook_of
from views.import_lines import (
    ERRORS_SHOWN,
    changes_of,
    counted,
    how_to_correct,
    leavers_of,
    lines_of,
    missing_of,
    why_unread,
)
from views.import_work import stayed_in_words, undone_in_words, why
from views.kit.context import now
from views.saving import say

WAITS = N_("Import no. %(number)s waits to be decided on: flask undo %(number)s --waiting gives up what waits")
LEFT_OUT = N_("Who imports is not in the file and is left out: somebody else has to say that they left.")
Taking = str | list[heirs.Row]
"""Who takes over the work of those who go."""


def register(app: Flask) -> None:
    for command in (import_file, undo_import):
        app.cli.add_command(command)


@dataclass(frozen=True)
class Typed:
    session: Session
    kind: str
    file: Path
    order: Order
    user_id: int | None
    choices: Choices = NO_CHOICES
    whole: Choice = NOTHING_SAID
    remember: bool = False
    skip_errors: bool = False
    errors_to: Path | None = None
    taking: Taking = ""


@click.command("import")
@click.argument("kind", type=click.Choice(sorted(importing.KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only look at what would change; exit status 1 if a row is wrong.")
@click.option("--skip-errors", is_flag=True, help="Write the good rows; the wrong ones wait to be corrected.")
@click.option(
    "--errors-to",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the wrong rows into this workbook, to be corrected; the import waits for them.",
)
@click.option("--correct", "number", type=int, metavar="BATCH", help="FILE holds its wrong rows, corrected.")
@click.option("--source", help="Where the requests come from, if the sheet does not say.")
@click.option("--unit", help="Code of the unit that rows without one belong to.")
@click.option("--sheet", "sheets", multiple=True, help="Read this sheet, be it hidden, and no other. May be repeated.")
@click.option("--hidden", is_flag=True, help="Read hidden sheets and hidden rows too.")
@click.option(
    "--header-row",
    "headers",
    multiple=True,
    help="Where the headings stand: 3, or 3-4 for two rows; SHEET=3 for one sheet. May be repeated.",
)
@click.option("--map", "maps", multiple=True, help="Heading in the file = our column: 编号=工号. May be repeated.")
@click.option("--remember", is_flag=True, help="Read the next file with these headings by the same columns.")
@click.option("--encoding", default="", help="Of a text file, where it is not found out.")
@click.option("--whole-roster", is_flag=True, help="The file names everybody of its units (or of --unit and below).")
@click.option("--leavers-left", is_flag=True, help="Whoever a whole roster does not name has left.")
@click.option("--heirs", default="", help="Who takes over the open work of those who go: suggested, nobody, or a csv.")
@click.option("--as", "username", help="Act with this account's scope instead of the whole installation's.")
@when_ready
def import_file(kind: str, file: Path, dry_run: bool, number: int | None, username: str | None, **said: Any) -> None:
    """Import a spreadsheet. Exit status 2 means a file or rows that are wrong, and nothing written."""
    handled = {"skip_errors": said.pop("skip_errors"), "errors_to": said.pop("errors_to")}
    handled["taking"] = heirs_given(kind, said.pop("heirs"))
    if dry_run and said["remember"]:
        raise Refusal(N_("A dry run keeps nothing: leave out --remember"))
    if dry_run and (number is not None or handled["errors_to"]):
        raise Refusal(N_("Wrong rows and their corrections are kept with an import: leave out --dry-run"))
    if out := handled["errors_to"]:
        refuse_unwritable(out)
    with acting(username) as act:
        order = Order(act.actor, act.scope, act.at, said["source"], said["unit"])
        typed = Typed(db.session(), kind, file, order, user_of(username), **handled)
        if number is not None:
            refuse_said(number, said)
            sys.exit(correct(typed, number))
        choices = from_words(said["maps"], said["encoding"], said["sheets"], said["headers"], hidden=said["hidden"])
        whole = roster_said(db.session(), kind, order, whole=said["whole_roster"], left=said["leavers_left"])
        typed = Typed(db.session(), kind, file, order, typed.user_id, choices, whole, said["remember"], **handled)
        sys.exit(preview(typed) if dry_run else bring_in(typed))


def refuse_said(number: int, said: dict[str, Any]) -> None:
    if any(said.values()):
        raise Refusal(
            N_("Import no. %(number)s keeps what was said of its file: beside --correct it is not said again"),
            number=number,
        )


def roster_said(session: Session, kind: str, order: Order, *, whole: bool, left: bool) -> Choice:
    """Raises Refusal where the file cannot be a whole roster."""
    if (whole or left) and kind != People.name:
        raise Refusal(N_("Only a roster of people can be whole"))
    if left and not whole:
        raise Refusal(N_("Nobody is a leaver unless the roster is whole"))
    place = find_unit(session, order.unit).path if whole and order.unit else ""
    return Choice(whole=whole, under=place, all_left=left)


def heirs_given(kind: str, given: str) -> Taking:
    if given and kind != People.name:
        raise Refusal(N_("Only people hand work on: --heirs belongs to a roster"))
    if not given or given in heirs.WORDS:
        return given
    if not Path(given).is_file():
        raise Refusal(N_("There is no file %(file)s: --heirs takes suggested, nobody, or a csv"), file=given)
    return heirs.rows_of(Path(given).read_bytes())


def roster_told(kind: Kind, choice: Choice) -> None:
    """Before the commit, after which nobody is new any more."""
    if choice.whole and isinstance(kind, People):
        click.echo(" ".join(f"{name}={count}" for name, count in roster.counts(kind, choice).items()))
        if roster.misses_importer(kind, choice):
            click.echo(gettext(LEFT_OUT))


def decided(kind: Kind, choice: Choice, taking: Taking) -> Choice:
    """Raises Refusal where somebody's open work is undecided."""
    return heirs.decide(kind, choice, taking) if isinstance(kind, People) else choice


def handed_on(batch: ImportBatch) -> None:
    if done := batch.options.get("handover"):
        click.echo(" ".join(f"{name}={count}" for name, count in done.items()))


def preview(typed: Typed) -> int:
    """Nothing stays, not even in the history."""
    session, data, name = typed.session, typed.file.read_bytes(), typed.file.name
    try:
        found = importing.stage(session, typed.kind, data, name, typed.order, typed.choices)
    except Refusal as refusal:
        session.rollback()
        return unreadable(say(refusal), status=1)
    if found.stopped:
        said = why_unread(session, found.stopped, found.load)
        session.rollback()
        return unreadable(said, status=1)
    wrong = list(staging.read_errors(session.connection(), found.load, ERRORS_SHOWN + 1))
    staged = importing.KINDS[typed.kind](session, typed.order, found.load)
    roster_told(staged, typed.whole)
    try:
        decided(staged, typed.whole, typed.taking)
    except Refusal as refusal:
        click.echo(say(refusal))
    changes = list(changes_of(staged))
    if isinstance(staged, People):
        changes += leavers_of(staged, typed.whole)
    changes += missing_of(staged)
    session.rollback()
    report(found.notes, wrong, found.counts, changes)
    return 1 if found.counts["error"] else 0


def user_of(username: str | None) -> int | None:
    """Whose rights the worker goes by; nobody's for the installation itself."""
    return db.session.scalar(sa.select(User.id).where(User.username == username)) if username else None


def bring_in(typed: Typed) -> int:
    """As an upload, its preview and its commit, one after the other."""
    session, order = typed.session, typed.order
    importing.may_import(order.by, typed.kind)
    sha256 = originals.keep(installed().files_dir, typed.file.read_bytes())
    batch = batches.received(session, typed.kind, typed.file.name, sha256, order, typed.user_id)
    batch.options = batch.options | {
        "choices": typed.choices.kept(),
        "remember": typed.remember,
        "roster": typed.whole.kept(),
    }
    work(session, batch)
    if batch.state != BatchState.PREVIEWED:
        return unreadable(told(batch), status=2)
    if batch.stopped:
        said = why_unread(session, Note(*batch.stopped), int(batch.options["load"]))
        drop(session, batch, order)
        return unreadable(said, status=2)
    if batch.error and not (typed.skip_errors or typed.errors_to):
        seen = what_is_wrong(typed, batch)
        drop(session, batch, order)
        report(*seen, batch.counts)
        return 2
    try:
        return decide(typed, batch)
    except Refusal:
        drop(session, batch, order)
        raise


def correct(typed: Typed, number: int) -> int:
    """As a workbook that is uploaded on the page of the import, and the commit after it."""
    session, batch = typed.session, batch_called(typed.session, number)
    importing.may_import(typed.order.by, batch.kind)
    if batch.kind != typed.kind:
        held = Term(importing.KINDS[batch.kind].title)
        raise Refusal(N_("Import no. %(number)s is of another kind: %(kind)s"), number=number, kind=held)
    order = importing.order_of(batch, typed.order.by, typed.order.scope, typed.order.at)
    batches.may_decide(batch, order)
    files = laid_beside(batch, typed.file.read_bytes())
    task = {"from": batch.state, "do": CORRECT, "files": files}
    batches.ask(session, batch, order, BatchState.REREADING, typed.user_id, task=task)
    work(session, batch)
    if not has_gone_well(batch):
        click.echo(told(batch), err=True)
        return 2
    return decide(typed, batch)


def what_is_wrong(typed: Typed, batch: ImportBatch) -> tuple[list[Note], list[CellError]]:
    """With what the file has to say of those on duty."""
    roster_told(importing.of_batch(typed.session, batch, typed.order), roster.said_of(batch.options))
    return importing.notes(batch), importing.errors(typed.session, batch, ERRORS_SHOWN + 1)


def decide(typed: Typed, batch: ImportBatch) -> int:
    """Writes what may be written; the wrong rows wait in the batch."""
    session = typed.session
    _, wrong = what_is_wrong(typed, batch)
    done = typed.skip_errors or not batch.error
    if done and batch.state == BatchState.PREVIEWED:
        skip = typed.skip_errors
        keep_heirs(typed, batch)
        batches.ask(session, batch, typed.order, BatchState.COMMITTING, typed.user_id, skip_errors=skip)
        work(session, batch)
        if batch.state != BatchState.COMMITTED:
            click.echo(told(batch), err=True)
            list_left(session, batch, typed.order)
            click.echo(gettext(WAITS, number=batch.id), err=True)
            return 2
    written, waits = N_("Import no. %(number)s"), N_("Import no. %(number)s: its wrong rows wait to be corrected")
    click.echo(gettext(written if done else waits, number=batch.id))
    handed_on(batch)
    report(importing.notes(batch), wrong, batch.counts, handed_out(typed, batch) if batch.error else [])
    return 0 if done else 2


def handed_out(typed: Typed, batch: ImportBatch) -> list[str]:
    """The wrong rows as a workbook, and how they come back."""
    if typed.errors_to is None:
        return []
    typed.errors_to.write_bytes(workbook_of(batch, typed.order))
    return how_to_correct(batch, typed.errors_to)


def keep_heirs(typed: Typed, batch: ImportBatch) -> None:
    """Raises Refusal where somebody's open work is undecided."""
    kind, choice = importing.of_batch(typed.session, batch, typed.order), roster.said_of(batch.options)
    batch.options = batch.options | {"roster": decided(kind, choice, typed.taking).kept()}
    typed.session.flush()


def drop(session: Session, batch: ImportBatch, order: Order) -> None:
    importing.discard(session, batch, order)
    session.commit()


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
    message, values = batch.said or ("", {})
    return gettext(message, **values)


def unreadable(sentence: str, *, status: int) -> int:
    """A file that cannot be read at all counts as one error."""
    click.echo(sentence, err=True)
    click.echo("new=0 changed=0 same=0 error=1")
    return status


def report(notes: list[Note], wrong: list[CellError], counts: dict[str, int], more: Sequence[str] = ()) -> None:
    for line in (*lines_of(notes, wrong), *more, counted(counts)):
        click.echo(line)


def batch_called(session: Session, number: int) -> ImportBatch:
    batch = session.get(ImportBatch, number)
    if batch is None:
        raise Refusal(N_("There is no import %(number)s"), number=number)
    return batch


@click.command("undo")
@click.argument("number", metavar="BATCH", type=int)
@click.option("--waiting", is_flag=True, help="Give up what of it waits: its corrections, or all of it.")
@click.option("--as", "username", help="Act with this account's scope instead of the whole installation's.")
@when_ready
def undo_import(number: int, waiting: bool, username: str | None) -> None:
    """Take an import back. Exit status 1 means that some of it went on since and was left alone."""
    with acting(username) as act:
        batch = batch_called(db.session(), number)
        order = importing.order_of(batch, act.actor, act.scope, act.at)
        importing.may_import(order.by, batch.kind)
        do = give_up if waiting else take_back
        sys.exit(do(db.session(), batch, order, user_of(username)))


def give_up(session: Session, batch: ImportBatch, order: Order, user_id: int | None) -> int:
    if batch.state != BatchState.PREVIEWED:
        raise Refusal(N_("Nothing of import no. %(number)s waits"), number=batch.id)
    if not batch.written:
        importing.discard(session, batch, order)
        session.commit()
        click.echo(gettext("Discarded; nothing was written"))
        return 0
    task = {"from": batch.state, "do": WITHDRAW, "files": corrections.withdrawn(batch)}
    batches.ask(session, batch, order, BatchState.REREADING, user_id, task=task)
    work(session, batch)
    click.echo(told(batch), err=not has_gone_well(batch))
    return 0 if has_gone_well(batch) else 2


def take_back(session: Session, batch: ImportBatch, order: Order, user_id: int | None) -> int:
    if batch.state == BatchState.PREVIEWED:
        raise Refusal(WAITS, number=batch.id)
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
