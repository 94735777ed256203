"""How large an invented installation is. The district's are the figures of s0 and of domain § 2."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    districts: int
    towns: int
    villages: int
    grids: int
    estates: int
    units: int
    people: int
    requests: int
    accounts: int
    files: int
    households: int
    organisations: int

    @property
    def visits(self) -> int:
        return self.requests * 73_000 // 331_000  # s1, s0

    @property
    def topics(self) -> int:
        return self.villages * 283 // 356  # s1

    @property
    def tasks(self) -> int:
        return self.villages * 300 // 356


SIZES = {
    "town": Size(1, 1, 25, 50, 12, 200, 500, 3_500, 40, 200, 900, 140),
    "district": Size(1, 24, 356, 1_500, 180, 10_000, 38_400, 331_000, 200, 2_000, 60_000, 12_000),
    "city": Size(10, 24, 356, 1_500, 180, 10_000, 38_400, 331_000, 200, 200, 60_000, 12_000),
}
"""All but the first for each district."""
