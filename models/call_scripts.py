"""话术: what whoever calls back says, for all requests or for a kind of matter. The office edits it."""

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from models.categories import Category
from models.changes import Tracked

PLACES = ("回访人", "标题", "工单编号", "承办单位", "办结日期")
"""What may stand in a script in braces, and is filled in for each call."""
SEED = (
    "您好，我是{回访人}，负责民情工单回访。您反映的“{标题}”（编号 {工单编号}），"
    "{承办单位}已于 {办结日期} 办结并答复您，耽误您一分钟，问三个问题：\n"
    "一、事情解决了吗？是已经解决、部分解决，还是没有解决？\n"
    "二、您对办理情况打几颗星？最好是五颗星。好在哪里，不好在哪里？\n"
    "三、还有什么要补充的吗？\n"
    "谢谢您，您的意见会如实记录，承办单位看不到您的号码。再见。"
)


class CallScript(Tracked, Model):
    __tablename__ = "call_script"

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int | None] = mapped_column(sa.ForeignKey("category.id"), unique=True)
    """Empty: for whatever has no script of its own."""
    text: Mapped[str] = mapped_column(sa.Text)

    category: Mapped[Category | None] = relationship()

    def __str__(self) -> str:
        return str(self.category) if self.category else ""


def script_for(session: Session, category: Category | None) -> str:
    """That of the category, or of the nearest one above it, or the one for all."""
    rows = list(session.scalars(sa.select(CallScript).options(joinedload(CallScript.category))))
    for_all = next((row.text for row in rows if row.category is None), SEED)
    path = category.path if category else ""
    above = [row for row in rows if row.category is not None and path.startswith(row.category.path)]
    return max(above, key=lambda row: len(row.category.path)).text if above else for_all  # type: ignore[union-attr]


def filled(text: str, values: dict[str, str]) -> str:
    for place in PLACES:
        text = text.replace(f"{{{place}}}", values[place])
    return text


def seed_scripts(session: Session) -> None:
    session.add(CallScript(text=SEED))
