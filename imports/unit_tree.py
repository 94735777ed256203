"""The tree that a list of units describes together with the units there are: parents, kinds, codes and paths."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from imports.convert import Unreadable
from imports.kind import Note
from imports.lines import Line
from imports.places import Place, full_code
from imports.unit_mergers import NOT_YET
from rules.refusals import N_
from rules.units import CODE, CODE_LENGTH, NO_CODE, PARENT_KINDS, UnitKind, kind_of_code, level_end, parent_code
from rules.workdays import local_date

if TYPE_CHECKING:
    from imports.units import Units

KIND_WORDS = {
    UnitKind.DISTRICT: ("区", "县", "市", "区县"),
    UnitKind.TOWN: ("街道", "镇", "乡", "镇街", "乡镇", "乡镇街道", "乡镇(街道)", "镇(街道)"),
    UnitKind.VILLAGE: ("村", "社区", "村社", "行政村", "村(社区)", "村社区", "居委会", "村委会"),
    UnitKind.GRID: ("网格", "综合网格", "专属网格"),
    UnitKind.MICRO_GRID: ("微网格",),
    UnitKind.ESTATE: ("小区",),
    UnitKind.DEPARTMENT: ("部门", "区级部门", "机关", "局", "机关部门"),
    UnitKind.STATION: ("站所", "基层站所", "所"),
    UnitKind.FIRM: ("国企", "国有企业", "企业"),
    UnitKind.PARTNER: ("结对单位", "协办单位", "共建单位"),
}
KIND_BY_WORD = {word: kind for kind, words in KIND_WORDS.items() for word in (*words, kind.value)}
KINDS_OFFERED = ("街道", "镇", "乡", "村", "社区", "网格", "微网格", "小区", "部门", "站所", "国企", "结对单位")
CATEGORIES = frozenset({"街道", "镇", "乡", "村", "社区"})
DISTRICT_DIGITS = 6
NEXT_BELOW = {UnitKind.VILLAGE: UnitKind.GRID, UnitKind.GRID: UnitKind.MICRO_GRID}
SAME_CODE = N_("The same code stands in row %(row)s")
ALIAS_BREAK = re.compile(r"[、,，;；/\n]+")


def is_division(code: str) -> bool:
    return len(code) == CODE_LENGTH and code.isdigit()


def is_district(code: str) -> bool:
    return is_division(code) and level_end(code) == DISTRICT_DIGITS


def new_code(text: str) -> str:
    code = full_code(text)
    if not CODE.fullmatch(code):
        raise Unreadable("unit_code", NO_CODE)
    return code


def above(place: Place) -> str:
    """Where its parent unit lies."""
    return place.path.rstrip("/").rpartition("/")[0] + "/"


class UnitTree:
    """The units there are and those of the file, by code."""

    def __init__(self, kind: "Units", lines: list[Line]) -> None:
        self.kind = kind
        self.places = kind.places
        self.default = kind.default_place()
        self.implied: list[Line] = []
        self.lines: dict[str, Line] = {}
        self.named: dict[str, list[Line]] = {}
        self.numbered: dict[str, int] = {}
        self.hung: set[int] = set()
        self.children: dict[str, dict[str, str]] = {}
        self.taken = {place.path: place for place in self.places.by_code.values()}
        for place in self.taken.values():
            self._enter_child(place)
        for line in lines:
            self._enter(line)

    def _enter_child(self, place: Place) -> None:
        """Path of the parent → name → code."""
        self.children.setdefault(above(place), {})[place.name] = place.code

    def _enter(self, line: Line) -> None:
        values = line.values
        line.attempt("kind", self._read_kind, line)
        for name, read in (("code", new_code), ("parent_code", full_code), ("district_code", full_code)):
            if values.get(name):
                values[name] = line.attempt(name, read, values[name])
        code = values.get("code")
        if code and code in self.lines:
            line.wrong("code", "twice", SAME_CODE, row=str(self.lines[code].row))
        elif code:
            self.lines[code] = line
        self.named.setdefault(values.get("name", ""), []).append(line)

    def _read_kind(self, line: Line) -> None:
        word = line.values.pop("kind", "").replace("（", "(").replace("）", ")")
        kind = KIND_BY_WORD.get(word) or KIND_BY_WORD.get(word.removesuffix("级"))
        if kind is not None:
            line.values["kind"] = kind.value
        elif word:
            known = "、".join(words[0] for words in KIND_WORDS.values())
            raise Unreadable(
                "kind", N_("“%(word)s” is not a kind of unit; choose from: %(known)s"), word=word, known=known
            )
        if word in CATEGORIES:
            line.values.setdefault("category", word)

    def hang(self, line: Line) -> None:
        """Completes a line with its parent, kind, code and path, its parent's line first."""
        if id(line) in self.hung or line.errors:
            return
        self.hung.add(id(line))
        self._name_root(line)
        known = self.places.by_code.get(line.values.get("code") or "")
        parent = self._parent(line, known)
        if known is not None and not known.living and line.values.get("closed") is not False:
            parent = self._where_it_lay(known, parent)
        if parent is not None and not line.errors:
            self._check_above(line, known, parent)
        if line.errors:
            return
        line.values["kind"] = line.attempt("kind", self._kind, line, known, parent)
        if not line.errors:
            self._settle(line, parent)

    def _parent(self, line: Line, known: Place | None) -> Place | None:
        values = line.values
        if values.get("parent_code"):
            return self._by_code(line, "parent_code", values["parent_code"])
        if values.get("parent"):
            return self._by_name(line, values["parent"], values.get("town"), above(known) if known else "")
        if known:
            lay = self.taken.get(above(known))
            return lay and self.places.by_code[lay.code]
        code = values.get("code") or ""
        if is_division(code):
            if is_district(code):
                return None
            return self._by_code(line, "code", parent_code(code) or "")
        stem = code[:CODE_LENGTH]
        if len(code) > CODE_LENGTH and (stem in self.places.by_code or stem in self.lines):
            return self._by_code(line, "code", stem)
        if self.default is None:
            line.wrong("parent", "no_parent", N_("Nothing says which unit this one belongs to"))
        return self.default

    def _where_it_lay(self, known: Place, parent: Place | None) -> Place | None:
        """What is gone does not follow its parent unit into a successor."""
        lay = self.taken.get(above(known))
        return lay if lay and parent and self.places.today(lay).code == parent.code else parent

    def _check_above(self, line: Line, known: Place | None, parent: Place) -> None:
        upper = self.lines.get(parent.code)
        if upper is line or (upper is not None and self._is_being_hung(upper)):
            message = N_("This unit and %(parent)s would each lie below the other: correct the parent of one of them")
            self._against_parent(line, message, parent=parent.name)
        elif known is not None and parent.path.startswith(known.path):
            message = N_("%(parent)s lies below this unit: give it a place elsewhere in the same list first")
            self._against_parent(line, message, parent=parent.name)

    def _is_being_hung(self, line: Line) -> bool:
        return id(line) in self.hung and not line.errors and "path" not in line.values

    @staticmethod
    def _against_parent(line: Line, message: str, **values: str) -> None:
        name = next((name for name in ("parent_code", "parent") if line.written(name)), "code")
        line.wrong(name, "contradiction", message, **values)

    def _by_code(self, line: Line, name: str, code: str) -> Place | None:
        upper = self.lines.get(code)
        if upper is None and code not in self.places.by_code:
            self._imply_root(line, code)
        elif upper is not None and upper is not line:
            self.hang(upper)
            if upper.errors:
                line.wrong(name, "parent", N_("The row of its parent unit %(code)s is wrong"), code=code)
                return None
        place = self.places.by_code.get(code)
        if place is None:
            line.wrong(name, "unknown_unit", N_("There is no unit “%(unit)s”"), unit=code)
            return None
        return self.places.today(place)

    def _by_name(self, line: Line, text: str, town: str | None, now: str) -> Place | None:
        for upper in self.named.get(text, ()):
            if upper is not line:
                self.hang(upper)
        within = line.attempt("town", self.places.find, town) if town else None
        return line.attempt("parent", self.places.find, text, within.path if within else "", lambda: now)

    def _imply_root(self, line: Line, code: str) -> None:
        """The first list of an empty installation names towns, and their district by its code alone."""
        if (
            any(place.kind == UnitKind.DISTRICT for place in self.places.by_code.values())
            or not self.kind.order.scope.everything
        ):
            return
        if not is_district(code):
            return
        name = line.values.get("district_name") if line.values.get("district_code") == code else None
        self._imply(line, Place(None, code, name or code, UnitKind.DISTRICT, f"/{code}/"))
        self.kind.notes.append(
            Note(
                N_("District %(code)s was not there and is made; its name is “%(name)s”"),
                {"code": code, "name": name or code},
            )
        )

    def _name_root(self, line: Line) -> None:
        """A district that still bears its code as a name gets the one the file knows."""
        code, name = line.values.get("district_code"), line.values.get("district_name")
        place = self.places.by_code.get(code or "")
        if name and place and place.name == place.code and self.kind.order.scope.covers(place.path):
            self._imply(line, replace(place, name=name))

    def _imply(self, line: Line, place: Place) -> None:
        """A line the sheet does not hold, numbered below 1 and not counted."""
        values = {"code": place.code, "name": place.name, "kind": place.kind, "path": place.path}
        self.implied.append(Line(-len(self.implied), line.sheet, line.row, {}, [], values))
        self.places.add(place)

    def _kind(self, line: Line, known: Place | None, parent: Place | None) -> str:
        code = line.values.get("code") or ""
        if known is None and parent is not None and not code:
            known = self.places.by_code.get(self._child(parent, line.values) or "")
        given = line.values.get("kind") or (known.kind if known else None)
        if given is None and is_division(code):
            given = kind_of_code(code)
        if given is None and parent is not None:
            given = NEXT_BELOW.get(UnitKind(parent.kind))
        if given is None:
            raise Unreadable("kind", N_("Nothing says what kind of unit this is: fill in 层级"))
        if parent is None and given != UnitKind.DISTRICT:
            raise Unreadable("no_parent", N_("Nothing says which unit this one belongs to"))
        if parent is not None and UnitKind(parent.kind) not in PARENT_KINDS[UnitKind(given)]:
            raise Unreadable(
                "parent_kind", N_("It cannot be placed under %(parent)s: their levels do not match"), parent=parent.name
            )
        return str(given)

    def _settle(self, line: Line, parent: Place | None) -> None:
        values = line.values
        if not values.get("code") and parent is not None:
            values["code"] = self._code_below(parent, values)
        values["parent_code"] = parent.code if parent else None
        known = self.places.by_code.get(values["code"])
        path = f"{parent.path if parent else '/'}{values['code']}/"
        if known and parent and parent.path == above(known):
            path = known.path
        self._check_place(line, known, parent, path)
        if line.errors:
            return
        values["path"] = path
        self.kind.covered(line, "code", values["path"])
        if known:
            self.kind.covered(line, "code", known.path)
        self._read_aliases(line)
        if not line.errors:
            gone = known is not None and not known.living and values.get("closed") is not False
            place = Place(
                known.id if known else None,
                values["code"],
                values["name"],
                values["kind"],
                values["path"],
                living=not gone,
                heir_id=known.heir_id if known and gone else None,
            )
            self.places.add(place)
            self._enter_child(place)

    def _check_place(self, line: Line, known: Place | None, parent: Place | None, path: str) -> None:
        values = line.values
        first = self.lines.setdefault(values["code"], line)
        if first is not line:
            line.wrong("code" if line.written("code") else "name", "twice", SAME_CODE, row=str(first.row))
        if values.get("into"):
            self._check_merging(line, known, parent)
        elif parent is not None and not self._stays(known, parent):
            self._check_lasting(line, parent)
            if path in self.taken and self.taken[path].code != values["code"]:
                lain = N_("%(unit)s has lain below %(parent)s before")
                self._against_parent(line, lain, parent=parent.name, unit=values["name"])

    def _stays(self, known: Place | None, parent: Place | None) -> bool:
        lay = self.taken.get(above(known)) if known else None
        return lay is not None and parent is not None and lay.code == parent.code

    def _check_merging(self, line: Line, known: Place | None, parent: Place | None) -> None:
        if known is None or known.id is None:
            line.wrong("into", "merger", NOT_YET, unit=line.values["name"])
        elif not self._stays(known, parent) and known.kind != UnitKind.DISTRICT:
            self._against_parent(line, N_("A unit that merges stays where it lay: leave its parent unit as it was"))
        elif known.kind != line.values["kind"]:
            line.wrong("kind", "contradiction", N_("A unit that merges keeps its level: leave it as it was"))

    def _check_lasting(self, line: Line, parent: Place) -> None:
        """Nothing comes to lie below what the same list closes."""
        upper = self.lines.get(parent.code)
        if upper is None or upper.errors or line.values.get("closed"):
            return
        today = local_date(self.kind.order.at)
        merges = upper.values.get("into") and upper.values.get("merged_on", today) <= today
        if merges or upper.values.get("closed"):
            message = N_("Its parent unit %(parent)s is closed in row %(row)s: name the unit that takes over")
            self._against_parent(line, message, parent=parent.name, row=str(upper.row))

    def _code_below(self, parent: Place, values: dict[str, Any]) -> str:
        """The child of that name, or the next free number below its parent."""
        known = self._child(parent, values)
        number = self.numbered.get(parent.code, 0)
        while known is None:
            number += 1
            candidate = f"{parent.code}-{number:02d}"
            if candidate not in self.places.by_code and candidate not in self.lines:
                known = candidate
        self.numbered[parent.code] = number
        return known

    def _child(self, parent: Place, values: dict[str, Any]) -> str | None:
        """What came there with its parent unit may be called after that."""
        upper = self.places.by_code.get(values.get("parent_code") or "")
        came_from = upper.name if upper else values.get("parent", "")
        below = self.children.get(parent.path, {})
        return below.get(f"{came_from}{values['name']}") or below.get(values["name"])

    def _read_aliases(self, line: Line) -> None:
        given = {
            alias for part in ALIAS_BREAK.split(line.values.pop("aliases", "") or "") if (alias := part.strip()[:120])
        }
        fresh = given - self.places.aliases.get(line.values["code"], set()) - {line.values["name"]}
        if fresh:
            line.values["aliases"] = "、".join(sorted(fresh))
