"""How alike two requests are: the pairs of neighbouring characters that both say, rare ones counting for more."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from math import log, sqrt
from posixpath import commonpath

from rules.folding import fold

ALIKE, ONE_MATTER = 0.3, 0.4
"""From here on two requests are shown beside each other, and taken for one matter without anybody asking; measured on
real messages (docs/decisions.md)."""
FEWEST = 3
"""So few pairs say nothing about a matter."""
SMALLEST = 1_000
"""Among fewer requests what is rare is not known by counting alone."""
RAREST, EXAMINED = 48, 40
"""So many pairs lead to requests that are compared as a whole, of which so many are."""


def plain(folded: str) -> str:
    """Letters and digits alone."""
    return "".join(filter(str.isalnum, folded))


@dataclass(frozen=True, slots=True)
class Said:
    """`text` is what was said without the title, of which both are compared."""

    text: str
    pairs: frozenset[str]

    @classmethod
    def of(cls, title: str, text: str) -> "Said":
        return cls.folded(fold(title), fold(text))

    @classmethod
    def folded(cls, title: str, text: str) -> "Said":
        title, text = plain(title), plain(text)
        return cls(text, frozenset(a + b for part in (title, text) for a, b in pairwise(part)))

    @property
    def is_enough(self) -> bool:
        return len(self.pairs) >= FEWEST


class Crowd:
    """Requests by what they say: those alike are found without comparing all with all."""

    def __init__(self) -> None:
        self.said: dict[int, Said] = {}
        self.holding: defaultdict[str, set[int]] = defaultdict(set)
        self.saying: defaultdict[str, set[int]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self.said)

    def add(self, key: int, said: Said) -> None:
        self.said[key] = said
        self.saying[said.text].add(key)
        for pair in said.pairs:
            self.holding[pair].add(key)

    def drop(self, key: int) -> None:
        said = self.said.pop(key)
        self._forget(self.saying, said.text, key)
        for pair in said.pairs:
            self._forget(self.holding, pair, key)

    @staticmethod
    def _forget(kept: defaultdict[str, set[int]], name: str, key: int) -> None:
        kept[name].discard(key)
        if not kept[name]:
            del kept[name]

    def like(self, said: Said, least: float = ALIKE) -> list[tuple[int, float]]:
        """Key and likeness between 0 and 1, the most alike first. Equal texts are always among them."""
        return Look(self).like(said, least)


class Weights(dict[str, float]):
    """What stands in few requests weighs most; what nobody says weighs as if one did."""

    def __init__(self, crowd: Crowd) -> None:
        self.number, self.holding = max(len(crowd), SMALLEST), crowd.holding

    def __missing__(self, pair: str) -> float:
        self[pair] = weight = log(self.number / max(len(self.holding.get(pair, ())), 1))
        return weight

    def of(self, pairs: Iterable[str]) -> float:
        return sum(map(self.__getitem__, pairs))


class Look:
    """At a crowd as it stands, which does not change meanwhile."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd, self.weights = crowd, Weights(crowd)
        self.totals: dict[int, float] = {}

    def like(self, said: Said, least: float = ALIKE) -> list[tuple[int, float]]:
        found = dict.fromkeys(self.crowd.saying.get(said.text, ()) if said.text else (), 1.0)
        if said.is_enough:
            own = self.weights.of(said.pairs)
            for key in self._near(said):
                if key not in found and (score := self._score(said, own, key)) >= least:
                    found[key] = score
        return sorted(found.items(), key=lambda each: (-each[1], each[0]))

    def _near(self, said: Said) -> list[int]:
        """Those that share most of what is rarest, but for what nobody else says."""
        holding = self.crowd.holding
        held = sorted((len(holding[pair]), pair) for pair in said.pairs if pair in holding)
        shared = Counter[int]()
        for _, pair in [each for each in held if each[0] > 1 or len(held) <= RAREST][:RAREST]:
            shared.update(holding[pair])
        return [key for key, _ in shared.most_common(EXAMINED)]

    def _score(self, said: Said, own: float, key: int) -> float:
        other = self.crowd.said[key].pairs
        if key not in self.totals:
            self.totals[key] = self.weights.of(other)
        total = self.totals[key]
        return self.weights.of(said.pairs & other) / sqrt(own * total) if own and total else 0.0


Links = dict[int, dict[int, float]]


def links(crowd: Crowd, together: Callable[[int, int], bool], least: float = ONE_MATTER) -> Links:
    """Who is like whom, both ways, among those that may belong together at all."""
    found: Links = {key: {} for key in crowd.said}
    look = Look(crowd)
    for key, said in crowd.said.items():
        for other, score in look.like(said, least):
            if other != key and together(key, other):
                found[key][other] = found[other][key] = score
    return found


def clusters(found: Links, least: int) -> list[list[int]]:
    """Each around the one that is like most others, which comes first; nobody is in two. A chain of likenesses makes no
    cluster: all are like the first."""
    taken: set[int] = set()
    made = []
    for centre in sorted(found, key=lambda key: (-len(found[key]), key)):
        around = [key for key in found[centre] if key not in taken]
        if centre not in taken and len(around) + 1 >= least:
            made.append([centre, *sorted(around, key=lambda key: (-found[centre][key], key))])
            taken |= {centre, *around}
    return made


def shared_words(texts: Sequence[str], least: int = 4) -> str:
    """The longest run of characters that the first two say alike; empty where it is too short to tell anything."""
    one, other = (plain(text) for text in texts[:2])
    match = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    return one[match.a : match.a + match.size] if match.size >= least else ""


def common_path(paths: Iterable[str]) -> str:
    """The lowest place that all of them lie in."""
    return f"{commonpath(list(paths))}/"
