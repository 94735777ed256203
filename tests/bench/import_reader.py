"""Somebody who reads the newest requests and a page of people again and again until told to stop, and prints the
slowest read in seconds."""

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

PAGES = (
    sa.select(Ticket.__table__).order_by(Ticket.__table__.c.submitted_at.desc()).limit(25),
    sa.select(Person.__table__.c.name, Person.__table__.c.path).order_by(Person.__table__.c.name).limit(25),
)


def main() -> None:
    slowest, told = 0.0, Thread(target=sys.stdin.readline, daemon=True)
    told.start()
    with console(load(os.environ)).app_context():
        while told.is_alive():
            for page in PAGES:
                start = perf_counter()
                with db.engine.connect() as connection:
                    connection.execute(page).all()
                slowest = max(slowest, perf_counter() - start)
            sleep(0.02)
    click.echo(slowest)


if __name__ == "__main__":
    main()
