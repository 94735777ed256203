"""Cells to values. A blank cell is None and keeps what is there; 清空 is CLEAR and empties it."""

import datetime
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache

from rules.identity import (
    ID_NUMBER,
    LONGEST_NAME,
    clean_digits,
    credit_code_problem,
    half_width,
    id_number_problem,
    is_mobile,
    is_telephone,
    mask_mobile,
)
from rules.refusals import N_
from rules.workdays import ZONE


class Clear(Enum):
    CLEAR = "清空"


CLEAR = Clear.CLEAR

EPOCH = datetime.datetime(1899, 12, 30)  # noqa: DTZ001 - sheets hold wall-clock times
DAYS_TO_1904 = 1_462
FIRST_SERIAL, LAST_SERIAL = 2_193, 80_000  # the years 1906 and 2119
"""A smaller number is a year, a month (2026.3; 2026.1 may be October) or a day of some month (3.15)."""
YEARS = range(1900, 2120)
EXACT_DIGITS = 15  # Excel keeps no more of a number
YES = frozenset({"是", "√", "✓", "✔", "有", "y", "yes", "true", "1", "已", "对"})
NO = frozenset({"否", "×", "✗", "无", "n", "no", "false", "0", "未", "错", "x"})
DAY = r"(?P<year>\d{4})(?:[-/.]|年)(?P<month>\d{1,2})(?:[-/.]|月)(?P<day>\d{1,2})日?"
CLOCK = r"(?:[T\s]*(?P<hour>\d{1,2})(?::|时|点)(?P<minute>\d{1,2})分?(?::?(?P<second>\d{1,2})(?:\.\d+)?秒?)?)?"
WRITTEN = re.compile(DAY + CLOCK)
PLAINEST = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?", re.ASCII)
ABROAD = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)", re.ASCII)
"""As other systems write a moment: with its distance from UTC."""
COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?)?")
MONTH_ONLY = re.compile(r"(?P<year>\d{4})(?:[-/.]|年)(?P<month>\d{1,2})月?")
WEEKDAY = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?")
HALF_DAY = re.compile(r"(?<=[\d日 ])(?:上午|下午|早上|晚上|中午|凌晨|傍晚)$")
"""Behind a day, with no time after it."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MASKED = re.compile(r"\d{0,3}\*{4,}[\dXx]{0,4}")
SUSPECT = re.compile(r"^['=@+#-]|_x[Dd]")
FAILED = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
"""A formula whose outcome came as text, as csv, pages and XML keep it."""
KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
GUARDED = re.compile(r"'[=+\-@\t\r]")
FORMULA = re.compile(r"=|[@+-][^|]*\|.*!", re.DOTALL)
ESCAPED_PAIR = re.compile(r"_x([Dd][89ABab][0-9A-Fa-f]{2})__x([Dd][C-Fc-f][0-9A-Fa-f]{2})_")
HALF = re.compile(r"[\ud800-\udfff]|_x[Dd][89A-Fa-f][0-9A-Fa-f]{2}_")
BETWEEN_NUMBERS = re.compile(r"[、，,；;/／|\\\s或和]+")
NUMBER = re.compile(r"[￥¥,，\s]")
FORMULA_FAILED = N_("The formula in the cell failed")


class Unreadable(ValueError):
    """The cell cannot be what its column says; `message` is a msgid for `values`."""

    def __init__(self, code: str, message: str, /, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.values = values


class Since1904(float):
    """A number of a workbook that counts its days from 1904."""


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip().strip("\ufeff"))


def is_masked(cell: object) -> bool:
    """As our own lists show a number: what it hides is not in the file."""
    return isinstance(cell, str) and MASKED.fullmatch(cell.strip()) is not None


def column_of(convert: Callable[[object], object]) -> Callable[[object], object]:
    """Blank and 清空 mean the same in every column."""

    def converted(cell: object) -> object:
        if isinstance(cell, str):
            bare = cell.strip()
            if bare == CLEAR.value:
                return CLEAR
            if not bare.strip("\ufeff"):
                return None
        return None if cell is None else convert(cell)

    return converted


@column_of
def text(cell: object) -> str:
    """In one line."""
    return " ".join(_written(cell).split())


@column_of
def long_text(cell: object) -> str:
    lines = (line.strip(" \t　") for line in _written(cell).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def _written(cell: object) -> str:
    """As a person would have typed it: 188006.0 is 188006."""
    if isinstance(cell, str):
        return cell if cell.isprintable() and not SUSPECT.search(cell) else _plainly(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return str(cell)


def _plainly(text: str) -> str:
    """`="0017"` is how programs keep a number as text, `'=` a text that is no formula; any other formula that came as
    text is none that is answered."""
    kept = KEPT_AS_TEXT.fullmatch(text)
    if kept:
        return kept[1]
    if FAILED.fullmatch(text):
        raise Unreadable("error_cell", FORMULA_FAILED)
    if GUARDED.match(text):
        text = text[1:]
    elif FORMULA.match(text):
        raise Unreadable("formula", N_("The cell holds a formula, not a value: type the value itself"))
    text = ESCAPED_PAIR.sub(lambda pair: _whole(pair[1], pair[2]), text)
    if HALF.search(text):
        raise Unreadable("surrogate", N_("The text holds half a character: delete it and type the text again"))
    return CONTROL.sub("", text)


def _whole(high: str, low: str) -> str:
    return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)


@column_of
def digits(cell: object) -> str:
    """Numbers and codes: no loss of figures, no full-width."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        _refuse_rounded(cell)
    return clean_digits(_written(cell)).strip().lstrip("'")


def _refuse_rounded(cell: float) -> None:
    if abs(cell) >= 10**EXACT_DIGITS:
        raise Unreadable(
            "rounded",
            N_("The number is in a numeric cell, which keeps 15 digits: format the column as text and type it again"),
        )


@column_of
def code(cell: object) -> str:
    """As the office numbers it, letters and hyphens included."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        _refuse_rounded(cell)
    return "".join(half_width(_written(cell)).split()).lstrip("'")


@column_of
def id_number(cell: object) -> str:
    number = cell if isinstance(cell, str) and ID_NUMBER.fullmatch(cell) else str(digits(cell)).replace(" ", "").upper()
    problem = id_number_problem(number)
    if problem:
        raise Unreadable("id_number", problem)
    return number


@column_of
def credit_code(cell: object) -> str:
    number = str(digits(cell))
    problem = credit_code_problem(number)
    if problem:
        raise Unreadable("credit_code", problem)
    return number


@column_of
def phone(cell: object) -> str:
    number = re.sub(r"[\s\-—()]", "", _number_of(cell))
    if not is_telephone(number):
        _refuse_several("phone", cell, is_telephone)
        raise Unreadable("phone", N_("This is not a telephone number"))
    return number


@column_of
def mobile(cell: object) -> str:
    if isinstance(cell, str) and is_mobile(cell):
        return cell
    number = _number_of(cell)
    if not is_mobile(number):
        _refuse_several("mobile", cell, is_mobile)
        raise Unreadable("mobile", N_("This is not a mobile number of 11 digits"))
    return number


def _refuse_several(code: str, cell: object, is_one: Callable[[str], bool]) -> None:
    parts = [clean_digits(part) for part in BETWEEN_NUMBERS.split(str(cell)) if part.strip()]
    if len(parts) > 1 and all(map(is_telephone, parts)) and (fitting := list(filter(is_one, parts))):
        several = N_("One number belongs in the cell, and there are %(count)s: keep one of them, such as %(first)s")
        raise Unreadable(code, several, count=str(len(parts)), first=mask_mobile(fitting[0]))


def _number_of(cell: object) -> str:
    """As a csv of other programs has it, with the decimal point of a number, too."""
    return str(digits(cell)).removesuffix(".0").removeprefix("+86")


@column_of
def number(cell: object) -> Decimal:
    if isinstance(cell, bool):
        raise _no_number()
    if isinstance(cell, (int, float)):
        return _finite(Decimal(str(cell)))
    written = NUMBER.sub("", half_width(str(cell)))
    try:
        value = _finite(Decimal(written.removesuffix("%")))
    except InvalidOperation:
        raise _no_number() from None
    return value / 100 if written.endswith("%") else value


def _finite(value: Decimal) -> Decimal:
    """`1e999999999` is written in no time and counted for hours."""
    if not value.is_finite() or value.adjusted() > EXACT_DIGITS:
        raise _no_number()
    return value


@column_of
def whole(cell: object) -> int:
    value = number(cell)
    if not isinstance(value, Decimal) or value != value.to_integral_value():
        raise _no_number()
    return int(value)


def _counted(*words: str) -> Callable[[object], object]:
    """A whole number, with the word of what is counted or without."""

    @column_of
    def counted(cell: object) -> int:
        written = half_width(cell).strip() if isinstance(cell, str) else cell
        word = next((word for word in words if isinstance(written, str) and written.endswith(word)), "")
        count = whole(written.removesuffix(word) if isinstance(written, str) else written)
        if not isinstance(count, int):
            raise _no_number()
        return count

    return counted


households = _counted("户")
heads = _counted("人", "口", "名", "位")


def _no_number() -> Unreadable:
    return Unreadable("number", N_("This is not a number"))


@column_of
def flag(cell: object) -> bool:
    written = half_width(_written(cell)).strip().casefold()
    if written in YES:
        return True
    if written in NO:
        return False
    raise Unreadable("flag", N_("Write 是 or 否"))


@column_of
def day(cell: object) -> datetime.date:
    return _wall_clock(cell).date()


@column_of
def wall_clock(cell: object) -> datetime.datetime:
    """As it stands, without a zone; midnight where no time is written."""
    return _wall_clock(cell)


@column_of
def moment(cell: object) -> datetime.datetime:
    """Sheets tell the time in Beijing."""
    return _wall_clock(cell).replace(tzinfo=ZONE).astimezone(datetime.UTC)


def _wall_clock(cell: object) -> datetime.datetime:
    at = _read(cell)
    if at.year not in YEARS:
        raise _no_date()
    return at


def _read(cell: object) -> datetime.datetime:
    if isinstance(cell, datetime.datetime):
        return cell.replace(microsecond=0)
    if isinstance(cell, datetime.date):
        return datetime.datetime.combine(cell, datetime.time())
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_serial(cell)
    if isinstance(cell, str) and len(cell) <= LONGEST_NAME:
        return _from_text(cell)
    raise _no_date()


def _from_serial(serial: float) -> datetime.datetime:
    if 19_000_000 < serial < 21_000_000:
        return _from_text(str(int(serial)))
    if not serial >= FIRST_SERIAL:
        raise _no_date()
    serial += DAYS_TO_1904 if isinstance(serial, Since1904) else 0
    if serial >= LAST_SERIAL:
        raise _no_date()
    return EPOCH + datetime.timedelta(seconds=round(serial * 86_400))


@lru_cache(maxsize=16_384)
def _from_text(written: str) -> datetime.datetime:
    if PLAINEST.fullmatch(written):
        try:
            return datetime.datetime.fromisoformat(written)
        except ValueError:
            raise _no_date() from None
    found = WRITTEN.fullmatch(written)
    if not found:
        plain = WEEKDAY.sub(" ", half_width(written)).strip()
        plain = HALF_DAY.sub("", plain)
        plain = re.sub(r"\s*([-/.:年月日时点分秒])\s*", r"\1", plain)
        if re.fullmatch(r"\d{5}(\.\d+)?", plain):
            return _from_serial(float(plain))
        if ABROAD.fullmatch(plain):
            return _from_abroad(plain)
        found = WRITTEN.fullmatch(plain) or COMPACT.fullmatch(plain) or MONTH_ONLY.fullmatch(plain)
    if not found:
        raise _no_date()
    parts = {name: int(value) for name, value in found.groupdict().items() if value}
    try:
        return datetime.datetime(**{"day": 1, **parts})  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        raise _no_date() from None


def _from_abroad(written: str) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(written).astimezone(ZONE).replace(tzinfo=None, microsecond=0)
    except (ValueError, OverflowError):
        raise _no_date() from None


def _no_date() -> Unreadable:
    return Unreadable("date", N_("This is not a date: write it as 2026-03-05"))
