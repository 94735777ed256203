"""A file as it is read for an import: each sheet under a name, with what was corrected since."""

from collections.abc import Iterator
from contextlib import contextmanager

from imports.amendments import NONE, Amendments
from imports.choices import Choices
from imports.reading import Started, Workbook, read


@contextmanager
def opened(
    data: bytes,
    name: str,
    choices: Choices,
    amendments: Amendments = NONE,
    started: Started = lambda child: None,
) -> Iterator[Workbook]:
    with read(data, choices.encoding, started) as workbook:
        del data
        for sheet in workbook.sheets:
            sheet.name = sheet.name.replace("\0", "") or name
        amendments.lay_over(workbook)
        yield workbook
