"""`flask …`: what whoever runs the installation types."""

import logging
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import click
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_appbuilder.security.sqla.models import User
from flask_babel import force_locale, gettext
from flask_migrate import upgrade
from werkzeug.security import generate_password_hash

import settings as config
from exports.evaluation import write
from imports import staging
from imports.demo.load import Loading
from imports.demo.load import Order as DemoOrder
from imports.demo.signing_in import first_of_each_role
from imports.demo.sizes import SIZES
from imports.samples.accounts import SignIn, open_sample_accounts
from imports.samples.loading import is_empty, load_samples
from jobs import logs, preparation, schedule, serving, worker
from jobs.common_issues import find_common_issues
from jobs.importing import work_all
from jobs.statistics import gather_statistics
from jobs.sweeps import sweep
from jobs.teaching import teach
from models import db
from models.accounts import Account, actor_of, open_account
from models.acting import EVERYTHING, SYSTEM, Acting, acting_as, scope_for
from models.calendar import check_year, load_calendar
from models.evaluations import own_unit
from models.imports import ImportBatch
from models.locks import one_at_a_time
from models.notices import Notice
from models.people import find_person
from models.seeding import seed as seed_defaults
from models.types import EXTENSION, Keyring
from models.units import find_unit
from rules.batches import AT_WORK
from rules.periods import parse_month
from rules.refusals import N_, Refusal
from rules.reminders import CALENDAR, next_year_is_missing
from rules.roles import ROLE_LABELS, Role
from rules.units import pad_code
from rules.workdays import ZONE, local_date
from settings import installed
from views.granting import grant_defaults
from views.health import MIGRATIONS, problems
from views.kit.context import now
from views.saving import say

LATE = timedelta(minutes=10)
WIDTHS = (14, 14, 8, 20, 12)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def register(app: Flask) -> None:
    for command in (init, demo, serve, export, jobs, doctor, accounts):
        app.cli.add_command(command)


def in_words(command: Callable[..., None]) -> Callable[..., None]:
    """A refusal is a sentence on standard error and exit status 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        logs.configure()
        with force_locale(installed().language):
            try:
                command(*args, **kwargs)
            except Refusal as refusal:
                db.session.rollback()
                click.echo(say(refusal), err=True)
                sys.exit(2)

    return with_appcontext(run)


def when_ready(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        if wrong := problems():
            raise click.ClickException("; ".join(map(gettext, wrong)))
        command(*args, **kwargs)

    return in_words(run)


def refuse_unwritable(out: Path) -> None:
    """click looks at a file that exists alone."""
    if not os.access(out.absolute().parent, os.W_OK):
        raise Refusal(N_("%(file)s cannot be written"), file=out)


@contextmanager
def acting(username: str | None) -> Iterator[Acting]:
    """For the whole installation, or as an account and over its units alone."""
    actor, scope = SYSTEM, EVERYTHING
    if username:
        user = db.session.scalar(sa.select(User).where(User.username == username, User.active.is_(True)))
        named = actor_of(db.session(), user, now()) if user else None
        if named is None:
            raise Refusal(N_("There is no account %(name)s, or it is not in use"), name=username)
        actor, scope = named, scope_for(named)
    with acting_as(actor, now(), scope) as act:
        yield act


@click.command
@click.option("--samples", is_flag=True, help="Fill an empty database with the invented district.")
@in_words
def init(samples: bool) -> None:
    """Make or upgrade the database. Harmless when there is nothing to do."""
    settings = installed()
    with one_at_a_time(db.engine, settings.data_dir):
        prepare_once(settings)
        if samples and is_empty(db.session()):
            click.echo(gettext("Loading the samples"))
            fill_with_samples(settings)


def prepare_once(settings: config.Settings) -> None:
    if not preparation.is_prepared(settings):
        prepare_database()
        preparation.note_prepared(settings)


def prepare_database() -> None:
    upgrade(directory=str(MIGRATIONS))
    seed_defaults(db.session(), now())
    db.session.commit()
    with db.engine.begin() as connection:
        staging.prepare(connection)
    # A screen and an API share the rights of one noun; FAB warns that each leaves out what only the other has.
    logging.getLogger("flask_appbuilder.security.sqla.manager").setLevel(logging.ERROR)
    appbuilder: Any = current_app.extensions["appbuilder"]
    grant_defaults(appbuilder)
    gather_statistics(db.session())
    missing = set(Role) - {role.name for role in appbuilder.sm.get_all_roles()}
    if missing:
        raise click.ClickException(f"roles were not made: {', '.join(sorted(missing))}")


def fill_with_samples(settings: config.Settings) -> None:
    """The passwords are written down before the accounts exist: what is lost can be made again, not the reverse."""
    password = new_password()
    with acting_as(SYSTEM, now()):
        load_samples(db.session(), now())
        rows = open_sample_accounts(db.session(), password)
        write_privately(settings.sign_ins, sign_in_table(rows, password))
        db.session.commit()


def new_password() -> str:
    """Letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(LETTERS) for _ in range(11)) + secrets.choice("23456789")


def sign_in_table(rows: list[SignIn], password: str) -> str:
    heading = (gettext("Role"), gettext("User name"), gettext("Full name"), gettext("Unit"), gettext("Password"))
    body = [(gettext(ROLE_LABELS[row.role]), row.username, row.name, row.unit, password) for row in rows]
    return "\n".join(columns(line) for line in [heading, *body])


def columns(cells: tuple[str, ...]) -> str:
    return "  ".join(padded(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def padded(text: str, width: int) -> str:
    """A Chinese character takes two places."""
    taken = sum(2 if east_asian_width(each) in "WF" else 1 for each in text)
    return text + " " * (width - taken)


def write_privately(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


@click.command
@click.option("--size", type=click.Choice(list(SIZES)), required=True, help="3,500, 331,000 or 3,310,000 requests.")
@click.option("--seed", default=1, show_default=True, help="Another seed invents another district.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day the record ends before. [default: today]")
@in_words
def demo(size: str, seed: int, until: datetime | None) -> None:
    """Fill an empty database with an invented district and a year of its requests."""
    settings = installed()
    with one_at_a_time(db.engine, settings.data_dir):
        prepare_once(settings)
        if not is_empty(db.session()):
            raise Refusal(N_("There are units already. Name an empty database: another MINQING_DATA_DIR"))
        last = until.date() if until else local_date(now())
        processes = 0 if size == "town" else max(2, os.cpu_count() or 2)
        ring: Keyring = current_app.extensions[EXTENSION]
        fill_with_demo(settings, DemoOrder(SIZES[size], seed, last, now(), ring, processes))


def fill_with_demo(settings: config.Settings, order: DemoOrder) -> None:
    """In one transaction: a run that is cut off leaves an empty database behind."""
    password = new_password()
    leave_the_file()
    with acting_as(SYSTEM, order.at):
        rows = Loading(db.session(), order, click.echo).load(generate_password_hash(password))
        write_privately(settings.sign_ins, sign_in_table(rows, password))
        db.session.commit()
    leave_the_file()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
    click.echo(sign_in_table(first_of_each_role(rows), password))


def leave_the_file() -> None:
    """SQLite changes how it keeps its journal only for whoever is alone. A server's connections stay, for one of them
    holds the lock under which this runs."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        db.engine.dispose()


@click.command
@with_appcontext
def serve() -> None:
    """Prepare the database, then run the web server and the scheduler until Ctrl-C."""
    sys.exit(serving.serve(installed()))


export = AppGroup("export", help="Write workbooks.")


@export.command("evaluation")
@click.option("--period", required=True, help="YYYY-MM")
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--unit", "code", help="Code of the unit whose sheet it is; the district's without it.")
@click.option("--as", "username", help="Act with this account's scope instead of the whole installation's.")
@when_ready
def export_evaluation(period: str, out: Path, code: str | None, username: str | None) -> None:
    """Compute a month and write its unit sheet."""
    refuse_unwritable(out)
    session = db.session()
    with acting(username) as act:
        unit = find_unit(session, pad_code(code) if code.isdigit() else code) if code else own_unit(session, act)
        write(session, parse_month(period), unit, act.at, out, act.actor)
        session.commit()
    click.echo(str(out))


jobs = AppGroup("jobs", help="What happens without anyone asking.")


@jobs.command("run")
@when_ready
def run_jobs() -> None:
    """Sweep every few seconds until stopped. Any number may run; one of them works."""
    schedule.run(current_app._get_current_object())  # type: ignore[attr-defined]


@jobs.command("work")
@when_ready
def work() -> None:
    """Take up imports as they come, until stopped. Any number may run, on any number of machines."""
    worker.run(current_app._get_current_object())  # type: ignore[attr-defined]


@jobs.command("learn")
@click.option("--always", is_flag=True, help="Also where the last lesson is not a week old.")
@when_ready
def learn(always: bool) -> None:
    """Learn from settled requests to suggest categories, and measure it on the newest of them."""
    for model in teach(db.session(), now(), always=always):
        figures = (model.learnt, model.tested, model.hit_first, model.hit_third, model.size, model.seconds)
        names = ("learnt", "tested", "first", "of_three", "bytes", "seconds")
        click.echo(f"{model.path} " + " ".join(f"{name}={figure}" for name, figure in zip(names, figures, strict=True)))


@jobs.command("once")
@click.option("--at", "moment", type=datetime.fromisoformat, help="As if it were this moment (ISO 8601).")
@when_ready
def sweep_once(moment: datetime | None) -> None:
    """Do everything that is due, take up what imports wait for, and print what was sent, by kind."""
    moment = moment or now()
    check_year(moment.year)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    new = find_common_issues(db.session(), moment)
    click.echo(f"issues={new} {sweep(db.session(), moment)}")
    if worked := work_all(db.session(), now):
        click.echo(f"imports={worked}")


@click.command
@in_words
def doctor() -> None:
    """Look at the installation and say what is wrong with it. Exit status 1 if anything is."""
    settings = installed()
    wrong = [gettext(said) for said in problems()] or [*missing_years(), *late_notices(), *late_imports()]
    if settings.data_dir.stat().st_mode & stat.S_IRWXO:
        wrong.append(gettext("Every user of this machine can read %(folder)s: chmod o-rwx", folder=settings.data_dir))
    for line in wrong or [gettext("Nothing is wrong")]:
        click.echo(line)
    sys.exit(1 if wrong else 0)


def missing_years() -> list[str]:
    calendar, today = load_calendar(db.session()), local_date(now())
    wanted = [today.year, today.year + 1] if next_year_is_missing(today, calendar) else [today.year]
    missing = [year for year in wanted if not calendar.is_official(date(year, 1, 1))]
    return [gettext(CALENDAR, year=year) for year in missing]


def late_notices() -> list[str]:
    due = sa.select(sa.func.count()).where(Notice.sent_at.is_(None), Notice.deliver_at < now() - LATE)
    waiting = db.session.scalar(due)
    return [gettext("%(count)s notices are late: is flask jobs run running?", count=waiting)] if waiting else []


def late_imports() -> list[str]:
    due = sa.select(sa.func.count(ImportBatch.id)).where(
        ImportBatch.state.in_(AT_WORK), ImportBatch.asked_at < now() - LATE
    )
    waiting = db.session.scalar(due)
    return [gettext("%(count)s imports wait: is flask jobs work running?", count=waiting)] if waiting else []


accounts = AppGroup("accounts", help="Accounts, while there is nobody yet who could make them in the browser.")


@accounts.command("list")
@when_ready
def list_accounts() -> None:
    """User name, person, unit and roles of every account."""
    for account in db.session.scalars(sa.select(Account).order_by(Account.id)):
        roles = "、".join(gettext(ROLE_LABELS[role]) for role in sorted(account.roles))
        click.echo(f"{account.user.username}  {account.person.name}  {account.person.unit.name}  {roles}")


@accounts.command("open")
@click.argument("username")
@click.option("--person", "staff_no", required=True, help="Staff number on the roster.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@when_ready
def open_new(username: str, staff_no: str, roles: tuple[str, ...]) -> None:
    """Open an account for somebody on the roster and print its password."""
    with acting(None):
        person, password = find_person(db.session(), staff_no), new_password()
        open_account(db.session(), person, username, password, {Role(role) for role in roles})
        db.session.commit()
    click.echo(password)


@accounts.command("reset")
@click.argument("username")
@when_ready
def reset_password(username: str) -> None:
    """Give an account a new password, print it, and end its sessions."""
    with acting(None):
        account = db.session.scalar(sa.select(Account).join(Account.user).where(User.username == username))
        if account is None:
            raise Refusal(N_("There is no account %(name)s, or it is not in use"), name=username)
        password = new_password()
        account.set_password(db.session(), password)
        db.session.commit()
    click.echo(password)
