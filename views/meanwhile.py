"""Two people at one request: the second is told what the first has done since the page was opened."""

from collections.abc import Callable
from typing import Any

from models.disclosure import SHOWN
from models.events import TicketEvent
from models.tickets import Ticket
from rules.refusals import N_, Refusal
from views.asking import as_key
from views.saving import attempt

MOVED_ON = N_(
    "Something has happened to this request since you opened it. Look at it, and press again if your step still fits"
)


def newest(ticket: Ticket) -> int:
    return max((event.id for event in ticket.events), default=0)


def since(ticket: Ticket, seen: int) -> list[TicketEvent]:
    """What has happened after the event `seen`, the newest first. Looking at a telephone number changes nothing."""
    return [event for event in reversed(ticket.events) if event.id > seen and event.action != SHOWN]


def act_on(ticket: Ticket, said: Any, do: Callable[[], object]) -> tuple[str | None, list[TicketEvent]]:
    """`attempt`, unless the request has moved on from the event `said` to have been seen. The sentence that refuses it,
    and what has happened."""
    seen = as_key(said) or newest(ticket)

    def step() -> None:
        if since(ticket, seen):
            raise Refusal(MOVED_ON)
        do()

    problem = attempt(step)
    return problem, since(ticket, seen) if problem else []
