"""Somebody who corrects the wrong rows of an import in Excel."""

import hashlib
import io
from dataclasses import dataclass, field

import openpyxl

from imports import committing, corrections, run
from imports.error_book import error_book
from models.acting import SYSTEM
from tests.imports.test_people import wang
from tests.stage import at

LATER = "2026-11-21 09:00"
WRONG = [
    wang(),
    wang(工号="A002", 姓名="李四", 身份证号码="", 手机号码="12"),
    wang(工号="A003", 姓名="赵五", 身份证号码="", 手机号码="", 所在单位="无此村", 入党时间="明年"),
]


@dataclass
class Desk:
    """Somebody with Excel beside the import: `download` and `upload`."""

    session: object
    load: object
    files: dict = field(default_factory=dict)

    def preview(self, kind, data, **options):
        self.order, counts = self.load.preview(kind, data, **options)
        self.files[self.load.batch.sha256] = data
        self.later = run.order_of(self.load.batch, SYSTEM, self.order.scope, at(LATER))
        return counts

    @property
    def batch(self):
        return self.load.batch

    def download(self, code=""):
        laid = corrections.amendments(self.batch, self.files.__getitem__)
        said = lambda message, values: message % values if values else message  # noqa: E731
        return openpyxl.load_workbook(
            io.BytesIO(
                error_book(self.session, self.batch, self.later, self.files[self.batch.sha256], laid, said, code)
            )
        )

    def upload(self, book):
        """An openpyxl workbook or bytes."""
        data = book if isinstance(book, bytes) else saved(book)
        sha256 = hashlib.sha256(data).hexdigest()
        self.files[sha256] = data
        names = [*corrections.files_of(self.batch), sha256]
        restaged = corrections.stage_again(self.session, self.batch, self.later, names, self.files.__getitem__)
        self.session.commit()
        corrections.replace(self.session, self.batch, self.later, restaged)
        self.session.commit()
        return self.batch.counts

    def commit(self, *, skip_errors=False):
        committing.commit(self.session, self.batch, self.later, skip_errors=skip_errors)
        self.session.commit()
        return self.batch.counts


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def headings(page):
    return [cell.value for cell in page[2]]


def set_cell(page, row, heading, value):
    page.cell(row, headings(page).index(heading) + 1).value = value


def corrected(book):
    page = book.worksheets[0]
    set_cell(page, 3, "手机号码", "13800138002")
    set_cell(page, 4, "所在单位", "沙口")
    set_cell(page, 4, "入党时间", "2003-07-01")
    return book
