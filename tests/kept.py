"""A PostgreSQL database that is put back to how it was once kept."""

import time
from typing import Any, NamedTuple

import psycopg

CATALOGUES = [
    f"pg_catalog.pg_{name}"
    for name in (
        *("class", "attribute", "attrdef", "constraint", "index", "trigger", "proc", "type", "namespace"),
        *("rewrite", "sequence", "statistic", "statistic_ext"),
    )
]
"""Where it shows that something was made, altered or analysed."""
OURS = """
SELECT format('%%I.%%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = %s AND c.oid > 16383 AND n.nspname !~ '^pg_' ORDER BY 1
"""
VACUUMED = "SELECT sum(reltuples) FROM pg_class WHERE relkind = 'r' AND oid > 16383"
OTHERS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
LEAVING_SECONDS, LOOK_SECONDS = 0.2, 0.002
ROOM = 8
"""Pages by which a table may grow: what is deleted still takes its place."""


class Count(NamedTuple):
    """Rows of before the mark, rows that were written since, pages."""

    old: int
    new: int
    pages: int


class Kept:
    """`back` takes away the rows that were written and brings back those that are missing. Where anything else has
    changed it makes the database anew, which takes ten times as long."""

    def __init__(self, cluster: str, name: str):
        self.cluster, self.name, self.copy = cluster, name, f"{name}_kept"
        self._replace(name, "template0 ENCODING 'UTF8'")

    def keep(self) -> None:
        self._replace(self.copy, self.name)
        self._open()
        self.tables, self.sequences = ([name for (name,) in self._all(OURS, kind)] for kind in "rS")
        self._remember()
        self.numbers = self._numbers()
        self.rows = {table: self._dump(table) for table in self.tables}

    def back(self) -> None:
        if not self._only_rows():
            self.connection.close()
            self._replace(self.name, self.copy)
            self._open()
            self._remember()

    def close(self) -> None:
        self.connection.close()

    def _only_rows(self) -> bool:
        try:
            self._wait_for_others()
            counts = self._count()
        except psycopg.Error:
            return False
        same = all(counts[each] == self.counts[each] for each in CATALOGUES) and self._vacuumed() == self.vacuumed
        if same and all(counts[each].pages <= self.counts[each].pages + ROOM for each in self.tables):
            self._put_back(counts)
            return True
        return False

    def _put_back(self, counts: dict[str, Count]) -> None:
        short = [table for table in self.tables if counts[table].old != self.counts[table].old]
        longer = [table for table in self.tables if counts[table].new and table not in short]
        moved = [name for name, number in self._numbers().items() if number != self.numbers[name]]
        statements = [
            *(f"DELETE FROM {table}" for table in short),
            *(f"DELETE FROM {table} WHERE age(xmin) < age('{self.mark}'::xid)" for table in longer),
            *("SELECT setval('{}', {}, {})".format(name, *self.numbers[name]) for name in moved),
        ]
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute("; ".join(statements))
            for table in short:
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(self.rows[table])
        self.mark = self._next()

    def _wait_for_others(self) -> None:
        """Whoever has left may still be on the way out; whoever has not is sent away."""
        until = time.monotonic() + LEAVING_SECONDS
        while others := self._all(OTHERS):
            if time.monotonic() > until:
                for (pid,) in others:
                    self._all("SELECT pg_terminate_backend(%s)", pid)
            time.sleep(LOOK_SECONDS)

    def _open(self) -> None:
        """Neither triggers nor keys of others stand in the way of what is put back."""
        address = self.cluster.rsplit("/", 1)[0] + f"/{self.name}"
        options = "-c session_replication_role=replica -c jit=off -c plan_cache_mode=force_generic_plan"
        self.connection = psycopg.connect(address, autocommit=True, options=options)

    def _remember(self) -> None:
        self.mark = self._next()
        self.counts = self._count()
        self.vacuumed = self._vacuumed()

    def _next(self) -> int:
        """The number of a transaction; what is written from here on bears a higher one."""
        return self._all("SELECT pg_current_xact_id()::text::bigint")[0][0]

    def _vacuumed(self) -> float:
        return self._all(VACUUMED)[0][0]

    def _count(self) -> dict[str, Count]:
        query = " UNION ALL ".join(
            f"SELECT '{name}', count(*) FILTER (WHERE age(xmin) >= age(%(mark)s::text::xid)),"
            f" count(*) FILTER (WHERE age(xmin) < age(%(mark)s::text::xid)), pg_relation_size('{name}') / 8192"
            f" FROM {name}"
            for name in (*CATALOGUES, *self.tables)
        )
        found = self.connection.execute(query, {"mark": self.mark}, prepare=True)
        return {name: Count(*numbers) for name, *numbers in found}

    def _numbers(self) -> dict[str, tuple[int, bool]]:
        query = " UNION ALL ".join(f"SELECT '{name}', last_value, is_called FROM {name}" for name in self.sequences)
        return {name: (last, called) for name, last, called in self.connection.execute(query, prepare=True)}

    def _dump(self, table: str) -> bytes:
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
            return b"".join(copy)

    def _all(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, values).fetchall()

    def _replace(self, name: str, template: str) -> None:
        with psycopg.connect(self.cluster, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}')
