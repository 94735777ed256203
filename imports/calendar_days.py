"""调休 as it is pasted or stands in a workbook: a day or a run of days a line, or the words of the notice."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from imports.reading import read
from rules.refusals import N_, Refusal
from rules.workdays import DAY, SATURDAY

SLASHES = r"(?:(?P<y{0}>\d{{4}})\s*[年./-]\s*)?(?P<m{0}>\d{{1,2}})\s*[月./-]\s*(?P<d{0}>\d{{1,2}})\s*日?"
NAMED = r"(?:周|星期|礼拜)(?P<w{0}>[一二三四五六日天])"
WEEKDAY = r"(?:\s*[（(][^（）()]*?" + NAMED + r"[^（）()]*[）)]|\s*" + NAMED.replace("w{0}", "v{0}") + r")?"
TO = r"(?:至|到|—|–|~|～|-(?=\s*\d))"
LAST = rf"(?:{SLASHES.format(2)}|(?P<only>\d{{1,2}})\s*日){WEEKDAY.format(2)}"
RUN = re.compile(rf"(?<!\d){SLASHES.format(1)}{WEEKDAY.format(1)}(?:\s*{TO}\s*{LAST})?")
SENTENCE = re.compile(r"[。；;\n]")
YEAR = re.compile(r"(20\d\d)\s*年(?!\s*\d{1,2}\s*月)")
HEADING = re.compile(r"^\s*(?:[一二三四五六七八九十]+、)?\s*([^\d：:]{1,20})[：:]")
WORKED = re.compile(r"上班|补班|加班|班|工作日|\bwork(?:ing|ed)?\b", re.IGNORECASE)
OFF = re.compile(r"放假|休息|节假日|公休|休|假|\boff\b|\bholiday\b", re.IGNORECASE)
PLAIN = re.compile(r"正常|取消|恢复|\bplain\b", re.IGNORECASE)
BESIDE = re.compile(r"[（(][^）)]*[）)]|共\s*\d+\s*天|与周末连休|调休|[，,。；;、：:\t\"“”]+")
WEEKDAYS = "一二三四五六日"
LONGEST_RUN, MOST_DAYS = 40, 400
NONE_FOUND = N_("No day was found: write a line for each, like 2027-02-06 休 春节")


@dataclass(frozen=True)
class Day:
    """`working` is empty where plain weekends shall hold again."""

    day: date
    working: bool | None
    name: str


def days_in_book(data: bytes) -> str:
    """The cells of a small workbook as lines of text."""
    lines = []
    with read(data) as book:
        for sheet in book.sheets:
            for _number, cells in sheet.rows():
                lines.append(" ".join(as_text(cell) for cell in cells if cell not in (None, "")))
                if len(lines) > MOST_DAYS:
                    raise Refusal(N_("A calendar has at most %(most)s lines; this file has more"), most=MOST_DAYS)
    return "\n".join(lines)


def as_text(cell: object) -> str:
    return f"{cell:%Y-%m-%d}" if isinstance(cell, datetime | date) else str(cell)


def days_in_text(text: str, year: int) -> list[Day]:
    """In their order; `year` is that of lines which name none. Raises Refusal naming the line."""
    found: dict[date, Day] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if named := YEAR.search(line):
            year = int(named[1])
        for day in _of_line(line, number, year):
            found[day.day] = day
    if not found:
        raise Refusal(NONE_FOUND)
    if len(found) > MOST_DAYS:
        raise Refusal(N_("A calendar has at most %(most)s lines; this file has more"), most=MOST_DAYS)
    return [found[day] for day in sorted(found)]


def _of_line(line: str, number: int, year: int) -> Iterator[Day]:
    heading = HEADING.match(line)
    for sentence in SENTENCE.split(line):
        runs = list(RUN.finditer(sentence))
        if not runs:
            continue
        said = RUN.sub(" ", sentence)
        name = heading[1].strip() if heading else _name(said)
        for run in runs:
            days = _days(run, number, year)
            working = _kind(said, days, number)
            yield from (Day(day, working, "" if working is None else name) for day in days)


def _days(run: re.Match[str], number: int, year: int) -> list[date]:
    first = _date(run["y1"] or year, run["m1"], run["d1"], number)
    last = first
    if run["only"]:
        last = _date(first.year, first.month, run["only"], number)
    elif run["m2"]:
        last = _date(run["y2"] or first.year, run["m2"], run["d2"], number)
    for day, named in ((first, run["w1"] or run["v1"]), (last, run["w2"] or run["v2"])):
        if named and WEEKDAYS.index(named.replace("天", "日")) != day.weekday():
            refused = N_("Line %(line)s: %(day)s is not the weekday that is written beside it")
            raise Refusal(refused, line=number, day=day.isoformat())
    if not timedelta() <= last - first < timedelta(LONGEST_RUN):
        raise Refusal(N_("Line %(line)s: the days do not run from an earlier to a later one"), line=number)
    return [first + DAY * n for n in range((last - first).days + 1)]


def _date(year: int | str, month: int | str, day: int | str, number: int) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        written = f"{year}-{month}-{day}"
        raise Refusal(N_("Line %(line)s: “%(written)s” is no day"), line=number, written=written) from None


def _kind(said: str, days: Iterable[date], number: int) -> bool | None:
    """调休 alone means whatever the day is not by itself."""
    if PLAIN.search(said):
        return None
    if WORKED.search(said):
        return True
    if OFF.search(said.replace("调休", "")):
        return False
    if "调休" in said:
        return all(day.weekday() >= SATURDAY for day in days)
    raise Refusal(N_("Line %(line)s: write 休 for a day off or 班 for a day worked"), line=number)


def _name(said: str) -> str:
    for words in (BESIDE, PLAIN, WORKED, OFF):
        said = words.sub(" ", said)
    return " ".join(said.split())[:40]
