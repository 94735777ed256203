"""Of which kind a file is that cannot be read as the one that was chosen."""

from collections.abc import Mapping, Sequence

from imports import headers, mapping
from imports.columns import Column, known_labels
from imports.reading import Sheet


def meant(sheets: Sequence[Sheet], kinds: Mapping[str, Sequence[Column]], chosen: str) -> str:
    """The kind that has all it needs in a sheet, and more of its columns than the chosen one; empty where there is
    none."""
    fits = {name: max((_fit(sheet, columns) for sheet in sheets), default=0) for name, columns in kinds.items()}
    best = max(fits, key=fits.__getitem__)
    own = max((_known(sheet, kinds[chosen]) for sheet in sheets), default=0)
    return best if fits[best] > own else ""


def _fit(sheet: Sheet, columns: Sequence[Column]) -> int:
    header = headers.find(sheet, known_labels(columns))
    found = mapping.match(header.headings, columns) if header else None
    return len(found.columns) if found and not found.missing(columns) else 0


def _known(sheet: Sheet, columns: Sequence[Column]) -> int:
    header = headers.find(sheet, known_labels(columns))
    return len(mapping.match(header.headings, columns).columns) if header else 0
