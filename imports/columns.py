"""One of our columns as a sheet may name it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from imports.headers import plain

Converter = Callable[[object], object]


@dataclass(frozen=True)
class Column:
    """`title` heads it in our own sheets; `synonyms` in order of preference."""

    name: str
    title: str
    convert: Converter
    synonyms: Sequence[str] = field(default=())
    required: bool = False
    longest: int | None = None
    clearable: bool = False
    secret: bool = False
    """Shown masked even where it is wrong."""
    words: Sequence[str] = ()
    """The words it takes, where it takes no others: a template offers them."""

    @cached_property
    def labels(self) -> list[str]:
        return [plain(label) for label in (self.title, self.name, *self.synonyms)]


def known_labels(columns: Sequence[Column]) -> frozenset[str]:
    return frozenset(label for column in columns for label in column.labels)
