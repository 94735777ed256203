"""Files people hand in: looked at before they are believed, pictures drawn afresh, kept under a random name."""

import hashlib
import os
import re
import secrets
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import filetype
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, SessionTransaction

from models import pictures
from models.acting import Actor
from models.attachments import Attachment
from models.legs import Leg
from models.policies import load_policy
from models.tickets import Ticket
from rules.policy import Policy
from rules.refusals import N_, Refusal
from settings import installed

MOST_PARTS, PART_LISTED = 2_000, b"PK\x01\x02"
PATIENCE = 20
"""Seconds to wait for the pictures of others."""
ONE_AT_A_TIME = Lock()

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
FRESH = "minqing.fresh_files"


@dataclass(frozen=True)
class Upload:
    """As it came: the name is the sender's word, the type is not asked."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Prepared:
    """As it will be kept."""

    name: str
    media_type: str
    data: bytes


def prepared(uploads: Sequence[Upload], policy: Policy) -> list[Prepared]:
    """Takes seconds where there are pictures: to be done before anything is written to the database, for others wait
    to write to it. Raises Refusal."""
    if len(uploads) > policy.upload_files:
        raise too_many_files(policy.upload_files)
    examined = [(upload, examine(upload, policy.upload_megabytes)) for upload in uploads]
    return [
        Prepared(
            clean_name(upload.name, media_type),
            media_type,
            redrawn(upload, PICTURES[media_type]) if media_type in PICTURES else upload.data,
        )
        for upload, media_type in examined
    ]


def too_many_files(most: int) -> Refusal:
    return Refusal(N_("No more than %(count)s files can be attached"), count=most)


def keep(
    session: Session, ticket: Ticket, file: Prepared, by: Actor, at: datetime, leg: Leg | None = None
) -> Attachment:
    """The bytes are on disk before the row is written and go with it if the transaction fails."""
    most = load_policy(session).upload_files
    if len(ticket.attachments) >= most * (1 + len(ticket.legs)):
        raise too_many_files(most)
    attachment = Attachment(
        name=file.name,
        key=secrets.token_hex(24),
        media_type=file.media_type,
        size=len(file.data),
        sha256=hashlib.sha256(file.data).hexdigest(),
        at=at,
        person_id=by.person_id,
        by_name=by.name,
        leg=leg,
    )
    session.info.setdefault(FRESH, []).append((attachment, write(attachment.key, file.data)))
    ticket.attachments.append(attachment)
    return attachment


def examine(upload: Upload, megabytes: int) -> str:
    """The media type by content. Raises Refusal for what is empty, too large or not on the list."""
    if not upload.data:
        raise Refusal(N_("“%(name)s” is empty"), name=upload.name)
    if len(upload.data) > megabytes << 20:
        raise Refusal(N_("“%(name)s” is larger than %(limit)s MB"), name=upload.name, limit=megabytes)
    if upload.data.startswith(b"PK\x03\x04"):
        return office_type(upload)
    found = filetype.guess_mime(upload.data)
    if found in PICTURES or found == PDF:
        return str(found)
    raise unwelcome(upload)


def unwelcome(upload: Upload) -> Refusal:
    return Refusal(N_("“%(name)s” is not a picture (JPEG, PNG, WebP), PDF, Word or Excel file"), name=upload.name)


def office_type(upload: Upload) -> str:
    """Word or Excel by their main part; a file with macros is neither, nor one whose list of parts is a bomb."""
    if upload.data.count(PART_LISTED) > MOST_PARTS:
        raise unwelcome(upload)
    try:
        parts = set(zipfile.ZipFile(BytesIO(upload.data)).namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise unwelcome(upload) from None
    kind = next((media_type for media_type, part in DOCUMENTS.items() if part in parts), None)
    if kind is None or any(part.lower().endswith("vbaproject.bin") for part in parts):
        raise unwelcome(upload)
    return kind


def redrawn(upload: Upload, form: str) -> bytes:
    if not ONE_AT_A_TIME.acquire(timeout=PATIENCE):
        raise Refusal(N_("Many pictures are arriving at this moment. Please try again in a minute"))
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", pictures.__file__, form],
            input=upload.data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            env={},
        )
    finally:
        ONE_AT_A_TIME.release()
    if done.returncode == pictures.TOO_LARGE:
        raise Refusal(N_("“%(name)s” has too many pixels"), name=upload.name)
    if done.returncode:
        raise Refusal(N_("“%(name)s” cannot be opened as a picture"), name=upload.name)
    return done.stdout


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
    return installed().files_dir / key[:2] / key


def guard_files(session: Any) -> None:
    event.listen(session, "after_transaction_end", _drop_orphans)


def _drop_orphans(session: Session, transaction: SessionTransaction) -> None:
    """A file whose row was not saved has no owner."""
    if transaction.parent is None:
        for attachment, path in session.info.pop(FRESH, []):
            if not inspect(attachment).persistent:
                path.unlink(missing_ok=True)
