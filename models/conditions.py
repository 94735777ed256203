"""What a move asks of the request beyond its state and who moves it. Each raises the Refusal that a try would meet."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from rules.routing import RequestKind

if TYPE_CHECKING:
    from models.meetings import Meeting
    from models.supervisions import Supervision
    from models.tickets import Ticket


def open_supervision(ticket: "Ticket") -> "Supervision | None":
    return next((each for each in ticket.supervisions if each.closed_at is None), None)


def unanswered(ticket: "Ticket") -> bool:
    opened = open_supervision(ticket)
    return opened is not None and opened.answered_at is None


def nothing_more(ticket: "Ticket") -> None:
    """State and person say it all."""


def no_meeting_yet(ticket: "Ticket") -> None:
    if ticket.meeting is not None:
        raise Refusal(N_("A meeting about this request has been called already"))


def a_meeting_waits(ticket: "Ticket") -> "Meeting":
    if (waiting := ticket.meeting) is None:
        raise Refusal(N_("No meeting about this request waits for a decision"))
    return waiting


def not_supervised(ticket: "Ticket") -> None:
    if open_supervision(ticket) is not None:
        raise Refusal(N_("This request is supervised already"))


def supervised(ticket: "Ticket") -> "Supervision":
    if (opened := open_supervision(ticket)) is None:
        raise Refusal(N_("This request is not supervised"))
    return opened


def supervised_and_unanswered(ticket: "Ticket") -> None:
    if supervised(ticket).answered_at is not None:
        raise Refusal(N_("The supervision has been answered; the supervisor closes it or opens another"))


def a_dispute(ticket: "Ticket") -> None:
    if ticket.kind != RequestKind.DISPUTE:
        raise Refusal(N_("Only a dispute is mediated; this request is none"))


CONDITIONS: Mapping[Move, Callable[["Ticket"], object]] = dict.fromkeys(Move, nothing_more) | {
    Move.CALL_MEETING: no_meeting_yet,
    Move.DECIDE: a_meeting_waits,
    Move.SUPERVISE: not_supervised,
    Move.ANSWER_SUPERVISION: supervised_and_unanswered,
    Move.CLOSE_SUPERVISION: supervised,
    Move.MEDIATE: a_dispute,
}
