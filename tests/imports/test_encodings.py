import pytest

from imports.encodings import UnreadableText, decode, offers
from imports.reading import read
from rules.refusals import Refusal

TEXT = "工号,姓名,单位\nA1,王小明,石桥村\n"
KNOWN = ("工号", "姓名", "单位")


def known(line):
    return sum(word in line for word in KNOWN)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_a_text_is_read_without_being_asked_for(encoding):
    assert decode(TEXT.encode(encoding)) == TEXT
    with read(TEXT.encode(encoding)) as book:
        assert next(cells for _, cells in book.sheets[0].rows()) == ["工号", "姓名", "单位"]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode().decode("gb18030", "replace").encode(), "utf-8 as gb18030"),
        (TEXT.encode().decode("latin-1").encode(), "utf-8 as latin-1"),
        (TEXT.encode("gb18030").decode("latin-1").encode(), "gb18030 as latin-1"),
        (TEXT.encode() + b"\xe7\x9f", "utf-8"),
        ("工號,姓名,單位\n".encode("big5"), "big5"),
    ],
)
def test_the_encoding_under_which_the_headings_read_well_is_offered_first(data, encoding):
    first = offers(data, "", known)[0]
    assert (first[0], first[1][:5]) == (encoding, "工號,姓名" if encoding == "big5" else "工号,姓名")
    assert decode(data, encoding).startswith(first[1])


def test_a_line_that_reads_the_same_is_not_offered():
    assert offers(b"code,name\n1,2\n", "", known) == []
    assert "utf-8" not in [code for code, _ in offers(TEXT.encode(), "", known)]


def test_an_encoding_nobody_knows_is_refused():
    with pytest.raises(Refusal, match="klingon"):
        decode(b"a,b", "klingon")


def test_letters_that_are_none_anywhere_are_unreadable():
    with pytest.raises(UnreadableText):
        decode(b"\xff\xff\xff,\x81\n")
