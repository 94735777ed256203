"""What a file leaves out of what it is about (imports.md, step 9): listed, and nothing is done to it."""

from typing import Any

import sqlalchemy as sa

from imports import staging
from imports.kind import Kind
from models.scope import under
from models.units import Unit

unit = Unit.__table__


def noted(kind: Kind) -> dict[str, Any]:
    """What a batch is to keep of that once its lines are compared: how many there are."""
    chosen = rows(kind)
    if chosen is None:
        return {}
    return {"missing": kind.connection.scalar(sa.select(sa.func.count()).select_from(chosen.subquery()))}


def rows(kind: Kind, *shown: sa.ColumnElement[Any]) -> sa.Select[Any] | None:
    """None for kinds of which no file is whole."""
    about = kind.about()
    if about is None:
        return None
    s, t, scope = kind.stage.c, kind.target.c, kind.order.scope
    named = sa.exists().where(kind.of_load(), s.target_id == t.id)
    mine = sa.true() if scope.everything else sa.or_(sa.false(), *(under(t.path, each) for each in scope.paths))
    resembled = (
        sa.func.coalesce(t[name], "").in_(sa.select(s[name]).where(kind.of_load(staging.ERROR), s[name].is_not(None)))
        for name in kind.resembled_by
    )
    return sa.select(t.id, *shown).where(about, mine, ~named, ~sa.or_(*resembled))


def mates(kind: Kind) -> tuple[sa.FromClause, Any]:
    """The lines with the rows that they are about, and the columns of these."""
    mate = kind.target.alias()
    return kind.stage.outerjoin(mate, mate.c.id == kind.stage.c.target_id), mate.c


def in_units_named(kind: Kind) -> sa.ColumnElement[bool]:
    """In the units of the lines and below them; where a line names none, in that of its row."""
    joined, mate = mates(kind)
    at = sa.func.coalesce(kind.stage.c.unit_id, mate.unit_id).label("unit_id")
    stated = sa.select(at).select_from(joined).where(kind.of_load(), kind.stage.c.seq > 0).distinct().subquery()
    upper, lower = unit.alias(), unit.alias()
    above = upper.c.path
    end = sa.func.substr(above, 1, sa.func.length(above) - 1) + "0"
    below = sa.and_(lower.c.path >= above, lower.c.path < end)
    covered = sa.select(lower.c.id).select_from(stated.join(upper, upper.c.id == stated.c.unit_id).join(lower, below))
    return kind.target.c.unit_id.in_(covered)


def of_units_and_years_named(kind: Kind) -> sa.ColumnElement[bool]:
    """Of a lead unit of the lines, in the year that they have it for. What was guessed for a new row is not said of
    one that is there."""
    joined, mate = mates(kind)
    s, t = kind.stage.c, kind.target.c
    guessed = sa.func.coalesce(s.guessed, "").contains(",unit,")
    said = sa.func.coalesce(s.unit_id, mate.unit_id)
    lead = sa.case((guessed, sa.func.coalesce(mate.unit_id, s.unit_id)), else_=said)
    named = sa.select(s.year, lead).select_from(joined).where(kind.of_load())
    return sa.tuple_(t.year, t.unit_id).in_(named)
