"""Categories suggested from a text by arrays on disk: numpy alone, loaded when first asked for, never unpickled."""

import hashlib
import io
import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from models.acting import district_of
from models.categories import Category
from models.category_models import CategoryModel, CategorySuggestion, latest
from models.policies import load_policy
from models.tickets import Ticket
from rules.suggesting import Standing, standing
from settings import installed

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

BITS = 18
"""Character n-grams fall into 2^18 buckets: nothing of a text can be read back."""
LONGEST = 400
"""Characters of a text that are looked at."""
GRAMS = (1, 2, 3)
FACTORS = (2654435761, 2246822519, 3266489917)
OFFERED = 3
SUREST, UNLIKELY = 99, 0.01
ARRAYS = ("buckets", "weights", "coefficients", "intercepts", "codes", "temperature")

log = structlog.get_logger()


@dataclass(frozen=True)
class Suggestion:
    model_id: int
    category: Category
    confidence: int
    """Percent."""


def buckets_of(text: str) -> "tuple[Array, Array]":
    """The buckets its character n-grams fall into, and how many fall into each."""
    import numpy as np

    plain = " ".join(text[:LONGEST].casefold().split())
    letters = np.frombuffer(plain.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    found = []
    for length in GRAMS:
        if len(letters) >= length:
            ends = len(letters) - length + 1
            mixed = np.full(ends, length, dtype=np.uint64)
            for place in range(length):
                mixed = (mixed * 31 + letters[place : place + ends]) * FACTORS[place] % 2**32
            found.append(mixed >> (32 - BITS))
    together = np.concatenate(found) if found else np.empty(0, dtype=np.uint64)
    return np.unique(together.astype(np.int64), return_counts=True)


def weighed(text: str, kept: "Array", weights: "Array") -> "tuple[Array, Array]":
    """The places among the `kept` buckets, and what each counts; the counts together have length 1."""
    import numpy as np

    buckets, counts = buckets_of(text)
    places = np.searchsorted(kept, buckets)
    known = places < len(kept)
    known[known] = kept[places[known]] == buckets[known]
    rows = places[known].astype(np.int32)
    values = (1 + np.log(counts[known])) * weights[rows]
    return rows, (values / (math.sqrt(float(values @ values)) or 1.0)).astype(np.float32)


class Guesser:
    """Raises ValueError for arrays that do not fit each other."""

    def __init__(self, arrays: "dict[str, Array]") -> None:
        if set(arrays) != set(ARRAYS):
            raise ValueError("other arrays than those of a model")
        self.buckets, self.weights, self.coefficients, self.intercepts, codes, temperature = (
            arrays[name] for name in ARRAYS
        )
        self.codes = [str(code) for code in codes]
        self.temperature = float(temperature[0])
        if self.coefficients.shape != (len(self.buckets), len(self.codes)):
            raise ValueError("arrays that do not fit each other")

    @classmethod
    def read(cls, data: bytes) -> "Guesser":
        import numpy as np

        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(dict(arrays))

    def scores(self, text: str) -> "Array":
        import numpy as np

        rows, values = weighed(text, self.buckets, self.weights)
        scored: Array = values @ self.coefficients[rows].astype(np.float32) + self.intercepts
        return scored

    def guesses(self, text: str) -> list[tuple[str, float]]:
        """Codes with their likelihood, the likeliest first."""
        import numpy as np

        scored = self.scores(text) / self.temperature
        likely = np.exp(scored - scored.max())
        likely /= likely.sum()
        return [(self.codes[number], float(likely[number])) for number in np.argsort(-likely)[:OFFERED]]


def folder() -> Path:
    return installed().data_dir / "models"


def file_of(digest: str) -> Path:
    return folder() / f"{digest}.npz"


@lru_cache(maxsize=2)
def _loaded(path: Path, digest: str, changed: int) -> Guesser | None:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        log.warning("a model is not what was learnt", file=path.name)
        return None
    return Guesser.read(data)


def guesser(model: CategoryModel) -> Guesser | None:
    """None where the file is missing or is not the one that was written."""
    path = file_of(model.digest)
    if not model.digest or not path.is_file():
        return None
    return _loaded(path, model.digest, path.stat().st_mtime_ns)


def standing_of(session: Session, model: CategoryModel) -> Standing:
    found = standing(model.measured, load_policy(session), intact=True)
    if found is Standing.ON and guesser(model) is None:
        return Standing.DAMAGED
    return found


def suggestions(session: Session, path: str, title: str, text: str) -> list[Suggestion]:
    """The likeliest first; none while the district's model is off."""
    model = latest(session, district_of(path)) if (title + text).strip() else None
    if model is None or standing_of(session, model) is not Standing.ON:
        return []
    found = guesser(model)
    guessed = found.guesses(whole(title, text)) if found else []
    codes = [code for code, _ in guessed]
    known = {each.code: each for each in session.scalars(sa.select(Category).where(Category.code.in_(codes)))}
    return [
        Suggestion(model.id, known[code], min(round(likely * 100), SUREST))
        for code, likely in guessed
        if code in known and known[code].active and likely >= UNLIKELY
    ]


def whole(title: str, text: str) -> str:
    return text if text.startswith(title) else f"{title} {text}"


def note_choice(session: Session, ticket: Ticket, seen: Suggestion, at: datetime) -> None:
    """What became of a suggestion that was seen."""
    session.flush()
    session.add(
        CategorySuggestion(
            model_id=seen.model_id,
            ticket_id=ticket.id,
            suggested_id=seen.category.id,
            chosen_id=ticket.category_id,
            confidence=seen.confidence,
            at=at,
        )
    )
