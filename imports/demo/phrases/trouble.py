"""One kind of trouble and the ways of telling it. `[a|b]` is either; `{home}`, `{days}` … are filled per request."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """`lead` is who answers: village, grid, town, a kind of station, or an office of the district by name."""

    category: str
    lead: str
    titles: tuple[str, ...]
    facts: tuple[str, ...]
    harms: tuple[str, ...]
    wishes: tuple[str, ...]
    results: tuple[str, ...]
    weight: float = 1.0
    urban: float = 1.0
    """How often in a community, against once in a village."""
    flavour: str = ""
    kind: str = "demand"
    tier: str = ""
    shared: bool = False
    """Whether one cause brings many requests."""
