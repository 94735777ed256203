"""A few small pictures that stand for what handlers photograph, each kept once for every attachment that names it."""

import hashlib
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from imports.demo.cases import ATTACHMENT_COLUMNS
from imports.demo.places import Row
from models.uploads import path_of

DRAWN = 24
Picture = tuple[bytes, str]


def pictures(chance: Random) -> list[Picture]:
    return [picture(chance, "PNG" if number % 3 == 0 else "JPEG") for number in range(DRAWN)]


def picture(chance: Random, form: str) -> Picture:
    """A street, a wall, a few things before it."""
    drawn, kept = Image.new("RGB", (320, 240), colour(chance, 150, 235)), BytesIO()
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 150, 320, 240), fill=colour(chance, 90, 150))
    for _ in range(6):
        left, top = chance.randint(0, 280), chance.randint(60, 190)
        pen.rectangle(
            (left, top, left + chance.randint(12, 70), top + chance.randint(12, 60)), fill=colour(chance, 40, 220)
        )
    drawn.save(kept, form, quality=80)
    return kept.getvalue(), f"image/{form.lower()}"


def colour(chance: Random, low: int, high: int) -> tuple[int, int, int]:
    return chance.randint(low, high), chance.randint(low, high), chance.randint(low, high)


def described(drawn: list[Picture]) -> list[tuple[int, str, str]]:
    return [(len(data), hashlib.sha256(data).hexdigest(), kind) for data, kind in drawn]


def named(row: Row) -> tuple[str, str]:
    """Key and digest of an attachment's row."""
    return str(row[ATTACHMENT_COLUMNS.index("key")]), str(row[ATTACHMENT_COLUMNS.index("sha256")])


class Store:
    """Puts under each attachment's key the picture it describes; a run that is made again puts the same there."""

    def __init__(self, drawn: list[Picture]):
        self.by_digest = {hashlib.sha256(data).hexdigest(): data for data, _ in drawn}

    def keep(self, evidence: list[tuple[str, str]]) -> None:
        for key, digest in evidence:
            path = path_of(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.by_digest[digest])
