"""What offices said of the columns of a kind of table, remembered by its headings for the next file that has them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column

from models.types import PathText, UtcDateTime


class HeaderChoice(Model):
    """Not a noun of its own: read by whoever imports in the district."""

    __tablename__ = "header_choice"
    __table_args__: Any = (sa.UniqueConstraint("kind", "path", "fingerprint", name="uq_header_choice"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    path: Mapped[str] = mapped_column(PathText)
    """Of the district; empty for the whole installation."""
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    columns: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    """Our column → which of the headings, counted from 1; 0 for none of them."""
    name: Mapped[str] = mapped_column(sa.String(60))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
