"""Which unit reaches which request: one row for each unit, below the district, in or above a place it arose in or a leg
of it lies with. The database keeps the rows by itself, whoever writes tickets and legs."""

import json
import sqlite3
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from models.types import UtcDateTime


class TicketReach(Model):
    __tablename__ = "ticket_reach"
    __table_args__: Any = (
        sa.Index("ix_ticket_reach_order", "place", "submitted_at", "ticket_id"),
        sa.Index("ix_ticket_reach_state", "place", "state", "ticket_id"),
        {"sqlite_with_rowid": False},
    )

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """The unit's code."""
    state: Mapped[str] = mapped_column(sa.String(16))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)


def place_of(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


SQLITE_ROWS = """INSERT OR IGNORE INTO ticket_reach (ticket_id, place, state, submitted_at)
    SELECT ticket.id, each.value, ticket.state, ticket.submitted_at
    FROM ticket JOIN (SELECT id AS ticket_id, path FROM ticket UNION ALL SELECT ticket_id, path FROM leg) AS lying
    ON lying.ticket_id = ticket.id, json_each(reach_places(lying.path)) AS each"""
POSTGRES_ROWS = """INSERT INTO ticket_reach (ticket_id, place, state, submitted_at)
    SELECT ticket.id, place, ticket.state, ticket.submitted_at
    FROM ticket JOIN (SELECT id AS ticket_id, path FROM ticket UNION ALL SELECT ticket_id, path FROM leg) AS lying
    ON lying.ticket_id = ticket.id, unnest((string_to_array(trim(BOTH '/' FROM lying.path), '/'))[2:]) AS place"""
ONE = " WHERE ticket.id = "


def _anew(ticket_id: str) -> str:
    rows = SQLITE_ROWS.replace("FROM ticket UNION ALL", f"FROM ticket WHERE id = {ticket_id} UNION ALL")
    rows = rows.replace("FROM leg)", f"FROM leg WHERE ticket_id = {ticket_id})")
    return f"BEGIN DELETE FROM ticket_reach WHERE ticket_id = {ticket_id}; {rows}{ONE}{ticket_id}; END"  # noqa: S608


SQLITE_TRIGGERS = {
    "ticket_reach_new": f"AFTER INSERT ON ticket {_anew('new.id')}",
    "ticket_reach_moved": f"AFTER UPDATE OF path ON ticket WHEN old.path <> new.path {_anew('new.id')}",
    "ticket_reach_changed": """AFTER UPDATE OF state, submitted_at ON ticket
        WHEN old.submitted_at <> new.submitted_at OR old.state <> new.state
        BEGIN UPDATE ticket_reach SET state = new.state, submitted_at = new.submitted_at
        WHERE ticket_id = new.id; END""",
    "leg_reach_new": f"AFTER INSERT ON leg {_anew('new.ticket_id')}",
    "leg_reach_moved": f"AFTER UPDATE OF path ON leg WHEN old.path <> new.path {_anew('new.ticket_id')}",
    "leg_reach_gone": f"AFTER DELETE ON leg {_anew('old.ticket_id')}",
}
POSTGRES_FUNCTIONS = (
    f"""CREATE FUNCTION reach_keep() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE wanted integer; BEGIN
    IF TG_TABLE_NAME = 'ticket' THEN wanted := new.id;
    ELSIF TG_OP = 'DELETE' THEN wanted := old.ticket_id;
    ELSE wanted := new.ticket_id; END IF;
    DELETE FROM ticket_reach WHERE ticket_id = wanted;
    {POSTGRES_ROWS} WHERE ticket.id = wanted AND lying.ticket_id = wanted ON CONFLICT DO NOTHING;
    RETURN NULL; END $$""",  # noqa: S608
    """CREATE FUNCTION reach_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE ticket_reach SET state = new.state, submitted_at = new.submitted_at WHERE ticket_id = new.id;
    RETURN NULL; END $$""",
)
POSTGRES_TRIGGERS = {
    "ticket": (
        "CREATE TRIGGER reach_new AFTER INSERT ON ticket FOR EACH ROW EXECUTE FUNCTION reach_keep()",
        "CREATE TRIGGER reach_moved AFTER UPDATE OF path ON ticket FOR EACH ROW"
        " WHEN (old.path <> new.path) EXECUTE FUNCTION reach_keep()",
        "CREATE TRIGGER reach_changed AFTER UPDATE OF state, submitted_at ON ticket FOR EACH ROW"
        " WHEN (old.submitted_at <> new.submitted_at OR old.state <> new.state)"
        " EXECUTE FUNCTION reach_follow()",
    ),
    "leg": (
        "CREATE TRIGGER reach_new AFTER INSERT OR DELETE ON leg FOR EACH ROW EXECUTE FUNCTION reach_keep()",
        "CREATE TRIGGER reach_moved AFTER UPDATE OF path ON leg FOR EACH ROW"
        " WHEN (old.path <> new.path) EXECUTE FUNCTION reach_keep()",
    ),
}
POSTGRES_NAMES = {"ticket": ("reach_new", "reach_moved", "reach_changed"), "leg": ("reach_new", "reach_moved")}


def bring_functions(connection: sqlite3.Connection) -> None:
    connection.create_function("reach_places", 1, reach_places, deterministic=True)


def reach_places(path: str) -> str:
    """JSON list of the codes on a path, without the district's."""
    return json.dumps(path.strip("/").split("/")[1:])


def create(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for statement in POSTGRES_FUNCTIONS:
            connection.exec_driver_sql(statement)
    switch_on(connection)


def drop(connection: Connection) -> None:
    switch_off(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION reach_keep(), reach_follow()")


def switch_on(connection: Connection) -> None:
    statements = [each for table in POSTGRES_TRIGGERS.values() for each in table]
    if connection.dialect.name == "sqlite":
        statements = [f"CREATE TRIGGER {name} {body}" for name, body in SQLITE_TRIGGERS.items()]
    for statement in statements:
        connection.exec_driver_sql(statement)


def switch_off(connection: Connection) -> None:
    statements = [f"DROP TRIGGER {name} ON {table}" for table, names in POSTGRES_NAMES.items() for name in names]
    if connection.dialect.name == "sqlite":
        statements = [f"DROP TRIGGER {name}" for name in SQLITE_TRIGGERS]
    for statement in statements:
        connection.exec_driver_sql(statement)


def fill(connection: Connection) -> None:
    """For all there is; no row may be there yet."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(POSTGRES_ROWS + " ON CONFLICT DO NOTHING")
    else:
        connection.exec_driver_sql(SQLITE_ROWS)
