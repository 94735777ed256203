"""Which category a text may be about: when what was learnt from settled requests may be shown, and how sure it is."""

from dataclasses import dataclass
from enum import StrEnum

from rules.policy import Policy
from rules.refusals import N_


class Standing(StrEnum):
    ON = "on"
    SWITCHED_OFF = "switched_off"
    TOO_FEW = "too_few"
    INACCURATE = "inaccurate"
    DAMAGED = "damaged"


STANDING_LABELS = {
    Standing.ON: N_("Suggests categories"),
    Standing.SWITCHED_OFF: N_("Switched off"),
    Standing.TOO_FEW: N_("Off: too few settled requests"),
    Standing.INACCURATE: N_("Off: not accurate enough"),
    Standing.DAMAGED: N_("Off: its file is missing or was changed"),
}


@dataclass(frozen=True)
class Measured:
    """On requests newer than all it has learnt from: how often the first guess was right, how often one of three."""

    learnt: int
    tested: int
    hit_first: int
    hit_third: int


def standing(measured: Measured, policy: Policy, *, intact: bool) -> Standing:
    if not policy.suggest_categories:
        return Standing.SWITCHED_OFF
    if measured.learnt + measured.tested < policy.suggest_from_requests or not measured.tested:
        return Standing.TOO_FEW
    if measured.hit_first * 100 < policy.suggest_least_accuracy * measured.tested:
        return Standing.INACCURATE
    return Standing.ON if intact else Standing.DAMAGED
