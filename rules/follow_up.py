"""Which settled requests are asked about (回访): all of them, or a share that nobody can foresee or pick."""

from hashlib import blake2b


def is_chosen(number: str, percent: int) -> bool:
    """The same for a number whenever it is asked."""
    drawn = int.from_bytes(blake2b(number.encode(), digest_size=4, person=b"follow-up").digest(), "big")
    return drawn * 100 < percent * 2**32
