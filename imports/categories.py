"""Trees of categories, up to three levels a row. What stands above a row and is not there yet is made with it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from imports import convert, staging
from imports.columns import Column
from imports.convert import Unreadable
from imports.journal import Journal
from imports.kind import Kind, Pair
from imports.lines import Line
from imports.places import plain
from imports.seen import Seen
from models.categories import Category
from models.types import PathText
from rules.refusals import N_
from rules.units import CODE, NO_CODE

LEVELS = ("first", "second", "third")
LONGEST_CODE, LONGEST_NAME = 16, 60

stage = staging.stage_table(
    "category_line",
    sa.Column("code", sa.String(LONGEST_CODE)),
    sa.Column("name", sa.String(LONGEST_NAME)),
    sa.Column("name_en", sa.String(LONGEST_NAME)),
    sa.Column("path", PathText),
    sa.Column("active", sa.Boolean),
    *(sa.Column(level, sa.String(LONGEST_NAME)) for level in LEVELS),
)
category = Category.__table__
s, c = stage.c, category.c


@dataclass(frozen=True)
class Node:
    code: str
    name: str
    path: str


ROOT = Node("", "", "/")


class Categories(Kind):
    name = "categories"
    title = N_("Categories")
    columns = (
        Column("code", "分类代码", convert.code, ("代码", "编码", "分类编码"), longest=LONGEST_CODE),
        Column(
            "first",
            "一级分类",
            convert.text,
            ("一级标签", "一级类别", "大类", "一级分类名称"),
            required=True,
            longest=LONGEST_NAME,
        ),
        Column(
            "second", "二级分类", convert.text, ("二级标签", "二级类别", "中类", "二级分类名称"), longest=LONGEST_NAME
        ),
        Column(
            "third", "三级分类", convert.text, ("三级标签", "三级类别", "小类", "三级分类名称"), longest=LONGEST_NAME
        ),
        Column("name_en", "英文名称", convert.text, ("英文",), longest=LONGEST_NAME, clearable=True),
        Column("active", "是否启用", convert.flag, ("启用", "在用")),
    )
    face = ("code", *LEVELS, "active")
    stage = stage
    target = category
    pairs = (
        Pair(s.name, c.name),
        Pair(s.name_en, c.name_en, ""),
        Pair(s.active, c.active, empty=True),
    )
    resembled_by = ("name",)
    called = ("code", "name")

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        found = list(lines)
        tree, seen = Tree(self, found), Seen()
        for line in found:
            tree.hang(line)
            if line.values.get("path"):
                seen.check(line, [("first", line.values["path"])])
        return [*tree.implied, *found]

    def basis(self) -> str:
        rows = self.connection.execute(sa.select(c.id, c.code, c.name, c.path).order_by(c.id))
        return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:32]

    def place(self) -> sa.ColumnElement[str]:
        return sa.literal("")

    def match(self) -> None:
        self.find(c.path == s.path)

    def write(self, batch_id: int) -> None:
        journal = Journal(self, batch_id)
        journal.changed()
        self.insert((Pair(s.code, c.code), Pair(s.path, c.path), *self.pairs), version=sa.literal(1))
        self.update(self.pairs)
        self.match()
        self._hang()
        journal.added()

    def _hang(self) -> None:
        parent = category.alias()
        above = sa.select(parent.c.id).where(c.path == parent.c.path + c.code + "/").scalar_subquery()
        new = sa.select(s.target_id).where(self.of_load(staging.NEW))
        self.connection.execute(sa.update(category).where(c.id.in_(new)).values(parent_id=above))


class Tree:
    """As it stands and as the file adds to it, by place and name."""

    def __init__(self, kind: Kind, lines: Iterable[Line]) -> None:
        self.nodes: dict[tuple[str, str], Node] = {}
        self.by_code: dict[str, Node] = {}
        self.implied: list[Line] = []
        for code, name, path in kind.connection.execute(sa.select(c.code, c.name, c.path).order_by(c.path)):
            self._enter(Node(code, name, path))
        self.taken = {*self.by_code, *(line.values["code"] for line in lines if line.values.get("code"))}

    def _enter(self, node: Node) -> None:
        self.nodes[node.path.removesuffix(f"{node.code}/"), node.name] = node
        self.by_code[node.code] = node

    def hang(self, line: Line) -> None:
        names = [line.values.get(level) for level in LEVELS]
        named = [name for name in names if name]
        if not named or line.errors:
            return
        if names[: len(named)] != named:
            line.wrong("second", "level", N_("A lower level stands here without the one above it"))
            return
        parent = ROOT
        for depth, name in enumerate(named[:-1]):
            parent = self.nodes.get((parent.path, name)) or self._imply(line, parent, named[: depth + 1])
        node = self._own(line, parent, named[-1])
        if node is not None:
            line.values |= {"code": node.code, "name": node.name, "path": node.path}
            self._enter(node)

    def _own(self, line: Line, parent: Node, name: str) -> Node | None:
        code, known = line.values.get("code"), self.nodes.get((parent.path, name))
        if not code:
            return known or self._made(line, parent, name)
        if not CODE.fullmatch(code):
            line.wrong("code", "code", NO_CODE)
            return None
        if known is not None and known.code != code:
            line.wrong(
                "code", "taken", N_("“%(name)s” stands here under the code %(code)s"), name=name, code=known.code
            )
            return None
        there, path = self.by_code.get(code), f"{parent.path}{code}/"
        if there is not None and there.path != path:
            line.wrong("code", "taken", N_("The code belongs to “%(name)s”, which stands elsewhere"), name=there.name)
            return None
        return Node(code, name, path)

    def _made(self, line: Line, parent: Node, name: str) -> Node | None:
        """With the next free code below its parent's."""
        numbers = (f"{parent.code}{number:02}" for number in range(1, len(self.taken) + 2))
        code = next(each for each in numbers if each not in self.taken)
        if len(code) > LONGEST_CODE:
            line.wrong("code", "too_long", N_("The text is longer than %(limit)s characters"), limit=str(LONGEST_CODE))
            return None
        self.taken.add(code)
        return Node(code, name, f"{parent.path}{code}/")

    def _imply(self, line: Line, parent: Node, names: list[str]) -> Node:
        """A line the sheet does not hold, numbered below 1 and not counted."""
        node = self._made(line, parent, names[-1]) or parent
        values = {"code": node.code, "name": node.name, "path": node.path} | dict(zip(LEVELS, names, strict=False))
        self.implied.append(Line(-len(self.implied), line.sheet, line.row, {}, [], values))
        self._enter(node)
        return node


def named_categories(connection: sa.Connection) -> dict[str, list[tuple[int, str]]]:
    """Code, name, and names strung together from above → ids, each with how to write it so that it is the only one."""
    rows = connection.execute(sa.select(c.id, c.code, c.name, c.path).order_by(c.path)).all()
    names = {row.code: row.name for row in rows}
    found: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        above = [names[code] for code in row.path.strip("/").split("/")][-len(LEVELS) :]
        forms = {plain("".join(above[start:])) for start in range(len(above))}
        for form in {row.code, *forms}:
            found.setdefault(form, []).append((row.id, " / ".join(above)))
    return found


def known(categories: dict[str, list[tuple[int, str]]], text: str) -> int:
    """Raises Unreadable for what no category, or more than one, is called."""
    found = categories.get(text) or categories.get(plain(text), [])
    if not found:
        raise Unreadable("unknown_category", N_("There is no category “%(name)s”"), name=text)
    if len(found) > 1:
        listed = "、".join(written for _, written in found[:5])
        raise Unreadable(
            "ambiguous_category", N_("“%(name)s” may be any of: %(listed)s; write its code"), name=text, listed=listed
        )
    return found[0][0]
