"""单位考核表 of a month as a workbook: who is listed for whom, in which group, with which place and for what reason."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from openpyxl import Workbook
from sqlalchemy.orm import Session, contains_eager

from exports import evaluation_sheet, method_sheet
from exports.results import Results
from models.acting import Actor
from models.evaluations import Evaluation, EvaluationScore, active_scheme, compute, district_around
from models.figures import Count
from models.scope import under
from models.units import Unit
from rules.periods import Period
from rules.refusals import N_, Refusal
from rules.scoring import Indicator, ranks, total
from rules.units import UnitKind


class Peers(StrEnum):
    TOWNS = "towns"
    VILLAGES = "villages"
    DEPARTMENTS = "departments"
    DISTRICT = "district"


KINDS = {
    Peers.TOWNS: {UnitKind.TOWN},
    Peers.VILLAGES: {UnitKind.VILLAGE},
    Peers.DEPARTMENTS: {UnitKind.DEPARTMENT, UnitKind.STATION, UnitKind.FIRM, UnitKind.PARTNER},
    Peers.DISTRICT: {UnitKind.DISTRICT},
}
LOST = {
    "sign": "签收超时",
    "on_time": "办结超时",
    "settle": "未办结",
    "satisfaction": "三星及以下",
    "resolve": "回访未解决",
}
UNKNOWN = {"sign": "签收时间不详", "on_time": "办结时限不详", "settle": "尚未派单", "satisfaction": "未计"}


@dataclass(frozen=True)
class Line:
    unit: Unit
    name: str
    scores: Sequence[EvaluationScore]
    """In the order of the indicators."""
    total: Decimal | None
    rank: int | None
    reason: str


class Listed(NamedTuple):
    kind: str
    name: str


@dataclass(frozen=True)
class Group:
    peers: Peers
    lines: Sequence[Line]
    added: bool
    """Villages are part of the towns above them and are added up only where no town is listed."""

    def counts(self) -> list[Count]:
        columns = zip(*(line.scores for line in self.lines), strict=True)
        return [sum((score.count for score in column), start=Count()) for column in columns]


def write(session: Session, period: Period, unit: Unit, as_of: datetime, out: Path, by: Actor) -> Evaluation:
    """Computes the month for the whole district and writes the sheet of `unit` and what lies in it."""
    evaluation = compute(session, period, district_around(session, unit.path), as_of, active_scheme(session))
    book = evaluation_workbook(session, evaluation, unit, by.name)
    try:
        out.write_bytes(book)
    except OSError as error:
        raise Refusal(N_("%(file)s cannot be written"), file=str(out)) from error
    return evaluation


def evaluation_workbook(session: Session, evaluation: Evaluation, unit: Unit, maker: str) -> bytes:
    """Only what lies at or below `unit`, and within the scope of whoever asks."""
    found = groups(session, evaluation, unit)
    if not found:
        raise Refusal(N_("%(unit)s is not evaluated by itself"), unit=unit.name)
    book, results = Workbook(), Results()
    sheet, method = book.worksheets[0], book.create_sheet("口径说明")
    rows = method_sheet.fill(method, evaluation, added(found))
    evaluation_sheet.fill(sheet, results, evaluation, found, rows, unit.name, maker)
    return results.saved(book)


def groups(session: Session, evaluation: Evaluation, unit: Unit) -> list[Group]:
    listed = units_listed(session, evaluation, unit)
    return [group(session, evaluation, unit, listed, peers) for peers in sizes(listed)]


def units_listed(session: Session, evaluation: Evaluation, unit: Unit) -> list[Listed]:
    scored = sa.select(EvaluationScore.unit_id).where(*_of(evaluation, unit))
    return [Listed(*row) for row in session.execute(sa.select(Unit.kind, Unit.name).where(Unit.id.in_(scored)))]


def sizes(listed: Collection[Listed]) -> dict[Peers, int]:
    """Of the groups that have members."""
    members = {peers: sum(each.kind in kinds for each in listed) for peers, kinds in KINDS.items()}
    return {peers: number for peers, number in members.items() if number}


def group(session: Session, evaluation: Evaluation, unit: Unit, listed: Collection[Listed], peers: Peers) -> Group:
    met, indicators = Counter(each.name for each in listed), evaluation.indicators
    scored = _scores(session, evaluation, unit, peers)
    lines = [_line(evaluation, indicators, scores, _name(scores[0].unit, met)) for scores in scored]
    in_towns = peers is Peers.VILLAGES and Peers.TOWNS in sizes(listed)
    return Group(peers, _ranked(evaluation, indicators, lines), added=not in_towns)


def added(found: Sequence[Group]) -> list[Count]:
    """By indicator, every case once."""
    columns = zip(*(group.counts() for group in found if group.added), strict=True)
    return [sum(column, start=Count()) for column in columns]


def _of(evaluation: Evaluation, unit: Unit) -> tuple[sa.ColumnElement[bool], ...]:
    return EvaluationScore.evaluation_id == evaluation.id, under(EvaluationScore.path, unit.path)


def _scores(session: Session, evaluation: Evaluation, unit: Unit, peers: Peers) -> list[list[EvaluationScore]]:
    """By unit, in the order of the tree; within it in the order of the indicators."""
    statement = (
        sa.select(EvaluationScore)
        .join(EvaluationScore.unit)
        .options(contains_eager(EvaluationScore.unit).joinedload(Unit.parent))
        .where(*_of(evaluation, unit), Unit.kind.in_(KINDS[peers]))
    )
    order = [row["key"] for row in evaluation.method["indicators"]]
    by_unit: dict[int, list[EvaluationScore]] = {}
    for score in sorted(session.scalars(statement), key=lambda each: (each.path, order.index(each.key))):
        by_unit.setdefault(score.unit_id, []).append(score)
    return list(by_unit.values())


def _name(unit: Unit, met: Counter[str]) -> str:
    """One that stands in two towns is told with its town."""
    return f"{unit.parent.name}{unit.name}" if met[unit.name] > 1 and unit.parent else unit.name


def _line(
    evaluation: Evaluation, indicators: Sequence[Indicator], scores: Sequence[EvaluationScore], name: str
) -> Line:
    unit = scores[0].unit
    if unit.kind == UnitKind.DISTRICT:
        return Line(unit, name, scores, None, None, _by_twos(_unknown(scores)))
    points = total(zip((score.score for score in scores), indicators, strict=True))
    return Line(unit, name, scores, points, None, _reason(evaluation.method["indicators"], scores))


def _ranked(evaluation: Evaluation, indicators: Sequence[Indicator], lines: Sequence[Line]) -> list[Line]:
    min_cases = evaluation.method["min_cases"]
    totals = [line.total if _has_enough(indicators, line, min_cases) else None for line in lines]
    return [replace(line, rank=rank) for line, rank in zip(lines, ranks(totals), strict=True)]


def _has_enough(indicators: Sequence[Indicator], line: Line, min_cases: int) -> bool:
    counted = [score.denominator for score in line.scores]
    sampled = zip(indicators, counted, strict=True)
    return max(counted) >= min_cases and all(each.is_ranked(size) for each, size in sampled if size)


def _reason(indicators: Sequence[dict[str, Any]], scores: Sequence[EvaluationScore]) -> str:
    lost = [
        f"{LOST[score.key]}{score.denominator - score.numerator}件扣{Decimal(row['full']) - score.score:.2f}分"
        for row, score in zip(indicators, scores, strict=True)
        if score.score is not None and score.score < Decimal(row["full"])
    ]
    return _by_twos([*lost, *_unknown(scores)])


def _unknown(scores: Sequence[EvaluationScore]) -> list[str]:
    return [f"{UNKNOWN[score.key]}{score.unknown}件未计" for score in scores if score.unknown]


def _by_twos(parts: Sequence[str]) -> str:
    return "\n".join("；".join(parts[n : n + 2]) for n in range(0, len(parts), 2))
