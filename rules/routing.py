"""Who should handle a request and how large it is: the duty catalogue 权力清单 proposes, people decide.

s1: 微事村社办、小事镇街办、难事联动办.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rules.deadlines import TIER_LABELS, Tier
from rules.refusals import N_, Term
from rules.units import UnitKind


class RequestKind(StrEnum):
    DEMAND = "demand"
    SUGGESTION = "suggestion"
    DISPUTE = "dispute"
    EMERGENCY = "emergency"


REQUEST_KIND_LABELS = {
    RequestKind.DEMAND: N_("Demand"),
    RequestKind.SUGGESTION: N_("Suggestion"),
    RequestKind.DISPUTE: N_("Dispute"),
    RequestKind.EMERGENCY: N_("Emergency"),
}

Place = Mapping[UnitKind, str]
"""Codes of the units the place lies in: its grid, estate, village, town, district, as far as they are known."""

OWNER_KINDS = {
    Tier.MICRO: (UnitKind.ESTATE, UnitKind.VILLAGE, UnitKind.TOWN, UnitKind.DISTRICT),
    Tier.MINOR: (UnitKind.TOWN, UnitKind.DISTRICT),
    Tier.HARD: (UnitKind.DISTRICT, UnitKind.TOWN),
    Tier.EMERGENCY: (UnitKind.VILLAGE, UnitKind.TOWN, UnitKind.DISTRICT),
}
UNKNOWN_TIER = Tier.MINOR

LEAD, CO = "lead", "co"
ROLE_LABELS = {LEAD: N_("Leading"), CO: N_("Co-handling")}


@dataclass(frozen=True)
class Duty:
    """A line of the catalogue. Category and place are paths such as `/20/2001/`; without a unit the place's own
    answers, without a place it holds everywhere. `by` and `on`: who entered it, and when."""

    category: str
    tier: Tier
    unit: str | None = None
    lead: bool = True
    place: str = ""
    name: str = ""
    by: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Proposal:
    tier: Tier
    lead: str | None
    co_units: tuple[str, ...]
    reason: str
    values: Mapping[str, object]


NAMED = N_("%(tier)s: the duty catalogue names this unit for “%(category)s”")
NAMED_BY = N_("%(tier)s: the duty catalogue names this unit for “%(category)s”, entered by %(by)s on %(on)s")
OF_THE_PLACE = N_("%(tier)s: the duty catalogue leaves it to the place's own unit")
UNLISTED = N_("%(tier)s: the duty catalogue says nothing of this category")
URGENT = N_("%(tier)s: it was handed in as one")


def propose(
    category: str | None, duties: Iterable[Duty], place: Place, kind: RequestKind = RequestKind.DEMAND
) -> Proposal:
    """A category without a line of its own takes that of the nearest category above it; of its lines those for the
    nearest place count. An emergency is one in any."""
    lines = nearest(category or "", duties)
    lead = next(iter(most_local(line for line in lines if line.lead)), None)
    urgent = kind is RequestKind.EMERGENCY
    tier = Tier.EMERGENCY if urgent else lead.tier if lead else UNKNOWN_TIER
    helping = most_local(line for line in lines if line.unit and not line.lead)
    return Proposal(
        tier,
        (lead.unit if lead else None) or owner(tier, place),
        tuple(line.unit for line in helping if line.unit),
        URGENT if urgent else _reason(lead),
        {"tier": Term(TIER_LABELS[tier])} | ({"category": lead.name, "by": lead.by, "on": lead.on} if lead else {}),
    )


def _reason(lead: Duty | None) -> str:
    if lead is None:
        return UNLISTED
    if lead.unit is None:
        return OF_THE_PLACE
    return NAMED_BY if lead.by else NAMED


def nearest(category: str, duties: Iterable[Duty]) -> list[Duty]:
    above = [line for line in duties if category.startswith(line.category)]
    deepest = max((line.category for line in above), key=len, default="")
    return [line for line in above if line.category == deepest]


def most_local(duties: Iterable[Duty]) -> list[Duty]:
    lines = list(duties)
    deepest = max((line.place for line in lines), key=len, default="")
    return [line for line in lines if line.place == deepest]


def owner(tier: Tier, place: Place) -> str | None:
    return next((place[kind] for kind in OWNER_KINDS[tier] if kind in place), None)
