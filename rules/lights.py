"""Five lights: colour and word of a request (look.md)."""

from datetime import datetime, timedelta
from enum import StrEnum

from rules.lifecycle import SETTLED_STATES, State
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


def light(state: State, due: datetime | None, now: datetime, warn_before: timedelta) -> Light:
    """For a paused clock `now` is the moment it was paused."""
    if state in SETTLED_STATES:
        return Light.GREEN
    if due is not None and now > due:
        return Light.RED
    if due is not None and now >= due - warn_before:
        return Light.AMBER
    return Light.GREY if state in NOT_STARTED else Light.BLUE
