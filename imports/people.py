"""People from rosters, known by staff number, else ID number, else name and mobile."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, ClassVar

import sqlalchemy as sa

from imports import convert, roster, staging, taken_over
from imports.columns import Column
from imports.handing_on import HandingOn
from imports.journal import Journal
from imports.kind import Kind, Pair, Spot
from imports.lines import Line
from imports.seen import Seen
from imports.terms import Words
from models.imports import ImportBatch
from models.people import EMPLOYMENT_LABELS, GENDER_LABELS, Employment, Gender, Person
from models.terms import TermKind
from models.types import Keyring, Sealed, keyring
from rules.refusals import N_

GENDERS = {"男": Gender.MALE, "女": Gender.FEMALE}
EMPLOYMENTS = {
    "在职": Employment.ACTIVE, "在岗": Employment.ACTIVE, "是": Employment.ACTIVE, "退休": Employment.RETIRED,
    "离退休": Employment.RETIRED, "离职": Employment.LEFT, "调离": Employment.LEFT, "调出": Employment.LEFT,
    "否": Employment.LEFT,
}  # fmt: skip
WORDS = {"category": TermKind.PERSON_CATEGORY, "political_status": TermKind.POLITICAL_STATUS}

stage = staging.stage_table(
    "person_line",
    sa.Column("staff_no", sa.String(32)),
    sa.Column("name", sa.String(60)),
    sa.Column("pinyin", sa.String(60)),
    sa.Column("gender", sa.String(8)),
    sa.Column("id_number", Sealed("person.id_number")),
    sa.Column("id_number_hash", sa.String(32)),
    sa.Column("mobile", Sealed("person.mobile")),
    sa.Column("mobile_hash", sa.String(32)),
    sa.Column("unit_id", sa.Integer),
    sa.Column("path", sa.String(160)),
    sa.Column("post", sa.String(120)),
    sa.Column("category", sa.String(32)),
    sa.Column("political_status", sa.String(32)),
    sa.Column("joined_on", sa.Date),
    sa.Column("branch", sa.String(120)),
    sa.Column("liaison_unit_id", sa.Integer),
    sa.Column("employment", sa.String(12)),
    sa.Column("note", sa.Text),
)
person = Person.__table__
s, p = stage.c, person.c


class People(Kind):
    name = "people"
    title = N_("People")
    columns = (
        Column("staff_no", "工号", convert.code, ("人员编号", "员工编号", "职工编号"), longest=32),
        Column("name", "姓名", convert.text, ("人员姓名", "名字", "干部姓名", "党员姓名"), required=True, longest=60),
        Column("gender", "性别", convert.text, clearable=True, words=("男", "女")),
        Column(
            "id_number",
            "身份证号",
            convert.id_number,
            ("身份证号码", "公民身份号码", "证件号码", "身份证"),
            clearable=True,
            secret=True,
        ),
        Column(
            "mobile",
            "手机",
            convert.mobile,
            ("手机号码", "手机号", "移动电话", "联系电话", "联系方式", "电话"),
            clearable=True,
            secret=True,
        ),
        Column(
            "unit",
            "单位",
            convert.text,
            (
                "所在单位",
                "工作单位",
                "单位名称",
                "部门",
                "所属单位",
                "村社",
                "所在村社",
                "所属村社",
                "所在村社区",
                "所在村",
            ),
        ),
        Column("post", "职务", convert.text, ("岗位", "职务职级", "现任职务"), longest=120, clearable=True),
        Column("category", "人员类别", convert.text, ("干部类别", "人员类型", "类别"), longest=32, clearable=True),
        Column("political_status", "政治面貌", convert.text, longest=32, clearable=True),
        Column("joined_on", "入党时间", convert.day, ("入党日期", "入党年月"), clearable=True),
        Column("branch", "党支部", convert.text, ("党组织", "所在党支部", "所属党支部"), longest=120, clearable=True),
        Column("liaison_unit", "联系村社", convert.text, ("组团村", "包联网格", "联系村", "包联村社"), clearable=True),
        Column(
            "employment", "在职状态", convert.text, ("状态", "在岗状态", "是否在职"), words=("在职", "退休", "离职")
        ),
        Column("note", "备注", convert.long_text, ("说明",), clearable=True),
    )
    sheet_fills = "unit"
    face = ("staff_no", "name", "id_number", "mobile", "unit", "post", "category")
    labels: ClassVar = {"gender": GENDER_LABELS, "employment": EMPLOYMENT_LABELS}
    terms = WORDS
    stage = stage
    target = person
    called = ("name", "staff_no")
    pairs = (
        Pair(s.staff_no, p.staff_no),
        Pair(s.name, p.name),
        Pair(s.pinyin, p.pinyin, "", compared=False),
        Pair(s.gender, p.gender, ""),
        Pair(s.id_number, p.id_number, compared=False),
        Pair(s.id_number_hash, p.id_number_hash, field="id_number"),
        Pair(s.mobile, p.mobile, compared=False),
        Pair(s.mobile_hash, p.mobile_hash, field="mobile"),
        Pair(s.unit_id, p.unit_id, field="unit"),
        Pair(s.path, p.path, compared=False),
        Pair(s.post, p.post, ""),
        Pair(s.category, p.category, ""),
        Pair(s.political_status, p.political_status, ""),
        Pair(s.joined_on, p.joined_on),
        Pair(s.branch, p.branch, ""),
        Pair(s.liaison_unit_id, p.liaison_unit_id, field="liaison_unit"),
        Pair(s.employment, p.employment, Employment.ACTIVE.value),
        Pair(s.note, p.note, ""),
    )
    spots = (
        Spot((s.unit_id, p.unit_id), ("unit",), (s.path, p.path)),
        Spot((s.liaison_unit_id, p.liaison_unit_id), ("liaison_unit",), anywhere=True),
    )

    roster = roster.NOTHING_SAID
    handed_before = Counter[str]()

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        default = self.default_place()
        words = {column: Words(self.connection, kind) for column, kind in WORDS.items()}
        seen, ring = _Seen(), keyring()
        for line in lines:
            values = line.values
            values["gender"] = _one_of(line, "gender", GENDERS)
            values["employment"] = _one_of(line, "employment", EMPLOYMENTS)
            for column in WORDS:
                values[column] = words[column].code(values.get(column))
            text = values.pop("unit", None)
            now = partial(self._path_of, values.get("staff_no"))
            place = line.attempt("unit", self.places.meant, text, "", now) if text else default
            if place is not None:
                self.put(line, self.spots[0], "unit", place)
            liaison = values.pop("liaison_unit", None)
            if liaison and (found := line.attempt("liaison_unit", self.places.find, liaison)):
                values["liaison_unit_id"] = found.id
            _seal(values, ring)
            seen.check(line)
            yield line

    def _path_of(self, staff_no: str | None) -> str:
        """Where somebody known by number is already; several villages of a district bear one name."""
        if not staff_no:
            return ""
        return self.connection.scalar(sa.select(p.path).where(p.staff_no == staff_no)) or ""

    def match(self) -> None:
        """The stronger mark decides; a weaker one finds a row only where the stronger marks do not speak against it."""
        agree = [
            sa.or_(s.staff_no.is_(None), p.staff_no.is_(None), s.staff_no == p.staff_no),
            sa.or_(s.id_number_hash.is_(None), p.id_number_hash.is_(None), s.id_number_hash == p.id_number_hash),
        ]
        self.find(p.staff_no == s.staff_no)
        self.find(p.id_number_hash == s.id_number_hash, agree[0])
        self.find(p.name == s.name, p.mobile_hash == s.mobile_hash, *agree)

    def check(self) -> None:
        self._refuse_taken(
            p.id_number_hash == s.id_number_hash, N_("The ID number belongs to somebody else on the roster")
        )
        self._refuse_taken(p.staff_no == s.staff_no, N_("The staff number belongs to somebody else on the roster"))
        namesakes = sa.select(sa.func.count()).where(p.name == s.name, p.mobile_hash == s.mobile_hash).scalar_subquery()
        alone = sa.and_(s.staff_no.is_(None), s.id_number_hash.is_(None))
        self.refuse_lines(
            sa.and_(alone, namesakes > 1),
            "ambiguous",
            N_("Several people bear this name and mobile: add the staff number or ID number"),
        )
        self.refuse_lines(
            sa.and_(s.target_id.is_(None), s.unit_id.is_(None)),
            "required",
            N_("Nothing says which unit this person belongs to"),
        )
        self.refuse_lines(self.found_before(), "twice", N_("An earlier row is about the same person"))
        self.refuse_outside(N_("The person now belongs to a unit outside yours"))

    def _refuse_taken(self, mark: sa.ColumnElement[bool], message: str) -> None:
        taken = sa.exists().where(mark, p.id != sa.func.coalesce(s.target_id, 0))
        self.refuse_lines(taken, "taken", message)

    def heed(self, options: Mapping[str, Any]) -> None:
        self.roster = roster.said_of(options)
        self.outcome["left"] = options.get("left", 0) + roster.mark_left(self, self.roster)
        self.handed_before = Counter(options.get("handover", {}))

    def before_undoing(self, batch: ImportBatch) -> None:
        taken_over.take_back(self, batch.id)

    def known_of(self, subject: str, ids: list[int]) -> dict[int, str]:
        return super().known_of(subject, ids) if subject == person.name else taken_over.names(self, subject, ids)

    def touched_since(self, batch: ImportBatch, ids: list[int], subject: str) -> dict[int, tuple[str, datetime]]:
        if subject == taken_over.leg.name:
            return taken_over.touched_since(self, batch, ids)
        return super().touched_since(batch, ids, subject)

    def write(self, batch_id: int) -> None:
        handing_on = HandingOn(self, batch_id, self.roster)
        journal = Journal(self, batch_id)
        journal.changed()
        for column, kind in WORDS.items():
            used = sa.select(s[column]).where(self.of_load(staging.NEW, staging.CHANGED), s[column].is_not(None))
            Words(self.connection, kind).learn(list(self.connection.scalars(used.distinct())))
        self.insert(self.pairs, version=sa.literal(1))
        self.update(self.pairs)
        self.match()
        journal.added()
        self.outcome["handover"] = dict(Counter(handing_on.carry_out()) + self.handed_before)


def _one_of(line: Line, name: str, words: Mapping[str, str]) -> str | None:
    word = line.values.get(name)
    if word is None:
        return None
    if word not in words:
        line.wrong(
            name, "word", N_("“%(word)s” is unknown here; write one of: %(known)s"), word=word, known="、".join(words)
        )
        return None
    return str(words[word])


def _seal(values: dict[str, str], ring: Keyring) -> None:
    for name in ("id_number", "mobile"):
        if values.get(name):
            values[f"{name}_hash"] = ring.hash(values[name])
    values["pinyin"] = "".join(map(initial, values.get("name", "")))[:60]


@lru_cache(maxsize=20_000)
def initial(character: str) -> str:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # a single character needs none, and they take a second to load
    from pypinyin import Style, lazy_pinyin

    return str(lazy_pinyin(character, style=Style.FIRST_LETTER)[0])[:1].lower()


class _Seen:
    """Tells people who stand twice in one file, and those nothing tells apart."""

    def __init__(self) -> None:
        self.file = Seen()

    def check(self, line: Line) -> None:
        get = line.values.get
        marks = [("staff_no", get("staff_no")), ("id_number", get("id_number_hash"))]
        marks = [(name, mark) for name, mark in marks if mark]
        if not marks and get("mobile_hash"):
            marks = [("mobile", f"{get('name')} {get('mobile_hash')}")]
        if not marks and not line.errors:
            line.wrong(
                "name",
                "no_key",
                N_("A staff number, an ID number or a mobile number is needed to identify this person"),
            )
        self.file.check(line, marks)
