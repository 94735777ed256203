"""Five lights: colour and word of a request (look.md)."""

from datetime import datetime, timedelta
from enum import StrEnum

from rules.deadlines import Tier
from rules.lifecycle import SETTLED_STATES, State
from rules.policy import Policy
from rules.refusals import N_


class Light(StrEnum):
    GREY = "grey"
    BLUE = "blue"
    AMBER = "amber"
    RED = "red"
    GREEN = "green"


LIGHT_LABELS = {
    Light.GREY: N_("Not started"),
    Light.BLUE: N_("In hand"),
    Light.AMBER: N_("Due soon"),
    Light.RED: N_("Overdue"),
    Light.GREEN: N_("Settled"),
}

NOT_STARTED = frozenset({State.SUBMITTED, State.ACCEPTED, State.DISPATCHED})


def warn_before(state: State, tier: Tier | None, policy: Policy) -> timedelta:
    """How long before the date that matters now a request turns amber."""
    if state in NOT_STARTED:
        return timedelta(hours=policy.sign_warn_hours)
    return timedelta(hours=policy.settle_warn_short_hours if tier is Tier.MICRO else policy.settle_warn_hours)


def light(state: State, due: datetime | None, now: datetime, warn_before: timedelta) -> Light:
    """For a paused clock `now` is the moment it was paused."""
    if state in SETTLED_STATES:
        return Light.GREEN
    if due is not None and now > due:
        return Light.RED
    if due is not None and now >= due - warn_before:
        return Light.AMBER
    return Light.GREY if state in NOT_STARTED else Light.BLUE
