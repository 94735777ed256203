"""What happens to an import, and to units, between its reading and its commit."""

from datetime import date

from sqlalchemy import select

from imports import committing, run
from imports.kind import Order
from imports.undo import undo
from models.acting import EVERYTHING, SYSTEM
from tests.stage import at

TODAY, NOON = date(2026, 11, 20), at("2026-11-20 12:30")
FOLLOWED = "Since the file was read, units have given way to others, and its rows follow them: 石桥村 → 蒋湾村"


def close(session, unit):
    unit.valid_to = date(2026, 11, 19)
    session.commit()


def commit(session, load, order, *, skip_errors=False):
    committing.commit(session, load.batch, order, skip_errors=skip_errors)
    session.commit()
    session.expire_all()


def taken_back(session, load):
    done = undo(session, load.batch, Order(SYSTEM, EVERYTHING, at("2026-11-21 09:00")))
    session.commit()
    return done


def compared_again(session, load, order):
    run.compare_again(session, load.batch, order)
    session.commit()
    return load.batch.counts


def fresh(session, model):
    return session.scalars(select(model).order_by(model.id.desc()).limit(1)).one()


def said(session, load):
    return [error.message % error.values for error in run.errors(session, load.batch)]
