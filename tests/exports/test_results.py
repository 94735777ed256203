import io
import zipfile
from decimal import Decimal

from openpyxl import Workbook, load_workbook

from exports.results import Results


def test_numbers_words_and_nothing_stand_beside_their_formulas():
    book, results = Workbook(), Results()
    sheet = book.worksheets[0]
    results.put(sheet, "A1", '="<"&"空"', "<空")
    results.put(sheet, "A2", "=ROUND(2/3,4)", Decimal("0.6667"))
    results.put(sheet, "A3", '=IF(A2>1,1,"")', None)
    data = io.BytesIO(results.saved(book))
    assert [cell.value for cell in load_workbook(data, data_only=True).worksheets[0]["A"]] == ["<空", 0.6667, None]
    assert [cell.value for cell in load_workbook(data).worksheets[0]["A"]] == [
        '="<"&"空"',
        "=ROUND(2/3,4)",
        '=IF(A2>1,1,"")',
    ]
    xml = zipfile.ZipFile(data).read("xl/worksheets/sheet1.xml").decode()
    assert '<c r="A3" t="str">' in xml
