"""What an office sees: the sheet opened, recomputed and printed by LibreOffice."""

import csv
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest

from exports.evaluation import write
from models.acting import Actor
from rules.periods import parse_month
from tests.cases import make_leg, make_rating, make_ticket
from tests.stage import at

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed"),
]
FIRST_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1"


@pytest.fixture
def workbook(session, district, tmp_path):
    """Uneven counts, so that rates and scores have to be rounded."""
    units = [district.village, district.twin, district.far_village, district.department, district.station]
    for place, unit in enumerate(units):
        for number in range(7 + 3 * place):
            day = at("2026-10-08 09:00")
            ticket = make_ticket(session, unit, day, accepted_at=day, settled_at=day, lead_unit_id=unit.id)
            signed_at = at("2026-10-08 17:01") if number <= place else day
            make_leg(
                session,
                ticket,
                unit,
                sign_due_at=at("2026-10-08 17:00"),
                signed_at=signed_at,
                settle_due_at=at("2026-10-12 00:00"),
                settled_at=at("2026-10-13 00:00") if number == 0 else day,
            )
            if number % 3:
                make_rating(session, ticket, unit, 3 + number % 3, at("2026-10-09 09:00"))
    out = tmp_path / "sheet.xlsx"
    write(session, parse_month("2026-10"), district.root, at("2026-11-20 12:00"), out, Actor(None, "王建国"))
    return out


def number(shown: str) -> float:
    return round(float(shown[:-1]) / 100, 4) if shown.endswith("%") else float(shown)


def without_results(book: Path) -> Path:
    """The same workbook, of whose formulas nobody knows yet what they come to."""
    bare = book.with_name("bare.xlsx")
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(bare, "w") as out:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", part)
            out.writestr(name, part)
    return bare


def test_formulas_recompute_to_the_stored_figures(workbook, libreoffice):
    bare = without_results(workbook)
    folder = libreoffice.folder(bare.read_bytes(), FIRST_SHEET)
    assert openpyxl.load_workbook(bare, data_only=True)["单位考核表"]["E6"].value is None
    stored = list(openpyxl.load_workbook(workbook, data_only=True)["单位考核表"].iter_rows(values_only=True))
    recomputed = list(csv.reader((folder / "given.csv").read_text(encoding="utf-8").splitlines()))
    table = [(row, again) for row, again in zip(stored, recomputed, strict=False) if isinstance(row[2], int)]
    assert len(table) == 11
    for row, again in table:
        assert [number(cell) for cell in again[2:23] if cell] == [cell for cell in row[2:23] if cell is not None]


def test_it_prints_on_a4_across_with_its_head_on_every_page(workbook, libreoffice):
    pdf = libreoffice.folder(workbook.read_bytes(), "pdf") / "given.pdf"
    told = subprocess.run(["pdfinfo", str(pdf)], check=True, capture_output=True, text=True).stdout
    assert re.search(r"Page size: +841\.\d+ x 595\.\d+ pts \(A4\)", told)
    assert re.search(r"Pages: +2\n", told)
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    assert "清溪区2026年10月民情工单办理单位考核表" in text.replace(" ", "")
    assert "第1页，共2页" in text.replace(" ", "")
