"""What the console has learnt of a district's categories, how well it guesses, and whether people followed it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.types import PathText, UtcDateTime
from rules.suggesting import Measured


class CategoryModel(Model):
    """One lesson. The newest of a district counts."""

    __tablename__ = "category_model"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(PathText, index=True)
    """Of the district."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    available: Mapped[int]
    """Settled requests with a category, of which the newest were taken."""
    learnt: Mapped[int]
    tested: Mapped[int]
    hit_first: Mapped[int]
    hit_third: Mapped[int]
    categories: Mapped[int]
    confused: Mapped[list[list[Any]]] = mapped_column(sa.JSON)
    """[code, code it was taken for, how often], the most frequent first."""
    digest: Mapped[str] = mapped_column(sa.String(64))
    """Of its file, which bears that name; empty where there was too little to learn from."""
    size: Mapped[int]
    """Of the file, in bytes."""
    seconds: Mapped[int]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d}"

    @property
    def measured(self) -> Measured:
        return Measured(self.learnt, self.tested, self.hit_first, self.hit_third)


class CategorySuggestion(Model):
    """A suggestion that somebody saw while choosing a category."""

    __tablename__ = "category_suggestion"
    __table_args__: Any = (
        sa.CheckConstraint("confidence BETWEEN 0 AND 100", name="ck_category_suggestion_confidence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(sa.ForeignKey("category_model.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    suggested_id: Mapped[int] = mapped_column(sa.ForeignKey("category.id"), index=True)
    chosen_id: Mapped[int | None] = mapped_column(sa.ForeignKey("category.id"), index=True)
    confidence: Mapped[int]
    """Percent."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def latest(session: Session, district: str) -> CategoryModel | None:
    newest = sa.select(CategoryModel).where(CategoryModel.path == district).order_by(CategoryModel.id.desc()).limit(1)
    return session.scalar(newest)


def followed(session: Session, model: CategoryModel) -> tuple[int, int]:
    """How many of its suggestions were seen, and of how many the first was taken."""
    c = CategorySuggestion
    taken = sa.func.count().filter(c.suggested_id == c.chosen_id)
    seen, right = session.execute(sa.select(sa.func.count(), taken).where(c.model_id == model.id)).one()
    return seen, right
