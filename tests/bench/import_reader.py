"""Somebody who reads the newest requests and a page of people and changes one request, again and again until told to
stop. Prints the slowest read and the longest a change had to wait, in seconds."""

import os
import sys
from threading import Thread
from time import perf_counter, sleep

import click
import sqlalchemy as sa

from app import console
from models import db
from models.people import Person
from models.tickets import Ticket
from settings import load

ticket = Ticket.__table__
PAGES = (
    sa.select(ticket).order_by(ticket.c.submitted_at.desc()).limit(25),
    sa.select(Person.__table__.c.name, Person.__table__.c.path).order_by(Person.__table__.c.name).limit(25),
)


def main() -> None:
    slowest = waited = 0.0
    told = Thread(target=sys.stdin.readline, daemon=True)
    told.start()
    with console(load(os.environ)).app_context():
        one = sa.select(sa.func.min(ticket.c.id)).scalar_subquery()
        change = sa.update(ticket).where(ticket.c.id == one).values(rate_until=ticket.c.rate_until)
        while told.is_alive():
            for page in PAGES:
                slowest = max(slowest, seconds(page))
            waited = max(waited, seconds(change))
            sleep(0.02)
    click.echo(f"{slowest} {waited}")


def seconds(statement: sa.Executable) -> float:
    start = perf_counter()
    with db.engine.begin() as connection:
        connection.execute(statement)
    return perf_counter() - start


if __name__ == "__main__":
    main()
