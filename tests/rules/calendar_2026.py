"""The State Council's list for 2026 and the first days of that year's neighbours, typed by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.workdays import Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")

OFF = {
    "2025": ["10-01", "10-02", "10-03", "10-06", "10-07", "10-08"],
    "2026": [
        *["01-01", "01-02", "01-03"],
        *["02-15", "02-16", "02-17", "02-18", "02-19", "02-20", "02-21", "02-22", "02-23"],
        *["04-04", "04-05", "04-06"],
        *["05-01", "05-02", "05-03", "05-04", "05-05"],
        *["06-19", "06-20", "06-21"],
        *["09-25", "09-26", "09-27"],
        *["10-01", "10-02", "10-03", "10-04", "10-05", "10-06", "10-07"],
    ],
}
WORKED_WEEKENDS = {"2026": ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]}


def days(table: dict[str, list[str]]) -> list[date]:
    return [date.fromisoformat(f"{year}-{day}") for year, listed in table.items() for day in listed]


CALENDAR = Calendar(
    {**dict.fromkeys(days(OFF), False), **dict.fromkeys(days(WORKED_WEEKENDS), True)}, frozenset({2025, 2026})
)


def at(text: str) -> datetime:
    """Wall-clock time in the district, as the aware UTC the rules return."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def end_of_day(text: str) -> datetime:
    return at(f"{text} 00:00") + timedelta(days=1)
