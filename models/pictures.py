"""Draws one picture afresh in a process of its own, so that a hostile one can take no more than this process.

`python -I models/pictures.py FORM` reads it from standard input and writes it upright, at most LONGEST_SIDE, without
place, camera or anything hidden behind it. The exit status says whether it was TOO_LARGE or UNREADABLE.
"""

import re
import resource
import struct
import sys
import warnings
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError

MEMORY = 200 * 2**20
CPU_SECONDS = 6
"""A photograph of 12 million pixels takes 0.3, one of 108 million 0.5, a PNG at the limit 2."""
LONGEST_SIDE = 2560  # office default
MOST_PIXELS = {"JPEG": 110_000_000, "PNG": 24_000_000, "WEBP": 9_000_000}
"""What MEMORY holds: JPEG is decoded at a fraction of its size, PNG at 4 bytes a pixel, WebP at 16."""
MOST_PROGRESSIVE = 24_000_000
"""Of a JPEG that comes in several scans, which is held whole at up to 6 bytes a pixel."""
MOST_SCANS = 100
MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])")
SCAN, END = b"\xda", b"\xd9"
TOO_LARGE, UNREADABLE = 3, 4
TOO_MUCH = (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError)
NO_PICTURE = (*(UnidentifiedImageError, OSError, SyntaxError), *(ValueError, TypeError, struct.error))
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


def main(form: str, source: BinaryIO, target: BinaryIO) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS[form]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        drawn = redrawn(source.read(), form)
    except TOO_MUCH:
        sys.exit(TOO_LARGE)
    except NO_PICTURE:
        sys.exit(UNREADABLE)
    target.write(drawn)


def redrawn(data: bytes, form: str) -> bytes:
    if form == "JPEG" and scans(data) > MOST_SCANS:
        raise ValueError("more scans than any program writes")
    drawn = BytesIO()
    with Image.open(BytesIO(data), formats=[form]) as picture:
        if "progressive" in picture.info and picture.width * picture.height > MOST_PROGRESSIVE:
            raise Image.DecompressionBombError
        turn = TURNS.get(picture.getexif().get(ORIENTATION))
        shrink = max(*picture.size, LONGEST_SIDE) / LONGEST_SIDE
        picture.draft(None, (int(picture.width / shrink), int(picture.height / shrink)))
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        plain = picture.convert("RGBA" if form != "JPEG" and has_alpha(picture) else "RGB")
        plain.info.clear()
        upright = plain if turn is None else plain.transpose(turn)
        upright.save(drawn, form, quality=85)
    return drawn.getvalue()


def scans(data: bytes) -> int:
    """Of the picture itself: a telephone may put a film behind its end."""
    count, at = 0, 0
    while count <= MOST_SCANS and (marker := MARKER.search(data, at)) and marker[1] != END:
        count += marker[1] == SCAN
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    return count


def has_alpha(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
