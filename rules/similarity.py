"""How alike two requests are: the pairs of neighbouring characters that both say, rare ones counting for more."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise
from math import log, sqrt
from posixpath import commonpath

from rules.folding import fold

ALIKE = 0.3
"""From here on two requests are taken for the same matter; measured on real messages (docs/similar-requests.md)."""
FEWEST = 3
"""So few pairs say nothing about a matter."""
FREQUENT = 0.2
"""A pair that stands in more of all requests than this leads nobody to them."""
EXAMINED = 40


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

    def like(self, said: Said, *, least: float = ALIKE, frequent: float = FREQUENT) -> list[tuple[int, float]]:
        """Key and likeness between 0 and 1, the most alike first. Equal texts are always among them."""
        if not said.is_enough and not said.text:
            return []
        weigh = self._weigher()
        same = self.saying.get(said.text, set()) if said.text else set()
        found = dict.fromkeys(same, 1.0)
        if said.is_enough:
            own = sum(map(weigh, said.pairs))
            for key in self._near(said, weigh, frequent):
                if key not in found and (score := self._score(said, own, key, weigh)) >= least:
                    found[key] = score
        return sorted(found.items(), key=lambda each: (-each[1], each[0]))

    def _weigher(self) -> Callable[[str], float]:
        """What stands in few requests weighs most; what nobody else says weighs as if one did."""
        number = len(self.said) + 1

        @cache
        def weigh(pair: str) -> float:
            return log(number / max(len(self.holding.get(pair, ())), 1))

        return weigh

    def _near(self, said: Said, weigh: Callable[[str], float], frequent: float) -> Iterator[int]:
        """Those that share most of what is rare."""
        most, shared = max(frequent * len(self.said), EXAMINED), Counter[int]()
        for pair in said.pairs:
            held = self.holding.get(pair, ())
            if len(held) <= most:
                weight = weigh(pair)
                for key in held:
                    shared[key] += weight  # type: ignore[assignment]
        return (key for key, _ in shared.most_common(EXAMINED))

    def _score(self, said: Said, own: float, key: int, weigh: Callable[[str], float]) -> float:
        other = self.said[key].pairs
        total = sum(map(weigh, other))
        return sum(map(weigh, said.pairs & other)) / sqrt(own * total) if own and total else 0.0


Links = dict[int, dict[int, float]]


def links(crowd: Crowd, together: Callable[[int, int], bool], frequent: float) -> Links:
    """Who is like whom, both ways, among those that may belong together at all."""
    found: Links = {key: {} for key in crowd.said}
    for key, said in crowd.said.items():
        for other, score in crowd.like(said, frequent=frequent):
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
