"""django-import-export on the same roster: its own process, its own dry run, as it comes and tuned.

`python -m tests.bench.peer_imports as_it_comes|tuned` reads an order and prints seconds of the processor.
"""

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy.engine import make_url

from tests.bench.data import ROOT
from tests.bench.figures import Figure, Row
from tests.bench.ground import Ground
from tests.bench.peer_django import configure

SAMPLE = 1_920
"""Rows of the roster that it is given: all of them take it minutes."""
FIELDS = (
    *("staff_no", "name", "unit", "post", "category", "political_status", "joined_on", "branch", "liaison_unit"),
    "note",
)
NAMES = {"as_it_comes": "django-import-export", "tuned": "django-import-export, tuned"}


def peers(ground: Ground, file: Path, count: int, ours: Row) -> list[Row]:
    """Scaled up from the sample, as their names say."""
    return [peer(ground, file, count, how, ours) for how in NAMES]


def peer(ground: Ground, file: Path, count: int, how: str, ours: Row) -> Row:
    order = {
        "parts": make_url(ground.settings.database_url).translate_connect_args(),
        "file": str(file),
        "sample": SAMPLE,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.peer_imports", how],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        return Row(NAMES[how], [], done.stderr.strip().splitlines()[-1])
    told = json.loads(done.stdout)
    name = f"{NAMES[how]}: {told['rows']:,} of {count:,} rows, scaled up, no hashes, encryption or pinyin"
    scale = count / told["rows"]
    times = [Figure(told[each] * scale, "s", digits=1) for each in ("seconds", "cpu")]
    by = ground.measured_by
    own = ours.cells[("seconds", "cpu").index(by)]
    ratio = f"{told[by] * scale / own.value:.1f} × ours" if isinstance(own, Figure) else ""
    return Row(name, [*times, ratio, *[""] * 4])


def people(path: str, sample: int) -> Any:
    """The dataset of the first rows. Reading them is part of what is timed."""
    import openpyxl
    from tablib import Dataset

    sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).active
    rows = sheet.iter_rows(values_only=True)
    data = Dataset(headers=next(rows))
    for number, row in enumerate(rows):
        if number >= sample:
            break
        data.append(row)
    return data


def rostered() -> Any:
    """The columns of the roster that its model needs."""
    from django.db import models

    from tests.bench.peer_django_tables import Unit, Unmanaged

    class Rostered(Unmanaged):
        staff_no = models.CharField(max_length=32, null=True)
        name = models.CharField(max_length=60)
        gender = models.CharField(max_length=8, blank=True)
        unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
        path = models.CharField(max_length=160)
        post = models.CharField(max_length=120, blank=True)
        category = models.CharField(max_length=32, blank=True)
        political_status = models.CharField(max_length=32, blank=True)
        joined_on = models.DateField(null=True)
        branch = models.CharField(max_length=120, blank=True)
        liaison_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
        employment = models.CharField(max_length=12, default="active")
        note = models.TextField(blank=True)

        class Meta(Unmanaged.Meta):
            db_table, app_label, managed = "person", "district", False

    return Rostered


def lookup(*, tuned: bool) -> Any:
    """A unit by its name; tuned, each is asked for once."""
    from import_export.widgets import ForeignKeyWidget

    from tests.bench.peer_django_tables import Unit

    known: dict[str, Any] = {}

    class Named(ForeignKeyWidget):
        def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
            if not tuned:
                return super().clean(value, row, **kwargs)
            if value not in known:
                known[value] = super().clean(value, row, **kwargs)
            return known[value]

    return Named(Unit, "name")


def resource(*, tuned: bool) -> Any:
    from import_export.fields import Field
    from import_export.resources import ModelResource

    class Roster(ModelResource):
        staff_no = Field("staff_no", "工号")
        name = Field("name", "姓名")
        unit = Field("unit", "单位", widget=lookup(tuned=tuned))
        post = Field("post", "职务")
        category = Field("category", "人员类别")
        political_status = Field("political_status", "政治面貌")
        joined_on = Field("joined_on", "入党时间")
        branch = Field("branch", "党支部")
        liaison_unit = Field("liaison_unit", "联系村社", widget=lookup(tuned=tuned))
        note = Field("note", "备注")

        class Meta:
            model = rostered()
            import_id_fields = ("staff_no",)
            fields = FIELDS
            use_bulk = skip_diff = skip_html_diff = skip_unchanged = force_init_instance = tuned
            batch_size = 1_000

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            instance.path = instance.unit.path
            instance.staff_no = f"P{instance.staff_no}"
            for name in ("post", "note"):
                setattr(instance, name, getattr(instance, name) or "")

    return Roster()


def main() -> None:
    import django

    warnings.simplefilter("ignore")
    order, tuned = json.load(sys.stdin), sys.argv[1] == "tuned"
    with tempfile.TemporaryDirectory() as folder:
        configure(order, Path(folder))
        django.setup()
        roster = resource(tuned=tuned)
        start, used = perf_counter(), process_time()
        data = people(order["file"], order["sample"])
        for dry_run in (True, False):
            result = roster.import_data(data, dry_run=dry_run, raise_errors=True, using="district")
        found = {"seconds": perf_counter() - start, "cpu": process_time() - used}
        take_out(roster)
    json.dump(found | {"rows": result.total_rows}, sys.stdout)


def take_out(roster: Any) -> None:
    roster._meta.model.objects.filter(staff_no__startswith="PR").delete()


if __name__ == "__main__":
    main()
