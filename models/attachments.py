"""Files that belong to a ticket: kept under a random name, handed out by id to those who may see the ticket."""

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.acting import Scope
from models.scope import Scoped, of_reached
from models.types import UtcDateTime

if TYPE_CHECKING:
    from models.legs import Leg
    from models.tickets import Ticket


class Attachment(Scoped, Model):
    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    leg_id: Mapped[int | None] = mapped_column(sa.ForeignKey("leg.id"), index=True)
    """Set on evidence for a result; empty on what came with the request."""
    name: Mapped[str] = mapped_column(sa.String(200))
    """As the uploader's file was called."""
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """Relative to the installation's file store."""
    media_type: Mapped[str] = mapped_column(sa.String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(sa.String(60))

    ticket: Mapped["Ticket"] = relationship(back_populates="attachments")
    leg: Mapped["Leg | None"] = relationship(back_populates="attachments")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)
