"""Which rights `flask init` has given to which role. Each is given once: what is taken away stays away."""

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column


class OfferedRight(Model):
    __tablename__ = "offered_right"

    role: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    permission: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    noun: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
