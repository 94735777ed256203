"""`make bench`: measures a district of the seeds' size and writes docs/performance.md."""

import os
import sys
import time
from pathlib import Path

import click

from tests.bench import background, changes, exports, imports, load, pages, peers, signing
from tests.bench.data import ROOT, working_copy
from tests.bench.figures import Row, Table
from tests.bench.ground import Ground
from tests.bench.machine import description
from tests.bench.report import put, title
from tests.bench.timing import NoAnswer

MEASURES = {
    "pages": pages.measure,
    "signing": signing.measure,
    "peers": peers.measure,
    "exports": exports.measure,
    "changes": changes.measure,
    "background": background.measure,
    "load": load.measure,
    "imports": imports.measure,
    "ledger": imports.measure_ledger,
}
"""Those that only read come first."""
NOT_FOR_A_CITY = {"peers"}
"""Lists of 100,000 units to choose from keep them busy for minutes a page."""
WHEN_ASKED = {"ledger"}
"""Half an hour by itself."""
REPORT = ROOT / "docs" / "performance.md"


@click.command
@click.option("--only", type=click.Choice(list(MEASURES)), multiple=True)
@click.option("--size", type=click.Choice(["town", "district", "city"]), default="district", show_default=True)
@click.option(
    "--data", type=click.Path(exists=True, path_type=Path), help="Measure a copy of this data folder (SQLite)."
)
@click.option(
    "--report", type=click.Path(path_type=Path), default=REPORT, help="The document to write the tables into."
)
def bench(only: tuple[str, ...], size: str, data: Path | None, report: Path) -> None:
    """Measure, print, and put the tables into the report. A missed target is shown, never hidden."""
    url = None if data else os.environ.get("MINQING_DATABASE_URL")
    with working_copy(size, url, data) as settings, Ground(settings) as ground:
        tables: list[Table] = []
        left_out = WHEN_ASKED | (NOT_FOR_A_CITY if size == "city" else set())
        for name in only or [name for name in MEASURES if name not in left_out]:
            start = time.perf_counter()
            made = measured(name, ground)
            click.echo(f"\n{name}: {time.perf_counter() - start:.0f} s")
            for table in made:
                click.echo("\n".join(["", table.name, *table.lines()]))
            tables += made
            put(report, title(size, ground.engine.dialect.name), description(ground.engine), tables)
    sys.exit(tell_misses(tables))


def measured(name: str, ground: Ground) -> list[Table]:
    try:
        return MEASURES[name](ground)
    except NoAnswer as problem:
        return [Table(name.capitalize(), [""], [Row("everything", [], str(problem))])]


def tell_misses(tables: list[Table]) -> int:
    """1 if anything could not be measured at all."""
    missed = [(table.name, row) for table in tables for row in table.misses]
    click.echo(f"\n{len(missed)} of {sum(len(table.rows) for table in tables)} rows miss their target")
    for name, row in missed:
        click.echo(
            f"  {name}: {row.name}: {row.refused or ', '.join(f'{f} ({f.target})' for f in row.held if not f.met)}"
        )
    return int(any(row.refused for _name, row in missed))


if __name__ == "__main__":
    bench()
