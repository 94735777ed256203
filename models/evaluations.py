"""A computed evaluation: for every unit and indicator the two counts, the rate and the score, as of a moment."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.schemes import Scheme
from models.scope import Scoped
from models.types import PathText, UtcDateTime
from models.units import Unit


class Evaluation(Model):
    __tablename__ = "evaluation"
    __table_args__: Any = (sa.UniqueConstraint("period", "scheme_id", "district_path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(16))
    """`2026-10`"""
    scheme_id: Mapped[int] = mapped_column(sa.ForeignKey("scheme.id"), index=True)
    scheme_version: Mapped[int]
    district_path: Mapped[str] = mapped_column(PathText)
    policy_version: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(sa.String(12), default="computed", server_default="computed")
    digest: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """SHA-256 over the scores: the sheet prints its first 16 digits."""

    scheme: Mapped[Scheme] = relationship()
    scores: Mapped[list["EvaluationScore"]] = relationship(back_populates="evaluation", cascade="all, delete-orphan")

    def __str__(self) -> str:
        return self.period


class EvaluationScore(Scoped, Model):
    __tablename__ = "evaluation_score"
    __table_args__: Any = (
        sa.UniqueConstraint("evaluation_id", "unit_id", "key"),
        sa.CheckConstraint("numerator >= 0 AND numerator <= denominator", name="ck_score_counts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    evaluation_id: Mapped[int] = mapped_column(sa.ForeignKey("evaluation.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, index=True)
    key: Mapped[str] = mapped_column(sa.String(32))
    numerator: Mapped[int]
    denominator: Mapped[int]
    unknown: Mapped[int] = mapped_column(default=0, server_default="0")
    """Old-ledger rows whose time nobody knows: left out of both counts."""
    score: Mapped[Decimal | None] = mapped_column(sa.Numeric(6, 2))
    """Empty where there was no case."""

    evaluation: Mapped[Evaluation] = relationship(back_populates="scores")
    unit: Mapped[Unit] = relationship()
