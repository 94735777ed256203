"""Where the subject of a row lies: by town, village and grid, as far as the sheet says."""

from collections.abc import Sequence

from imports import convert
from imports.columns import Column
from imports.convert import Unreadable
from imports.lines import Line
from imports.places import Place, Places

STEPS = ("town", "village", "unit")
UNIT = Column(
    "unit",
    "所属网格",
    convert.text,
    ("所在网格", "网格", "网格名称", "所属微网格", "微网格", "所属单位", "所属网格村社"),
)
PLACE_COLUMNS: Sequence[Column] = (
    Column("town", "所属镇街", convert.text, ("镇街", "乡镇", "街道", "乡镇街道", "所属乡镇", "所属街道")),
    Column(
        "village",
        "所属村社",
        convert.text,
        ("村社", "村社区", "所属村", "所在村", "行政村", "所属社区", "村", "社区", "村居", "所属村居"),
    ),
    UNIT,
)
"""Of a file with a sheet for each village, the sheet's name is the village."""


def last_named(line: Line) -> str:
    """The column that a row's unit was read from."""
    return next((step for step in reversed(STEPS) if line.written(step)), "village")


class Where:
    def __init__(self, places: Places, default: Place | None) -> None:
        self.places, self.default = places, default

    def take(self, line: Line) -> Place | None:
        """Takes the names out of the line. The unit of the row is the last one named, within those before it."""
        names = {step: text for step in STEPS if (text := line.values.pop(step, None))}
        if self.needs_no_sheet_name(line, names):
            del names["village"]
        place, within = self.default, ""
        for step, text in names.items():
            place = line.attempt(step, self.places.meant, text, within)
            if place is None:
                return None
            within = self.places.today(place).path
        return place

    def needs_no_sheet_name(self, line: Line, names: dict[str, str]) -> bool:
        """Sheets are also called after years and subjects."""
        if "village" not in names or "village" in line.columns or "unit" not in names:
            return False
        try:
            self.places.find(names["unit"])
        except Unreadable:
            return False
        return True
