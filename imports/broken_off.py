"""What is said of an attempt that came to nothing. Of a ledger half of which was written it is said only once that has
been taken back, and only if nothing of it had to stay."""

from rules.refusals import N_

CANCELLED = N_("Cancelled by %(name)s; nothing was written")
EXHAUSTED = N_("Several attempts at this ended unexpectedly, so it is not tried again. Nothing was written")
DATABASE_FAILED = N_("This could not be saved. Nothing was changed; please try again")
TAKEN_BACK = N_("What had been written before it was broken off has been taken back")

WHY = {
    CANCELLED: N_("Cancelled by %(name)s"),
    EXHAUSTED: N_("Several attempts at this ended unexpectedly, so it is not tried again"),
    DATABASE_FAILED: N_("This could not be saved; please try again"),
}
"""The same without a word on what was written."""
WHOLE = {why: whole for whole, why in WHY.items()}


def why(message: str) -> str:
    return WHY.get(message, message)


def of_nothing_left(message: str) -> str:
    return WHOLE.get(message, message)
