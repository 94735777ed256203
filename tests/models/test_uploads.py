import struct
import zipfile
from io import BytesIO

import pytest
import sqlalchemy as sa
from PIL import Image

from models.acting import RESIDENT
from models.attachments import Attachment
from models.policies import load_policy, set_policy
from models.uploads import Upload, examine, keep, path_of, prepared
from rules.policy import Policy
from rules.refusals import Refusal
from tests.imports.books import of_version
from tests.way import EVIDENCE, MORNING, PDF

GPS = 0x8825
ORIENTATION = 0x0112


def picture(form: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **save) -> bytes:
    out = BytesIO()
    Image.new(mode, size, "red").save(out, form, **save)
    return out.getvalue()


def archive(*parts: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for part in parts:
            file.writestr(part, "<x/>")
    return out.getvalue()


def kept(way, name: str, data: bytes) -> Attachment:
    (file,) = prepared([Upload(name, data)], Policy())
    attachment = keep(way.session, way.submitted(), file, RESIDENT, MORNING)
    way.session.flush()
    return attachment


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (PDF, "application/pdf"),
        (archive("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (archive("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_the_type_is_what_the_bytes_say_whatever_the_name(data, media_type):
    assert examine(Upload("照片.exe", data), 20) == media_type


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"MZ\x90\x00" + b"\0" * 80,
        picture("GIF"),
        archive("a.txt"),
        archive("word/document.xml", *map(str, range(2_000))),
        archive("word/document.xml", "word/vbaProject.bin"),
        b"PK\x03\x04 not an archive",
        of_version(99, archive("word/document.xml")),
        "只是文字".encode(),
    ],
)
def test_what_is_not_on_the_list_is_refused_by_name(data):
    with pytest.raises(Refusal, match=r"“照片\.jpg” is not a picture"):
        examine(Upload("照片.jpg", data), 20)


def test_an_empty_file_and_one_that_is_too_large_are_refused():
    with pytest.raises(Refusal, match=r"“空\.pdf” is empty"):
        examine(Upload("空.pdf", b""), 20)
    with pytest.raises(Refusal, match="larger than 20 MB"):
        examine(Upload("大.pdf", PDF + b"\0" * 20 * 2**20), 20)


def test_a_picture_that_only_begins_like_one_is_refused(way):
    with pytest.raises(Refusal, match=r"“坏\.jpg” cannot be opened"):
        kept(way, "坏.jpg", picture("JPEG")[:200])


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(way):
    with pytest.raises(Refusal, match="too many pixels"):
        kept(way, "大.png", picture("PNG", (7200, 7200), mode="1"))


def test_pictures_lose_place_and_camera_and_stand_upright(way):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    data = picture("JPEG", (40, 30), exif=exif, comment=b"hidden")
    attachment = kept(way, "家门口.jpg", data)
    with Image.open(path_of(attachment.key)) as drawn:
        assert drawn.size == (30, 40)
        assert dict(drawn.getexif()) == {}
        assert "comment" not in drawn.info


def test_a_picture_whose_camera_data_is_nonsense_is_taken_all_the_same(way):
    turned, nonsense = struct.pack("<HHIHH", ORIENTATION, 3, 1, 6, 0), struct.pack("<HHII", 271, 11, 1, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + turned + nonsense + bytes(8)
    attachment = kept(way, "家门口.jpg", picture("JPEG", (40, 30), exif=exif))
    with Image.open(path_of(attachment.key)) as drawn:
        assert drawn.size == (30, 40)


def test_large_pictures_are_scaled_down_and_keep_their_shape(way):
    attachment = kept(way, "大.jpg", picture("JPEG", (5120, 2560)))
    with Image.open(path_of(attachment.key)) as drawn:
        assert drawn.size == (2560, 1280)


def test_a_see_through_picture_stays_see_through(way):
    with Image.open(path_of(kept(way, "章.png", picture("PNG", mode="RGBA")).key)) as drawn:
        assert drawn.mode == "RGBA"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("村口 路灯（一）.pdf", "村口 路灯（一）.pdf"),
        ("..\\..\\windows\\路灯.PDF", "路灯.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("gpj.‮发票.exe", "gpj.发票.pdf"),
        ('a"b\r\n.pdf', "ab.pdf"),
        (".pdf", "pdf.pdf"),
        ("", "file.pdf"),
        ("长" * 300 + ".pdf", "长" * 180 + ".pdf"),
    ],
)
def test_names_keep_their_chinese_and_lose_what_could_mislead(way, given, name):
    assert kept(way, given, PDF).name == name


def test_the_row_says_what_lies_on_the_disk(way):
    attachment = kept(way, "说明.pdf", PDF)
    assert path_of(attachment.key).read_bytes() == PDF
    assert attachment.size == 48
    assert attachment.sha256 == "a8ea9f63d81e0927b1935af65c5c4ae12be654d6d1d57907772491a65a562aa5"
    assert len(attachment.key) == 48


def test_a_file_goes_when_its_transaction_is_rolled_back(way):
    path = path_of(kept(way, "说明.pdf", PDF).key)
    way.session.rollback()
    assert not path.exists()


def test_a_file_goes_when_the_transaction_is_simply_dropped(way):
    path = path_of(kept(way, "说明.pdf", PDF).key)
    way.session.remove()
    assert not path.exists()


def test_a_file_goes_with_the_savepoint_it_was_kept_in_and_others_stay(way):
    stays = path_of(kept(way, "甲.pdf", PDF).key)
    inner = way.session.begin_nested()
    goes = path_of(kept(way, "乙.pdf", PDF).key)
    inner.rollback()
    way.session.commit()
    assert (stays.exists(), goes.exists()) == (True, False)


def test_a_file_stays_with_its_committed_row(way):
    attachment = kept(way, "说明.pdf", PDF)
    way.session.commit()
    way.session.rollback()
    assert path_of(attachment.key).exists()
    assert way.session.scalar(sa.select(sa.func.count(Attachment.id))) == 1


def test_a_request_takes_nine_files_and_no_tenth(way):
    ticket = way.submitted()
    for _ in range(9):
        keep(way.session, ticket, EVIDENCE, RESIDENT, MORNING)
    with pytest.raises(Refusal, match="No more than 9 files"):
        keep(way.session, ticket, EVIDENCE, RESIDENT, MORNING)


def test_of_ten_files_sent_together_none_is_looked_at():
    with pytest.raises(Refusal, match="No more than 9 files"):
        prepared([Upload("空.pdf", b"")] * 10, Policy())


def test_how_many_files_and_how_large_is_for_the_office_to_say(way):
    for key, value in (("upload_files", "1"), ("upload_megabytes", "2")):
        set_policy(way.session, key, value, way.dispatcher, MORNING)
    policy, ticket = load_policy(way.session), way.submitted()
    with pytest.raises(Refusal, match="larger than 2 MB"):
        prepared([Upload("大.pdf", PDF + b"\0" * 2 * 2**20)], policy)
    keep(way.session, ticket, EVIDENCE, RESIDENT, MORNING)
    with pytest.raises(Refusal, match="No more than 1 files"):
        keep(way.session, ticket, EVIDENCE, RESIDENT, MORNING)
