"""Files people hand in: looked at before they are believed, pictures drawn afresh, kept under a random name."""

import hashlib
import os
import re
import secrets
import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import filetype
from flask import current_app
from PIL import Image, UnidentifiedImageError
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, SessionTransaction

from models.acting import Actor
from models.attachments import Attachment
from models.legs import Leg
from models.tickets import Ticket
from rules.refusals import N_, Refusal

MOST_BYTES = 20 * 2**20  # office default
MOST_FILES = 9  # office default
LONGEST_SIDE = 2560  # office default
MOST_PIXELS = 50_000_000
"""Of a picture as it would be decoded: 200 MB of memory."""

PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
DOCUMENTS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "word/document.xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xl/workbook.xml",
}
PDF = "application/pdf"
SUFFIXES = dict(zip([*PICTURES, PDF, *DOCUMENTS], (".jpg", ".png", ".webp", ".pdf", ".docx", ".xlsx"), strict=True))
ACCEPTED = ",".join([*SUFFIXES.values(), ".jpeg"])
"""For the `accept` of a file field. Telephones turn HEIC into JPEG when it is not among these."""
SHOWN_INLINE = frozenset({*PICTURES, PDF})
NO_PICTURE = (
    *(UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError),
    *(ValueError, TypeError, struct.error),
)
"""What reading a picture may raise; the second row comes from camera data that is broken."""
ORIENTATION = 0x0112
TURNS: dict[Any, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
FRESH = "minqing.fresh_files"


@dataclass(frozen=True)
class Upload:
    """As it came: the name is the sender's word, the type is not asked."""

    name: str
    data: bytes


def keep(
    session: Session, ticket: Ticket, upload: Upload, by: Actor, at: datetime, leg: Leg | None = None
) -> Attachment:
    """The bytes are on disk before the row is written and go with it if the transaction fails."""
    if len(ticket.attachments) >= MOST_FILES * (1 + len(ticket.legs)):
        raise Refusal(N_("No more than %(count)s files can be attached"), count=MOST_FILES)
    media_type = examine(upload)
    data = redrawn(upload, PICTURES[media_type]) if media_type in PICTURES else upload.data
    attachment = Attachment(
        name=clean_name(upload.name, media_type),
        key=secrets.token_hex(24),
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        at=at,
        person_id=by.person_id,
        by_name=by.name,
        leg=leg,
    )
    session.info.setdefault(FRESH, []).append((attachment, write(attachment.key, data)))
    ticket.attachments.append(attachment)
    return attachment


def examine(upload: Upload) -> str:
    """The media type by content. Raises Refusal for what is empty, too large or not on the list."""
    if not upload.data:
        raise Refusal(N_("“%(name)s” is empty"), name=upload.name)
    if len(upload.data) > MOST_BYTES:
        raise Refusal(N_("“%(name)s” is larger than %(limit)s MB"), name=upload.name, limit=MOST_BYTES >> 20)
    if upload.data.startswith(b"PK\x03\x04"):
        return office_type(upload)
    found = filetype.guess_mime(upload.data)
    if found in PICTURES or found == PDF:
        return str(found)
    raise unwelcome(upload)


def unwelcome(upload: Upload) -> Refusal:
    return Refusal(N_("“%(name)s” is not a picture (JPEG, PNG, WebP), PDF, Word or Excel file"), name=upload.name)


def office_type(upload: Upload) -> str:
    """Word or Excel by their main part; a file with macros is neither."""
    try:
        parts = set(zipfile.ZipFile(BytesIO(upload.data)).namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise unwelcome(upload) from None
    kind = next((media_type for media_type, part in DOCUMENTS.items() if part in parts), None)
    if kind is None or any(part.lower().endswith("vbaproject.bin") for part in parts):
        raise unwelcome(upload)
    return kind


def redrawn(upload: Upload, form: str) -> bytes:
    """Decoded and encoded again: upright, at most LONGEST_SIDE, without place, camera or anything hidden behind it."""
    drawn = BytesIO()
    try:
        with Image.open(BytesIO(upload.data), formats=[form]) as picture:
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            if picture.width * picture.height > MOST_PIXELS:
                raise Refusal(N_("“%(name)s” has too many pixels"), name=upload.name)
            upright = turned(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            plain = upright.convert("RGB" if form == "JPEG" else "RGBA" if has_alpha(upright) else "RGB")
            plain.info.clear()
            plain.save(drawn, form, quality=85)
    except NO_PICTURE:
        raise Refusal(N_("“%(name)s” cannot be opened as a picture"), name=upload.name) from None
    return drawn.getvalue()


def turned(picture: Image.Image) -> Image.Image:
    """Upright. The rest of the camera data is not asked: it may be any nonsense."""
    turn = TURNS.get(picture.getexif().get(ORIENTATION))
    return picture.copy() if turn is None else picture.transpose(turn)


def has_alpha(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


UNPRINTABLE = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069"*:<>?|]')


def clean_name(name: str, media_type: str) -> str:
    """The sender's own words, Chinese included, with the suffix of what the file really is."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem = UNPRINTABLE.sub("", last).rpartition(".")[0] or UNPRINTABLE.sub("", last)
    suffix = SUFFIXES[media_type]
    return (stem.strip(" .")[:180] or "file") + suffix


def write(key: str, data: bytes) -> Path:
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path


def path_of(key: str) -> Path:
    root: Path = current_app.extensions["minqing.settings"].files_dir
    return root / key[:2] / key


def guard_files(session: Any) -> None:
    event.listen(session, "after_transaction_end", _drop_orphans)


def _drop_orphans(session: Session, transaction: SessionTransaction) -> None:
    """A file whose row was not saved has no owner."""
    if transaction.parent is None:
        for attachment, path in session.info.pop(FRESH, []):
            if not inspect(attachment).persistent:
                path.unlink(missing_ok=True)
