"""A roster of the district's size and a ledger of a year as offices send them: 20 columns each, made once."""

import io
import random
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import sqlalchemy as sa
from openpyxl.utils import get_column_letter
from sqlalchemy.engine import Engine

from imports.convert import Unreadable
from imports.places import Places
from models.categories import Category
from models.scope import under
from models.tickets import Ticket
from models.units import Unit
from rules.identity import ID_CHECK_DIGITS, ID_WEIGHTS
from tests.bench.data import CACHE, key

PEOPLE, REQUESTS = 38_400, 331_000
CHANGED_EVERY = 20
SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TEXT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
TEXT_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
ROSTER = (
    *("序号", "工号", "姓名", "性别", "身份证号", "手机", "单位", "职务", "人员类别", "政治面貌", "入党时间", "党支部"),
    *("联系村社", "在职状态", "备注", "民族", "学历", "籍贯", "年龄", "办公电话"),
)
LEDGER = (
    *(
        "工单编号",
        "来源",
        "问题分类",
        "标题",
        "主要内容",
        "反映人",
        "联系电话",
        "村社区",
        "街乡镇",
        "发生地址",
        "反映时间",
    ),
    *("受理时间", "派单时间", "签收时间", "主办单位", "办理时限", "办结时间", "办理结果", "满意度", "状态"),
)
SURNAMES, GIVEN = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗",
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲华建国红",
)
Cell = str | int


@dataclass(frozen=True)
class Material:
    """Of one district: names that only one unit bears, villages with their towns, and what was asked before; and the
    categories."""

    units: list[str]
    villages: list[tuple[str, str]]
    categories: list[str]
    asked: list[tuple[str, str]]

    @classmethod
    def of(cls, engine: Engine, places: Places, district: str) -> "Material":
        """By its path."""
        unit, category, ticket = Unit.__table__.c, Category.__table__.c, Ticket.__table__.c
        inside = under(unit.path, district)
        alone = sa.select(unit.name).where(inside).group_by(unit.name).having(sa.func.count() == 1)
        with engine.connect() as connection:
            rows = connection.execute(
                sa.select(unit.name, unit.kind, unit.path).where(inside, unit.name.in_(alone), unit.valid_to.is_(None))
            ).all()
            towns = {path: name for name, kind, path in rows if kind == "town"}
            named = sa.select(category.name).group_by(category.name).having(sa.func.count() == 1)
            texts = sa.select(ticket.title, ticket.text).where(under(ticket.path, district))
            asked = connection.execute(texts.order_by(ticket.id).limit(5_000))
            return cls(
                sorted(name for name, _kind, _path in rows if sole(places, name)),
                sorted(
                    (name, towns[above])
                    for name, kind, path in rows
                    if kind == "village"
                    and sole(places, name)
                    and (above := path.rstrip("/").rpartition("/")[0] + "/") in towns
                ),
                sorted(connection.scalars(named)),
                [(title, text) for title, text in asked],
            )


def sole(places: Places, name: str) -> bool:
    try:
        return places.find(name).name == name
    except Unreadable:
        return False


def roster(material: Material, count: int, *, corrected: bool = False) -> Iterator[list[Cell]]:
    """`corrected`: one in twenty has another post."""
    chance, seen = random.Random(1), set[str]()
    for number in range(1, count + 1):
        identity = id_number(chance, seen)
        name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
        unit, posts = chance.choice(material.units), ("书记", "委员", "网格员", "科员", "")
        post = chance.choice(posts)
        yield [
            *(number, f"R{number:06}", name, chance.choice("男女"), identity, mobile(chance), unit),
            "组长" if corrected and number % CHANGED_EVERY == 0 else post,
            *(chance.choice(("村社干部", "党员", "专职网格员")), chance.choice(("中共党员", "群众", "共青团员"))),
            f"{chance.randint(1980, 2020)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            *(f"{unit[:4]}党支部", chance.choice(material.units), "在职", chance.choice(("", "", f"备注{number}"))),
            *(
                "汉族",
                chance.choice(("本科", "大专", "高中")),
                "浙江富阳",
                chance.randint(20, 70),
                f"0571-{number % 10_000:08}",
            ),
        ]


def id_number(chance: random.Random, seen: set[str]) -> str:
    while True:
        born = f"{chance.randint(1950, 2004)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        digits = f"330999{born}{chance.randint(0, 999):03}"
        weighted = sum(int(digit) * weight for digit, weight in zip(digits, ID_WEIGHTS, strict=True))
        number = digits + ID_CHECK_DIGITS[weighted % 11]
        if number not in seen:
            seen.add(number)
            return number


def mobile(chance: random.Random) -> str:
    return f"1{chance.choice('35789')}{chance.randint(0, 999_999_999):09}"


def ledger(material: Material, count: int) -> Iterator[list[Cell]]:
    """In the order in which they were asked."""
    chance, start = random.Random(2), datetime(2025, 1, 1)  # noqa: DTZ001 - the clock on an office's wall
    for number in range(1, count + 1):
        (village, town), (title, text) = chance.choice(material.villages), chance.choice(material.asked)
        at = start + timedelta(minutes=520_000 * number // count)
        asked, accepted, sent, signed, settled = (
            f"{at + timedelta(hours=hours):%Y-%m-%d %H:%M:%S}" for hours in (0, 1, 2, 5, 72)
        )
        yield [
            *(f"L{number:08}", "12345热线", chance.choice(material.categories), title, f"{text[:32]}（{number}）"),
            *(f"{chance.choice(SURNAMES)}先生", int(mobile(chance)), village, town),
            f"{village}{chance.randint(1, 99)}号",
            *(asked, accepted, sent, signed, village, "7个工作日", settled, text[:16]),
            *(chance.choice(("满意", "非常满意", "不满意", "基本满意")), "已办结"),
        ]


def kept(name: str, heading: Iterable[str], rows: Callable[[], Iterable[list[Cell]]]) -> Path:
    """The file of that name, written if it is not there yet."""
    path = CACHE / f"{name}-{key()}.xlsx"
    if not path.exists():
        fresh = path.with_suffix(".fresh")
        write(fresh, [list(heading)], rows())
        fresh.replace(path)
    return path


def write(path: Path, heading: list[list[Any]], rows: Iterable[list[Cell]]) -> None:
    """A workbook of openpyxl's with the rows put into its sheet as they come, and each text once, as Excel keeps it."""
    book, out, texts = openpyxl.Workbook(), io.BytesIO(), dict[str, int]()
    book.save(out)
    letters = [get_column_letter(column) for column in range(1, len(heading[0]) + 1)]
    with zipfile.ZipFile(out) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in made.namelist():
            if name != SHEET:
                target.writestr(name, _told_of_texts(name, made.read(name)))
        with target.open(SHEET, "w") as part:
            part.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for number, row in enumerate(chain(heading, rows), 1):
                part.write(_row(number, letters, row, texts))
            part.write(b"</sheetData></worksheet>")
        with target.open(TEXTS, "w") as part:
            part.write(f'<sst xmlns="{MAIN}">'.encode())
            part.writelines(f"<si><t>{escape(text)}</t></si>".encode() for text in texts)
            part.write(b"</sst>")


def _told_of_texts(name: str, part: bytes) -> bytes:
    """The parts that say which parts there are say it of the texts too."""
    if name == "[Content_Types].xml":
        told = f'<Override PartName="/{TEXTS}" ContentType="{TEXT_TYPE}"/></Types>'
        return part.replace(b"</Types>", told.encode())
    if name.endswith("workbook.xml.rels"):
        told = f'<Relationship Id="texts" Type="{TEXT_RELATION}" Target="/{TEXTS}"/></Relationships>'
        return part.replace(b"</Relationships>", told.encode())
    return part


def _row(number: int, letters: list[str], cells: list[Any], texts: dict[str, int]) -> bytes:
    """A text is its place among the `texts`."""
    written = "".join(
        f'<c r="{letter}{number}"><v>{cell}</v></c>'
        if isinstance(cell, int)
        else f'<c r="{letter}{number}" t="s"><v>{texts.setdefault(cell, len(texts))}</v></c>'
        for letter, cell in zip(letters, cells, strict=True)
        if cell != ""
    )
    return f'<row r="{number}">{written}</row>'.encode()
