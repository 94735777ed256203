"""Pictures as an attacker makes them: small to send, large to open."""

import signal
import struct
from io import BytesIO

import pytest
from PIL import Image

from models import pictures, uploads
from models.uploads import Upload, redrawn
from rules.refusals import Refusal
from tests.models.test_uploads import picture

TOO_MANY_PIXELS = "“图” has too many pixels"


def drawn(data: bytes, form: str) -> Image.Image:
    return Image.open(BytesIO(redrawn(Upload("图", data), form)))


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def empty_scans(count: int) -> bytes:
    """A grey progressive JPEG of 8 × 8 pixels: one scan that says all, and `count` that add nothing."""
    tables = segment(0xDB, bytes([0]) + bytes([1] * 64))
    frame = segment(0xC2, struct.pack(">BHHB", 8, 8, 8, 1) + bytes([1, 0x11, 0]))
    codes = b"".join(segment(0xC4, bytes([table, 1, *[0] * 15, 0])) for table in (0x00, 0x10))
    first = segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + b"\x7f"
    more = segment(0xDA, bytes([1, 1, 0, 1, 63, 0])) + b"\x7f"
    return b"\xff\xd8" + tables + frame + codes + first + more * count + b"\xff\xd9"


def test_a_photograph_of_a_telephone_with_fifty_million_pixels_is_taken():
    assert drawn(picture("JPEG", (8160, 6120)), "JPEG").size == (2560, 1920)


def test_a_long_picture_of_a_screen_is_taken():
    assert drawn(picture("PNG", (1080, 20_000)), "PNG").size == (138, 2560)


@pytest.mark.parametrize(
    ("form", "size", "options"),
    [
        ("JPEG", (12_000, 9_200), {"mode": "L"}),
        ("JPEG", (4_900, 4_900), {"mode": "L", "progressive": True}),
        ("PNG", (4_900, 4_900), {"mode": "1"}),
        ("WEBP", (3_010, 3_000), {}),
    ],
)
def test_what_would_take_too_much_memory_is_refused_by_its_size(form, size, options):
    with pytest.raises(Refusal, match=TOO_MANY_PIXELS):
        redrawn(Upload("图", picture(form, size, **options)), form)


def test_what_takes_more_memory_than_its_size_says_is_refused_by_the_limit():
    with pytest.raises(Refusal, match=TOO_MANY_PIXELS):
        redrawn(Upload("图", picture("PNG", (4_800, 5_000), mode="RGBA")), "PNG")


def test_a_picture_of_more_scans_than_any_program_writes_is_refused():
    assert drawn(empty_scans(99), "JPEG").size == (8, 8)
    with pytest.raises(Refusal, match="“图” cannot be opened"):
        redrawn(Upload("图", empty_scans(100)), "JPEG")


def test_a_film_behind_the_picture_counts_for_nothing():
    assert drawn(picture("JPEG") + b"\xff\xda" * 200, "JPEG").size == (40, 30)


def test_a_picture_that_takes_too_long_is_refused(tmp_path, monkeypatch):
    stopped = tmp_path / "stopped.py"
    stopped.write_text(f"import os; os.kill(os.getpid(), {int(signal.SIGXCPU)})", encoding="ascii")
    monkeypatch.setattr(pictures, "__file__", str(stopped))
    with pytest.raises(Refusal, match="“图” cannot be opened"):
        redrawn(Upload("图", picture("JPEG")), "JPEG")


def test_pictures_are_drawn_one_at_a_time_and_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(uploads, "PATIENCE", 0.01)
    with uploads.ONE_AT_A_TIME, pytest.raises(Refusal, match="Many pictures are arriving"):
        redrawn(Upload("图", picture("JPEG")), "JPEG")
    assert drawn(picture("JPEG"), "JPEG").size == (40, 30)
