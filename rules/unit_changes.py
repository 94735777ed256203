"""When a unit may merge into another or split, and from which day."""

from datetime import date, timedelta
from enum import StrEnum

from rules.refusals import N_, Refusal
from rules.units import UnitKind


class ChangeKind(StrEnum):
    MERGE = "merge"
    SPLIT = "split"


class ChangeState(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken_back"


CHANGE_KIND_LABELS = {ChangeKind.MERGE: N_("Merger of units"), ChangeKind.SPLIT: N_("Split of a unit")}
CHANGE_STATE_LABELS = {
    ChangeState.PLANNED: N_("Planned"),
    ChangeState.DONE: N_("Carried out"),
    ChangeState.REFUSED: N_("Could not be done"),
    ChangeState.WITHDRAWN: N_("Withdrawn"),
    ChangeState.TAKEN_BACK: N_("Taken back"),
}
BACK_AT_MOST = timedelta(days=92)  # office default: a quarter
AHEAD_AT_MOST = timedelta(days=366)  # office default: a year


def check_date(from_date: date, today: date) -> None:
    if from_date < today - BACK_AT_MOST:
        raise Refusal(
            N_("%(date)s is too long ago: a change of units begins at most %(days)s days back"),
            date=from_date.isoformat(),
            days=str(BACK_AT_MOST.days),
        )
    if from_date > today + AHEAD_AT_MOST:
        raise Refusal(
            N_("%(date)s is too far ahead: plan a change of units at most a year before it"), date=from_date.isoformat()
        )


def check_kinds(old: UnitKind, into: UnitKind, name: str, into_name: str) -> None:
    if old is UnitKind.DISTRICT:
        raise Refusal(N_("A district neither merges nor splits here"))
    if old is not into:
        raise Refusal(
            N_("%(unit)s cannot merge into %(into)s: they are not of the same kind"), unit=name, into=into_name
        )


def last_day(from_date: date) -> date:
    return from_date - timedelta(days=1)


def former_code(code: str, from_date: date, longest: int = 32) -> str:
    """Of what stays behind, where the unit itself goes on under the same code elsewhere: `…-01.261201`."""
    ending = f".{from_date:%y%m%d}"
    return code[: longest - len(ending)] + ending
