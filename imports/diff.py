"""What a staged file would change: new, changed or same, by one comparison of the stage with what is there."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from imports import staging, whereabouts
from imports.kind import Kind


@dataclass(frozen=True)
class Change:
    """Column → (old, new)."""

    sheet: str
    row: int
    target_id: int
    values: dict[str, tuple[Any, Any]]


def compare(kind: Kind) -> dict[str, int]:
    """Lines in error stay errors; the others are judged anew."""
    connection, stage = kind.connection, kind.stage
    open_lines = sa.and_(kind.of_load(), stage.c.op.is_distinct_from(staging.ERROR))
    connection.execute(sa.update(stage).where(open_lines).values(op=None, target_id=None))
    whereabouts.match(kind)
    kind.check()
    judged = (
        sa.select(stage.c.seq, kind.differs().label("differs"), kind.target.c.version)
        .select_from(kind.current())
        .where(open_lines)
        .subquery("judged")
    )
    connection.execute(sa.update(stage).where(open_lines, stage.c.target_id.is_(None)).values(op=staging.NEW))
    connection.execute(
        sa.update(stage)
        .where(stage.c.load == kind.load, stage.c.seq == judged.c.seq)
        .values(op=sa.case((judged.c.differs, staging.CHANGED), else_=staging.SAME), target_version=judged.c.version)
    )
    return staging.counts(connection, stage, kind.load)


def overtaken(kind: Kind) -> int:
    """How many of the rows that would change have changed since they were compared."""
    stage, target = kind.stage.c, kind.target.c
    moved = sa.and_(target.id == stage.target_id, target.version != stage.target_version)
    return kind.connection.scalar(sa.select(sa.func.count()).where(kind.of_load(staging.CHANGED), moved)) or 0


def changes(kind: Kind, limit: int | None = None) -> list[Change]:
    """The changed lines with old and new per column."""
    cleared = kind.cleared()
    pairs = [pair for pair in kind.pairs if pair.compared]
    old = [pair.target.label(f"old_{number}") for number, pair in enumerate(pairs)]
    new = [kind.wanted(pair, cleared).label(f"new_{number}") for number, pair in enumerate(pairs)]
    c = kind.stage.c
    found = kind.connection.execute(
        sa.select(c.sheet, c.row, c.target_id, *old, *new)
        .select_from(kind.current())
        .where(kind.of_load(staging.CHANGED))
        .order_by(c.seq)
        .limit(limit)
    )
    return [_change(row, [pair.name for pair in pairs]) for row in found]


def _change(row: sa.Row[Any], names: list[str]) -> Change:
    sheet, number, target_id, *values = tuple(row)
    before, after = values[: len(names)], values[len(names) :]
    moved = {name: (old, new) for name, old, new in zip(names, before, after, strict=True) if old != new}
    return Change(sheet, number, target_id, moved)
