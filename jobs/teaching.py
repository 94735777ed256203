"""Learns from a district's settled requests which category a text is about, and measures it on the newest of them."""

import hashlib
import io
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.categories import Category
from models.category_models import CategoryModel, latest
from models.policies import load_policy
from models.scope import inside
from models.suggesting import BITS, OFFERED, Guesser, buckets_of, file_of, folder, weighed, whole
from models.tickets import Ticket
from models.units import Unit
from rules.lifecycle import SETTLED_STATES
from rules.policy import Policy
from rules.units import UnitKind

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

    Array = np.ndarray[Any, Any]

MOST_REQUESTS = 60_000
MOST_BUCKETS = 30_000
LEAST_TEXTS = 3
"""A bucket that fewer texts fall into says nothing of a category."""
UNSEEN = 5
"""One in so many is kept back to measure with: the newest."""
PASSES, MOST_STEPS = 8, 320
"""Passes over the texts; fewer where there are many categories."""
CONFUSED = 20
AGAIN_AFTER = timedelta(days=6)
TEMPERATURES = [0.05 * 1.25**step for step in range(24)]


@dataclass(frozen=True)
class Lesson:
    """Texts from the newest to the oldest, and the code of the category of each."""

    texts: list[str]
    codes: list[str]
    available: int


def teach(session: Session, at: datetime, *, always: bool = False) -> list[CategoryModel]:
    """A lesson for each district whose last is a week old; commits each."""
    made = []
    districts = sa.select(Unit.path).where(Unit.kind == UnitKind.DISTRICT.value, Unit.valid_to.is_(None))
    for path in session.scalars(districts.order_by(Unit.code)).all():
        last = latest(session, path)
        if always or last is None or at - last.made_at >= AGAIN_AFTER:
            made.append(learn(session, path, at))
            session.commit()
            _forget_files(session)
    return made


def learn(session: Session, path: str, at: datetime) -> CategoryModel:
    """Stores the model that was measured, not one that has seen the rows it was measured on."""
    began, policy = time.monotonic(), load_policy(session)
    lesson = read(session, path, policy)
    model = CategoryModel(path=path, made_at=at, available=lesson.available, learnt=0, tested=0, hit_first=0,
                          hit_third=0, categories=0, confused=[], digest="", size=0, seconds=0)  # fmt: skip
    if len(lesson.codes) >= policy.suggest_from_requests and len(set(lesson.codes)) > 1:
        _fill(model, lesson)
    model.seconds = round(time.monotonic() - began)
    session.add(model)
    session.flush()
    return model


def read(session: Session, path: str, policy: Policy) -> Lesson:
    """Of categories in use that have enough of them."""
    settled = (
        inside(Ticket.path, path),
        Ticket.state.in_(sorted(SETTLED_STATES)),
        Ticket.category_id.is_not(None),
    )
    available = session.scalar(sa.select(sa.func.count()).select_from(Ticket).where(*settled)) or 0
    newest = (
        sa.select(Ticket.title, Ticket.text, Ticket.category_id)
        .where(*settled)
        .order_by(Ticket.submitted_at.desc(), Ticket.id.desc())
        .limit(MOST_REQUESTS)
    )
    codes: dict[int, str] = dict(session.execute(sa.select(Category.id, Category.code).where(Category.active)).all())
    rows = [
        (whole(title, text)[:500], codes[category_id])
        for title, text, category_id in session.execute(newest)
        if category_id in codes
    ]
    number = Counter(code for _, code in rows)
    rows = [row for row in rows if number[row[1]] >= policy.suggest_from_each]
    return Lesson([text for text, _ in rows], [code for _, code in rows], available)


def _fill(model: CategoryModel, lesson: Lesson) -> None:
    kept_back = len(lesson.texts) // UNSEEN
    arrays = fit(lesson.texts[kept_back:], lesson.codes[kept_back:])
    guessing = Guesser(arrays)
    unseen = list(zip(lesson.texts[:kept_back], lesson.codes[:kept_back], strict=True))
    arrays["temperature"] = _temperature(guessing, unseen)
    places = [(code, _three(guessing, text)) for text, code in unseen]
    wrong = Counter((code, three[0]) for code, three in places if three[0] != code)
    model.learnt, model.tested, model.categories = len(lesson.texts) - kept_back, kept_back, len(guessing.codes)
    model.hit_first = sum(three[0] == code for code, three in places)
    model.hit_third = sum(code in three for code, three in places)
    model.confused = [[code, taken_for, count] for (code, taken_for), count in wrong.most_common(CONFUSED)]
    model.digest, model.size = _store(arrays)


def fit(texts: list[str], codes: list[str]) -> "dict[str, Array]":
    """Arrays of a Guesser: a linear classifier on weighted character n-grams."""
    import numpy as np
    from sklearn.linear_model import SGDClassifier

    counted, kept, weights = _table(texts)
    names = sorted(set(codes))
    if len(names) < 2:
        raise ValueError("nothing to tell apart")
    passes = max(2, min(PASSES, MOST_STEPS // len(names)))
    classifier = SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=passes, tol=None, random_state=0)
    classifier.fit(counted, codes)
    slopes, starts = classifier.coef_, classifier.intercept_
    if len(names) == 2:
        slopes, starts = np.vstack([-slopes, slopes]), np.concatenate([-starts, starts])
    return {
        "buckets": kept,
        "weights": weights,
        "coefficients": slopes.T.astype(np.float16),
        "intercepts": starts.astype(np.float32),
        "codes": np.array(names),
        "temperature": np.array([1.0], dtype=np.float32),
    }


def _table(texts: list[str]) -> "tuple[csr_matrix, Array, Array]":
    """A row a text, the buckets that stand for a column each, and how much each counts. Each text is gone through
    twice, which keeps less in memory than the buckets of all of them."""
    import numpy as np
    from scipy.sparse import csr_matrix

    of = np.zeros(2**BITS, dtype=np.int32)
    for text in texts:
        of[buckets_of(text)[0]] += 1
    frequent = np.argsort(-of, kind="stable")[:MOST_BUCKETS]
    kept = np.sort(frequent[of[frequent] >= min(LEAST_TEXTS, len(texts))])
    weights = (np.log((1 + len(texts)) / (1 + of[kept])) + 1).astype(np.float32)
    rows = [weighed(text, kept, weights) for text in texts]
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)], dtype=np.int32)
    columns = np.concatenate([columns for columns, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, columns, ends), shape=(len(texts), len(kept))), kept, weights


def _three(guessing: Guesser, text: str) -> list[str]:
    return [code for code, _ in guessing.guesses(text)][:OFFERED]


def _temperature(guessing: Guesser, unseen: list[tuple[str, str]]) -> "Array":
    """With which the likelihoods come nearest to how often the guesses are right."""
    import numpy as np

    numbers = {code: number for number, code in enumerate(guessing.codes)}
    known = [(text, numbers[code]) for text, code in unseen if code in numbers][:5_000]
    if not known:
        return np.array([1.0], dtype=np.float32)
    scored = np.array([guessing.scores(text) for text, _ in known])
    right = np.array([number for _, number in known])

    def surprise(temperature: float) -> float:
        cooled = scored / temperature
        top = cooled.max(axis=1)
        total = top + np.log(np.exp(cooled - top[:, None]).sum(axis=1))
        return float((total - cooled[np.arange(len(right)), right]).mean())

    best = min(TEMPERATURES, key=surprise)
    guessing.temperature = best
    return np.array([best], dtype=np.float32)


def _store(arrays: "dict[str, Array]") -> tuple[str, int]:
    """Digest and size of the file."""
    import numpy as np

    written = io.BytesIO()
    np.savez_compressed(written, allow_pickle=False, **arrays)
    data = written.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    folder().mkdir(mode=0o700, exist_ok=True)
    beside = file_of(digest).with_suffix(".new")
    beside.write_bytes(data)
    os.replace(beside, file_of(digest))
    return digest, len(data)


def _forget_files(session: Session) -> None:
    """Of lessons that others have followed."""
    newest = sa.select(sa.func.max(CategoryModel.id)).group_by(CategoryModel.path)
    used = set(session.scalars(sa.select(CategoryModel.digest).where(CategoryModel.id.in_(newest))))
    for file in _files():
        if file.stem not in used:
            file.unlink(missing_ok=True)


def _files() -> Iterator[Any]:
    return folder().glob("*.npz") if folder().is_dir() else iter(())
