"""Which settled requests are asked about (回访): all of them, or a share that nobody can foresee or pick. And when
again where nobody answered."""

from datetime import datetime, timedelta
from hashlib import blake2b

from rules.policy import Policy
from rules.reminders import Kind, deliver_at


def is_chosen(number: str, percent: int) -> bool:
    """The same for a number whenever it is asked."""
    drawn = int.from_bytes(blake2b(number.encode(), digest_size=4, person=b"follow-up").digest(), "big")
    return drawn * 100 < percent * 2**32


def next_try(at: datetime, tries: int, policy: Policy) -> datetime | None:
    """Nobody is called in quiet hours. None once it was tried often enough."""
    if tries >= policy.follow_up_tries:
        return None
    return deliver_at(at + timedelta(hours=policy.follow_up_again_hours), Kind.INFORM, policy)
