"""Column types: moments kept in UTC, codes out of a fixed list, and text that only the keys can read."""

import hmac
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy.engine import Dialect

EXTENSION = "minqing.keyring"


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Takes and returns aware datetimes; SQLite keeps them as naive UTC. A naive value is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Codes(sa.types.TypeDecorator[list[str]]):
    """Several codes out of a dictionary, in one order and each between commas: `,a,b,`."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else "".join(f",{code}" for code in sorted(set(value))) + ("," if value else "")

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str] | None:
        return None if value is None else [code for code in value.split(",") if code]


def has_code(column: Any, code: str) -> sa.ColumnElement[bool]:
    return sa.type_coerce(column, sa.String).contains(f",{code},", autoescape=True)


def holds_code(column: sa.Column[Any], code: sa.Column[str]) -> sa.ColumnElement[bool]:
    """Of a column that holds one code or several."""
    if not isinstance(column.type, Codes):
        return column == code
    held = sa.type_coerce(column, sa.String)
    return sa.func.replace(held, sa.literal(",") + code + ",", "") != held


PathText = sa.String(160).with_variant(sa.String(160, collation="C"), "postgresql")
"""A materialised path compares by bytes, so that a subtree is one index range on both engines."""


def one_of(table: str, column: str, codes: type[StrEnum]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{code.value}'" for code in codes)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


def dated(table: str, states: Collection[StrEnum], column: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{state.value}'" for state in sorted(states))
    return sa.CheckConstraint(f"state NOT IN ({listed}) OR {column} IS NOT NULL", name=f"ck_{table}_settled")


@dataclass(frozen=True)
class Keyring:
    """`index` keys the look-up hashes and never changes; the highest numbered key encrypts, all of them decrypt."""

    index: bytes = field(repr=False)
    numbered: Mapping[int, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Reads `index=<hex>;1=<hex>;2=<hex>`; raises ValueError naming what is wrong, never the key."""
        parts = dict(part.strip().partition("=")[::2] for part in text.strip().split(";") if part.strip())
        try:
            keys = {name: bytes.fromhex(value) for name, value in parts.items()}
        except ValueError:
            raise ValueError("MINQING_FIELD_KEYS: every key must be hexadecimal") from None
        index = keys.pop("index", b"")
        if len(index) < 32 or not keys or any(len(key) != 32 for key in keys.values()):
            raise ValueError("MINQING_FIELD_KEYS: needs index=<64 hex digits>;1=<64 hex digits>")
        if not all(name.isdigit() and 0 < int(name) < 256 for name in keys):
            raise ValueError("MINQING_FIELD_KEYS: keys are numbered from 1 to 255")
        return cls(index, {int(name): key for name, key in keys.items()})

    def seal(self, text: str, context: str) -> bytes:
        """One byte of key number, 12 of nonce, then AES-GCM bound to `context` (the column)."""
        number, nonce = self.newest, os.urandom(12)
        return bytes([number]) + nonce + self.ciphers[number].encrypt(nonce, text.encode(), context.encode())

    def open(self, blob: bytes, context: str) -> str:
        return self.ciphers[blob[0]].decrypt(blob[1:13], blob[13:], context.encode()).decode()

    def hash(self, text: str) -> str:
        """Keyed look-up hash: 32 hexadecimal digits."""
        return hmac.digest(self.index, text.encode(), "sha256").hex()[:32]

    def tail_hash(self, number: str) -> str:
        """The same of the last four digits alone, which no number has as a whole."""
        return self.hash(f"*{number[-4:]}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Ciphers go to no other process."""
        return Keyring, (self.index, dict(self.numbered))

    @cached_property
    def newest(self) -> int:
        return max(self.numbered)

    @cached_property
    def ciphers(self) -> dict[int, AESGCM]:
        return {number: AESGCM(key) for number, key in self.numbered.items()}


def keyring() -> Keyring:
    ring: Keyring = current_app.extensions[EXTENSION]
    return ring


class Sealed(sa.types.TypeDecorator[str]):
    """Text encrypted at rest under the installation's keyring; `context` names the column and is authenticated."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, context: str):
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().seal(value, self.context)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring().open(value, self.context)
