"""A computed evaluation: for every unit and indicator the two counts and the score, as of a moment."""

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.acting import Acting, Scope, beyond_scope, district_of
from models.figures import FIGURES, Count, Counts, Figure, Window, figures
from models.policies import load_policy, policy_version
from models.reach import place_of
from models.schemes import Scheme
from models.scope import Scoped, under
from models.types import PathText, UtcDateTime
from models.units import Unit
from rules import scoring
from rules.periods import Period, parse_month
from rules.refusals import N_, Refusal
from rules.scoring import Indicator
from rules.units import UnitKind

COMPUTED = "computed"
STATE_LABELS = {COMPUTED: N_("Computed")}

EVALUATED = (
    UnitKind.TOWN,
    UnitKind.VILLAGE,
    UnitKind.DEPARTMENT,
    UnitKind.STATION,
    UnitKind.FIRM,
    UnitKind.PARTNER,
    UnitKind.DISTRICT,
)
"""What lies in a village is counted with it."""


class Evaluation(Scoped, Model):
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
    state: Mapped[str] = mapped_column(sa.String(12), default=COMPUTED, server_default="computed")
    digest: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """SHA-256 over period, method, counts and scores: the sheet prints its first 16 digits."""
    method: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    """The scheme as it stood, so that a later edit changes no old sheet."""

    scheme: Mapped[Scheme] = relationship()
    scores: Mapped[list["EvaluationScore"]] = relationship(back_populates="evaluation", cascade="all, delete-orphan")

    def __str__(self) -> str:
        return self.period

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return cls.district_path.in_({district_of(path) for path in scope.paths})

    @property
    def window(self) -> Window:
        period = parse_month(self.period)
        return Window(period.start, period.end, self.as_of)

    def figure(self, key: str) -> Figure:
        """To ask models.figures for the cases behind a score."""
        if key not in FIGURES:
            raise Refusal(N_("There is no figure “%(key)s”"), key=key)
        return FIGURES[key](self.window)

    @property
    def indicators(self) -> list[Indicator]:
        return [_indicator(row) for row in self.method["indicators"]]


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

    @property
    def percent(self) -> Decimal:
        """Of what was counted, as the sheet rounds it."""
        return scoring.round2(Fraction(self.numerator, self.denominator) * 100)

    @property
    def count(self) -> Count:
        return Count(self.numerator, self.denominator, self.unknown)


def compute(session: Session, period: Period, district: Unit, as_of: datetime, scheme: Scheme) -> Evaluation:
    """For the whole district, whoever asks. Computing again replaces what was computed before."""
    with beyond_scope():
        found = figures(session, district.path, period.start, period.end, as_of)
        units = _units(session, period, district, set(found))
        evaluation = _emptied(session, period, district, scheme) or Evaluation(
            period=str(period), scheme=scheme, district_path=district.path
        )
        evaluation.as_of, evaluation.policy_version = as_of, policy_version(session)
        evaluation.scheme_version = scheme.version
        evaluation.method = _method(scheme, load_policy(session).min_cases_ranked)
        for unit in units:
            evaluation.scores += _scores(unit, found.get(unit.id, {}), evaluation.indicators)
        evaluation.digest = digest(evaluation)
        session.add(evaluation)
        session.flush()
    return evaluation


def _emptied(session: Session, period: Period, district: Unit, scheme: Scheme) -> Evaluation | None:
    same = {"period": str(period), "scheme_id": scheme.id, "district_path": district.path}
    known = session.scalar(sa.select(Evaluation).filter_by(**same))
    if known is None:
        return None
    known.scores = []
    session.flush()
    return known


def _units(session: Session, period: Period, district: Unit, with_cases: set[int]) -> list[Unit]:
    """Those that lived in the period, and those that have cases in it all the same."""
    lived = sa.and_(
        sa.or_(Unit.valid_from.is_(None), Unit.valid_from < period.after),
        Unit.lives_on(period.first),
    )
    statement = sa.select(Unit).where(under(Unit.path, district.path), Unit.kind.in_(EVALUATED))
    units = session.scalars(statement.where(sa.or_(lived, Unit.id.in_(with_cases))).order_by(Unit.path))
    return list(units)


def _method(scheme: Scheme, min_cases: int) -> dict[str, Any]:
    texts = ("key", "name", "numerator", "denominator", "direction")
    numbers = ("target", "full", "k", "floor")
    return {
        "name": scheme.name,
        "version": scheme.version,
        "note": scheme.note,
        "min_cases": min_cases,
        "indicators": [
            {name: getattr(row, name) for name in texts}
            | {name: format(Decimal(getattr(row, name)).normalize(), "f") for name in numbers}
            | {"min_sample": row.min_sample}
            for row in scheme.indicators
            if row.key in FIGURES
        ],
    }


def _indicator(row: dict[str, Any]) -> Indicator:
    return Indicator(
        key=row["key"],
        target=Decimal(row["target"]),
        full=Decimal(row["full"]),
        k=Decimal(row["k"]),
        floor=Decimal(row["floor"]),
        direction=scoring.Direction(row["direction"]),
        min_sample=row["min_sample"],
    )


def _scores(unit: Unit, counts: Counts, indicators: list[Indicator]) -> list[EvaluationScore]:
    return [_score(unit, counts.get(indicator.key, Count()), indicator) for indicator in indicators]


def _score(unit: Unit, count: Count, indicator: Indicator) -> EvaluationScore:
    return EvaluationScore(
        unit=unit,
        path=unit.path,
        key=indicator.key,
        numerator=count.numerator,
        denominator=count.denominator,
        unknown=count.unknown,
        score=scoring.score(scoring.rate(count.numerator, count.denominator), indicator),
    )


def digest(evaluation: Evaluation) -> str:
    """Over what was counted and how, not over when: the same cases by the same method give the same digest."""
    rows = sorted(
        [place_of(row.path), row.key, row.numerator, row.denominator, row.unknown, _two_places(row.score)]
        for row in evaluation.scores
    )
    told = [evaluation.period, evaluation.district_path, evaluation.method, rows]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _two_places(score: Decimal | None) -> str:
    return "" if score is None else f"{score:.2f}"


def district_around(session: Session, path: str) -> Unit:
    with beyond_scope():
        return session.scalars(sa.select(Unit).where(Unit.path == district_of(path))).one()


def own_unit(session: Session, act: Acting) -> Unit:
    """Of whoever acts; the district's, where it is the installation itself."""
    if not act.actor.unit_id:
        return only_district(session)
    if not act.scope.covers(act.actor.unit_path):
        raise Refusal(N_("%(name)s sees no units"), name=act.actor.name)
    return session.get_one(Unit, act.actor.unit_id)


def only_district(session: Session) -> Unit:
    """Raises Refusal where there is none, or more than one to choose from."""
    found = list(session.scalars(sa.select(Unit).where(Unit.kind == UnitKind.DISTRICT).order_by(Unit.code).limit(2)))
    if not found:
        raise Refusal(N_("There is no district yet; import the units first"))
    if len(found) > 1:
        raise Refusal(N_("There is more than one district; say which by its unit code"))
    return found[0]


def active_scheme(session: Session) -> Scheme:
    found = session.scalar(sa.select(Scheme).where(Scheme.active).order_by(Scheme.id).limit(1))
    if found is None:
        raise Refusal(N_("No evaluation scheme is in force"))
    return found
