"""What an import changed, kept as the same changes a screen would leave."""

from typing import Any

import sqlalchemy as sa

from imports import staging
from imports.kind import Kind
from models.changes import HIDDEN, Change, plain

change = Change.__table__


class Journal:
    def __init__(self, kind: Kind, batch_id: int) -> None:
        self.kind = kind
        self.fixed = {
            "subject": kind.target.name,
            "at": kind.order.at,
            "person_id": kind.order.by.person_id,
            "name": kind.order.by.name,
            "batch_id": batch_id,
        }

    def changed(self) -> None:
        """Before the rows are written: old and new of each."""
        kind, cleared = self.kind, self.kind.cleared()
        pairs = {pair.target.name: (pair.target, kind.wanted(pair, cleared)) for pair in kind.pairs if pair.compared}
        columns = pairs | kind.noted()
        old = [before.label(f"old_{number}") for number, (before, _) in enumerate(columns.values())]
        new = [after.label(f"new_{number}") for number, (_, after) in enumerate(columns.values())]
        found = kind.connection.execute(
            sa.select(kind.target.c.id, kind.place(), *old, *new)
            .select_from(kind.current())
            .where(kind.of_load(staging.CHANGED))
        )
        names = list(columns)
        told = ((row[0], row[1], _details(names, row[2:])) for row in found.all())
        staging.write(
            kind.connection,
            change,
            (
                {**self.fixed, "subject_id": row_id, "path": path, "action": "changed", "details": details}
                for row_id, path, details in told
                if details
            ),
        )

    def added(self) -> None:
        """After the rows were written and matched."""
        kind = self.kind
        fixed = {name: sa.literal(value, change.c[name].type) for name, value in self.fixed.items()}
        columns = {
            "subject_id": kind.target.c.id,
            "path": kind.place(),
            "action": sa.literal("added"),
            "details": sa.literal({}, sa.JSON),
        } | fixed
        chosen = sa.select(*columns.values()).select_from(kind.current()).where(kind.of_load(staging.NEW))
        kind.connection.execute(change.insert().from_select(list(columns), chosen))


def _details(names: list[str], values: Any) -> dict[str, list[Any]]:
    old, new = values[: len(names)], values[len(names) :]
    return {
        name: [HIDDEN, HIDDEN] if name.endswith("_hash") else [plain(before), plain(after)]
        for name, before, after in zip(names, old, new, strict=True)
        if before != after
    }
