"""Nobody passes the parcel: how often a request may go to and fro between two units (domain § 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rules.refusals import N_, Refusal

RETURNED, RECALLED = "returned", "recalled"
HANDED_ON = frozenset({"escalated", "delegated"})


@dataclass(frozen=True)
class Passing:
    """One leg's way: the unit that handed it over, the one that got it, and how its turn ended (`returned` …)."""

    giver: int | None
    unit: int
    ended: str | None


def is_second_return(passed: Sequence[Passing], suggested: int | None) -> bool:
    """Whether a return of the last leg would be the second between the same two units: its unit has returned it
    before, or it came here by a return and would go back to whoever returned it, or nobody says to whom else."""
    *before, last = passed
    again = any(each.ended == RETURNED and each.unit == last.unit for each in before)
    came_by_return = bool(before) and before[-1].ended == RETURNED
    return again or (came_by_return and suggested in (None, before[-1].unit))


def refuse_again(passed: Sequence[Passing], to: int) -> None:
    """Up and down: a unit hands a request to another once. The second time the two meet."""
    giver = passed[-1].unit
    if (giver, to) in [(one.unit, next_.unit) for one, next_ in pairwise(passed) if one.ended in HANDED_ON]:
        raise Refusal(N_("Your unit has handed it there before: settle it, or call a meeting that decides"))


def refuse_back(passed: Sequence[Passing], to: int) -> None:
    """Between two units a request is returned once: it goes no second time to and fro."""
    pairs = [{one.unit, next_.unit} for one, next_ in pairwise(passed) if one.ended == RETURNED]
    if passed[-1].ended == RETURNED and {passed[-1].unit, to} in pairs:
        raise Refusal(N_("It was returned between these two units before: call a meeting that decides"))


def refuse_taking_back(passed: Sequence[Passing]) -> None:
    """A dispatch to a unit is taken back once."""
    *before, last = passed
    if any(each.ended == RECALLED and each.unit == last.unit for each in before):
        raise Refusal(N_("It was taken back from this unit before: let it be signed for, or call a meeting"))
