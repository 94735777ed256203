"""What the database was asked for, and how it went about it."""

import re

import sqlalchemy as sa

LARGE = (
    *("ticket", "leg", "ticket_event", "ticket_search", "ticket_reach", "notice", "rating", "reporter", "attachment"),
    *("person", "change", "visit", "visitor", "topic", "task", "household", "organisation"),
)
"""Units are 10,000 in a district of 331,000 requests, which is looked through in no time."""


class Asked:
    """The selects an engine is asked while it listens."""

    def __init__(self, engine):
        self.engine, self.made = engine, []

    def __enter__(self):
        sa.event.listen(self.engine, "before_cursor_execute", self.note)
        return self

    def __exit__(self, *error):
        sa.event.remove(self.engine, "before_cursor_execute", self.note)

    def note(self, connection, cursor, statement, parameters, context, many):
        if statement.lstrip().startswith(("SELECT", "WITH")):
            self.made.append((statement, parameters))

    def scans(self) -> list[str]:
        """The large tables that were read whole, by themselves or by an index, without an end that was asked for."""
        with self.engine.connect() as connection:
            read = self.sqlite if connection.dialect.name == "sqlite" else self.postgres
            return [f"{line}: {asked[0]}" for asked in self.made for line in read(connection, *asked)]

    def entries(self, table: str) -> list[str]:
        """By which conditions an index gave the rows of a table, each time it was read; empty where none did."""
        with self.engine.connect() as connection:
            read = sqlite_entries if connection.dialect.name == "sqlite" else postgres_entries
            return [found for asked in self.made for found in read(connection, table, *asked)]

    @staticmethod
    def sqlite(connection, statement, parameters) -> list[str]:
        """A table may be begun in an order it has, by itself or by an index, if a page is asked for."""
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        begun = " LIMIT " in statement and not any("TEMP B-TREE FOR ORDER BY" in line for line in plan)
        ordered = begun and "ORDER BY" in statement
        said = rf"SCAN ({'|'.join(named(statement))})( USING .*)?"
        scans = [line for line in plan if re.fullmatch(said, line)]
        return [line for line in scans if not (begun if " USING " in line else ordered) and NOTHING not in statement]

    @staticmethod
    def postgres(connection, statement, parameters) -> list[str]:
        [plan] = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        return whole(plan["Plan"], {})


NOTHING = "WHERE 0 = 1 "


def sqlite_entries(connection, table, statement, parameters) -> list[str]:
    plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    lines = [line for line in plan if re.match(rf"(SEARCH|SCAN) {table}\b", line)]
    return [line.partition("(")[2].rstrip(")") for line in lines]


def postgres_entries(connection, table, statement, parameters) -> list[str]:
    [plan] = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    read = [node for node in nodes(plan["Plan"]) if node.get("Relation Name") == table]
    return [node.get("Index Cond") or node.get("Recheck Cond") or "" for node in read]


def nodes(node):
    yield node
    for each in node.get("Plans", []):
        yield from nodes(each)


def whole(node, above) -> list[str]:
    """A limit right above a table's scan ends it where it expects to have a page long before the end."""
    ended = above.get("Node Type") == "Limit" and above["Total Cost"] * 2 < node["Total Cost"]
    mine = node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE and not ended
    below = [line for each in node.get("Plans", []) for line in whole(each, node)]
    return [f"Seq Scan on {node['Relation Name']} {node.get('Filter', '')}", *below] if mine else below


def named(statement: str) -> set[str]:
    """The large tables and what the statement calls them."""
    return {*LARGE, *re.findall(rf"(?:{'|'.join(LARGE)}) AS (\w+)", statement)}
