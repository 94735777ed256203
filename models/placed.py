"""What objects of research have in common: a unit they lie in, and a telephone that only the keys can read."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.acting import Scope
from models.changes import Tracked
from models.scope import Scoped, in_a_district
from models.types import PathText, Sealed, keyring
from models.units import Unit
from rules.identity import mask_mobile


class Placed(Scoped, Tracked):
    """The `path` is the unit's."""

    UNTRACKED = frozenset({"sealed_telephone"})

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, index=True)
    telephone_hash: Mapped[str | None] = mapped_column(sa.String(32), index=True)
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr
    def sealed_telephone(self) -> Mapped[str | None]:
        return mapped_column("telephone", Sealed(f"{self.__tablename__}.telephone"))  # type: ignore[attr-defined]

    @declared_attr
    def unit(self) -> Mapped[Unit]:
        return relationship()

    @declared_attr.directive
    def __mapper_args__(self) -> dict[str, Any]:
        return {"version_id_col": self.version}

    @classmethod
    def among(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return in_a_district(cls.path, scope, cls.within(scope))

    @property
    def place(self) -> str:
        return self.path

    @property
    def telephone(self) -> str | None:
        return self.sealed_telephone

    @telephone.setter
    def telephone(self, value: str | None) -> None:
        self.sealed_telephone = value or None
        self.telephone_hash = keyring().hash(value) if value else None

    @property
    def masked_telephone(self) -> str:
        return mask_mobile(self.sealed_telephone or "")

    def lie_in(self, unit: Unit) -> None:
        self.unit, self.path = unit, unit.path
