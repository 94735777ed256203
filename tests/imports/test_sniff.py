import pytest

from imports.sniff import FileKind, sniff
from rules.refusals import Refusal
from tests.imports.books import compound, of_version, with_part, xlsx

PAGE = "<html><head><meta charset=gb2312></head><table><tr><td>姓名</td></tr></table></html>"
SHEET_2003 = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (xlsx([["姓名"]]), FileKind.XLSX),
        (compound("Root Entry", "Workbook"), FileKind.XLS),
        (compound("Root Entry", "Book"), FileKind.XLS),
        ("姓名,手机\n".encode("gb18030"), FileKind.CSV),
        ("姓名\t手机\n".encode("utf-16"), FileKind.CSV),
        (PAGE.encode("gb18030"), FileKind.HTML),
        (SHEET_2003.encode(), FileKind.XML2003),
        (SHEET_2003.encode("utf-16"), FileKind.XML2003),
        (SHEET_2003.encode("utf-16-be"), FileKind.XML2003),
        (PAGE.encode("utf-16"), FileKind.HTML),
    ],
)
def test_the_kind_is_told_by_the_bytes(data, kind):
    assert sniff(data) is kind


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_part(xlsx([["a"]]), "xl/vbaProject.bin", b"x"), "macros"),
        (compound("Workbook", "_VBA_PROJECT_CUR"), "macros"),
        (compound("EncryptionInfo", "EncryptedPackage"), "password"),
        (xlsx([["a"]])[:300], "damaged"),
        (of_version(99, xlsx([["a"]])), "damaged"),
        (with_part(xlsx([["a"]]), "表", b"x").replace("表".encode(), b"\xe8xx"), "damaged"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a pdf file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "a png file"),
        (b"\x01\x02\0\x03\0", "not a spreadsheet"),
        (b"", "empty"),
        (b"\r\n  \n", "empty"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data, words):
    with pytest.raises(Refusal, match=words):
        sniff(data)
