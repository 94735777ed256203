"""申请: what a unit asked for about a request, and what the right superior decided. Both stay on record."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.acting import Actor, Scope
from models.legs import Leg
from models.ratings import Rating
from models.scope import Scoped, filled_index, of_reached
from models.types import UtcDateTime, one_of
from models.units import Unit
from rules.applications import ApplicationKind, ApplicationState

if TYPE_CHECKING:
    from models.tickets import Ticket

OPEN = sa.text("state = 'open'")
OF_NO_LEG = sa.text("state = 'open' AND leg_id IS NULL")
ONE_EACH = ("ticket_id", "kind", "leg_id")


class Application(Scoped, Model):
    __tablename__ = "application"
    __table_args__: Any = (
        one_of("application", "kind", ApplicationKind),
        one_of("application", "state", ApplicationState),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="ck_application_decider"),
        sa.CheckConstraint("state IN ('open', 'lapsed') OR decided_at IS NOT NULL", name="ck_application_decided"),
        *(
            sa.Index(f"uq_application_{name}", *columns, unique=True, sqlite_where=where, postgresql_where=where)
            for name, columns, where in (("leg", ONE_EACH, OPEN), ("ticket", ONE_EACH[:2], OF_NO_LEG))
        ),
        filled_index("ix_application_unit_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    leg_id: Mapped[int | None] = mapped_column(sa.ForeignKey("leg.id", ondelete="CASCADE"), index=True)
    rating_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rating.id", ondelete="CASCADE"), index=True)
    """Which one is to be left out of scoring."""
    kind: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[str] = mapped_column(sa.String(32))
    """A code of the dictionary that belongs to the kind."""
    basis: Mapped[str] = mapped_column(sa.Text)
    days: Mapped[int | None]
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When to look at a suspension again; the date promised."""
    owner: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    """Who keeps the promise."""
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    """Whose matter it is, as the unit that returns it sees it."""
    state: Mapped[str] = mapped_column(sa.String(12), default=ApplicationState.OPEN)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    asked_by: Mapped[str] = mapped_column(sa.String(60))
    asked_unit: Mapped[str] = mapped_column(sa.String(120))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    decided_by: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    answer: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    ticket: Mapped["Ticket"] = relationship(back_populates="applications")
    leg: Mapped[Leg | None] = relationship()
    rating: Mapped[Rating | None] = relationship()
    unit: Mapped[Unit | None] = relationship()

    def __str__(self) -> str:
        return f"{self.ticket} {self.kind}"

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)

    def decide(self, state: ApplicationState, by: Actor, at: datetime, answer: str) -> None:
        self.state, self.decided_at, self.answer = state, at, answer.strip()
        self.decided_by_id, self.decided_by = by.person_id, by.name
