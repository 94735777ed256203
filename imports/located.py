"""What rows that lie in a unit have in common, be they households or tasks: told twice, written at once."""

from typing import ClassVar

import sqlalchemy as sa

from imports.journal import Journal
from imports.kind import Kind
from rules.refusals import N_


class Located(Kind):
    nowhere: ClassVar[str]
    """What is said of a new row that names no unit."""

    def check(self) -> None:
        s = self.stage.c
        self.refuse_lines(sa.and_(s.target_id.is_(None), s.unit_id.is_(None)), "required", self.nowhere)
        self.refuse_lines(self.found_before(), "twice", N_("An earlier row is about the same entry"))
        self.refuse_outside(N_("The entry now lies in a unit outside yours"))

    def write(self, batch_id: int) -> None:
        journal = Journal(self, batch_id)
        journal.changed()
        self.learn()
        self.insert(self.pairs, version=sa.literal(1))
        self.update(self.pairs)
        self.match()
        self.list_parts()
        journal.added()

    def learn(self) -> None:
        """New words of the dictionaries."""

    def list_parts(self) -> None:
        """What is written beside a row once it stands."""
