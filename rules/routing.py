"""Who should handle a request and how large it is: the duty catalogue 权力清单 proposes, people decide.

s1: 微事村社办、小事镇街办、难事联动办.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Duty:
    """A line of the catalogue. Category is a path such as `/20/2001/`; without a unit the place's own answers."""

    category: str
    tier: Tier
    unit: str | None = None
    lead: bool = True


@dataclass(frozen=True)
class Proposal:
    tier: Tier
    lead: str | None
    co_units: tuple[str, ...]
    reason: str
    values: Mapping[str, object]


NAMED = N_("%(tier)s: the duty catalogue names this unit")
OF_THE_PLACE = N_("%(tier)s: the duty catalogue leaves it to the place's own unit")
UNLISTED = N_("%(tier)s: the duty catalogue says nothing of this category")
URGENT = N_("%(tier)s: it was handed in as one")


def propose(
    category: str | None, duties: Iterable[Duty], place: Place, kind: RequestKind = RequestKind.DEMAND
) -> Proposal:
    """A category without a line of its own takes that of the nearest category above it. An emergency is one in any."""
    lines = nearest(category or "", duties)
    lead = next((line for line in lines if line.lead), None)
    urgent = kind is RequestKind.EMERGENCY
    tier = Tier.EMERGENCY if urgent else lead.tier if lead else UNKNOWN_TIER
    named = lead.unit if lead else None
    return Proposal(
        tier,
        named or owner(tier, place),
        tuple(line.unit for line in lines if line.unit and not line.lead),
        URGENT if urgent else NAMED if named else OF_THE_PLACE if lead else UNLISTED,
        {"tier": Term(TIER_LABELS[tier])},
    )


def nearest(category: str, duties: Iterable[Duty]) -> list[Duty]:
    above = [line for line in duties if category.startswith(line.category)]
    deepest = max((line.category for line in above), key=len, default="")
    return [line for line in above if line.category == deepest]


def owner(tier: Tier, place: Place) -> str | None:
    return next((place[kind] for kind in OWNER_KINDS[tier] if kind in place), None)
