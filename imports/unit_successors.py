"""Which unit a line of a list means when it says into which one its unit has merged, and what the list itself says
against it."""

from datetime import date

from imports.kind import Note
from imports.lines import Line
from imports.unit_mergers import Mergers
from imports.unit_tree import UnitTree
from models.unit_moving import check_term
from models.units import Unit
from rules.refusals import N_, Refusal
from rules.unit_changes import last_day

MERGES_ITSELF = N_("%(unit)s itself merges in row %(row)s: name the unit into which all of them go in the end")
CLOSES = N_("%(unit)s is closed in row %(row)s: name a unit that goes on")
UPPER_MERGES = N_("%(unit)s lies above and merges in row %(row)s: import the lower units first, in a list of their own")


class Successors:
    """Of a tree that is complete."""

    def __init__(self, tree: UnitTree) -> None:
        self.tree, self.kind = tree, tree.kind

    def name(self, lines: list[Line]) -> None:
        for line in lines:
            if line.values.get("into") and not line.errors:
                self._find(line)
        self._close(lines)
        rows = {line.values["code"]: line.values for line in lines if not line.errors}
        mergers = Mergers(self.kind.session, self.kind.order, rows)
        due = {code: self.tree.lines[code] for code in mergers.asked if not mergers.is_settled(code)}
        for code, line in due.items():
            self._check_file(line, due)
            refused = None if line.errors else mergers.refused(code)
            if refused:
                self._refuse(line, *refused)

    def _find(self, line: Line) -> None:
        values, places = line.values, self.tree.places
        if values.get("closed") is False:
            line.wrong("closed", "contradiction", N_("A unit that goes on does not merge: empty one of the two cells"))
        values.pop("closed", None)
        heir = places.by_id.get(places.by_code[values["code"]].heir_id)
        into = line.attempt("into", places.named, values["into"], heir.path if heir else "")
        if into is not None:
            values["into_code"] = into.code
            self.kind.covered(line, "into", into.path)

    def _check_file(self, line: Line, due: dict[str, Line]) -> None:
        into_code = line.values["into_code"]
        into = self.tree.lines.get(into_code)
        if into_code in due and into is not line:
            self._against(line, MERGES_ITSELF, due[into_code])
        elif into is not None and into.values.get("closed"):
            self._against(line, CLOSES, into)
        for path in (line.values["path"], self.tree.places.by_code[into_code].path):
            upper = next((due[code] for code in path.strip("/").split("/")[:-1] if code in due), line)
            if upper is not line and not line.errors:
                self._against(line, UPPER_MERGES, upper)

    def _against(self, line: Line, message: str, other: Line) -> None:
        line.wrong("into", "contradiction", message, unit=other.values["name"], row=str(other.row))

    def _close(self, lines: list[Line]) -> None:
        """Without a successor, the date tells when a unit closes."""
        idle = 0
        for line in lines:
            values = line.values
            from_date: date | None = values.get("merged_on")
            if from_date is None or values.get("into") or line.errors:
                continue
            if values.get("closed"):
                self._end(line, from_date)
            else:
                idle += 1
        if idle:
            told = N_("Rows with a date of merging that name no unit to merge into: %(count)s. The date was left out")
            self.kind.notes.append(Note(told, {"count": str(idle)}))

    def _end(self, line: Line, from_date: date) -> None:
        known = self.tree.places.by_code[line.values["code"]]
        line.values["ends_on"] = last_day(from_date)
        if known.id is None or not known.living:
            return
        try:
            check_term([self.kind.session.get_one(Unit, known.id)], from_date)
        except Refusal as refusal:
            self._refuse(line, "merged_on", refusal)

    @staticmethod
    def _refuse(line: Line, column: str, refusal: Refusal) -> None:
        said = {name: str(value) for name, value in refusal.values.items()}
        line.wrong(column if line.written(column) else "into", "merger", refusal.message, **said)
