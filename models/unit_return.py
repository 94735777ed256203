"""Taking a merge or a split of units back, one step, while nothing has happened since to what moved."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Session

from models.unit_moving import CHANGE, DUTY, EVENT, FOLLOWING, LEG, LYING, PERSON, TICKET, Pair, Step, tell, tracked
from models.units import Unit
from rules.refusals import N_, Refusal

AT_ONCE = 500
UNIT = Unit.__table__


def before(session: Session, units: list[Unit], into: Unit | None) -> dict[str, Any]:
    """`units`: id, code and last day of those that will end; `rows`: what lies in them, by name, unit and key."""
    rows: dict[str, dict[str, list[int]]] = {name: {} for name in LYING}
    for name, (table, column, which) in LYING.items():
        lying = sa.select(column, table.c.id).where(column.in_([unit.id for unit in units]), which)
        for unit_id, key in session.execute(lying):
            rows[name].setdefault(str(unit_id), []).append(key)
    ids = [unit.id for unit in units]
    concerned = sa.or_(DUTY.c.unit_id.in_(ids), DUTY.c.place_id.in_(ids))
    duties = session.execute(sa.select(DUTY).where(concerned)).mappings()
    return {
        "units": [[unit.id, unit.code, unit.valid_to and unit.valid_to.isoformat()] for unit in units],
        "rows": rows,
        "duties": [dict(duty) for duty in duties],
        "aliases": [alias.alias for alias in into.aliases] if into else [],
        "leader": [into.leader_id, into.leader_name] if into else None,
    }


def since(session: Session) -> dict[str, int]:
    """What is later than these has happened since."""
    return {
        name: session.scalar(sa.select(sa.func.max(t.c.id))) or 0 for name, t in (("change", CHANGE), ("event", EVENT))
    }


def take_back(session: Session, kept: dict[str, Any], into: Unit | None, step: Step) -> None:
    olds = _ended(session, kept)
    heirs = {unit_id: old.successor for unit_id, old in olds.items() if old.successor is not None}
    made = _made(olds, kept, into)
    _nothing_since(session, kept, made)
    for unit_id, old in olds.items():
        _rows_back(session, kept["rows"], old, heirs[unit_id], step)
    _duties_back(session, kept)
    session.expire_all()
    _units_back(session, kept, made)
    if into is not None:
        _forget(into, olds[kept["units"][0][0]], kept)
    session.flush()


def check_unchanged(session: Session, kept: dict[str, Any], into: Unit | None) -> None:
    _nothing_since(session, kept, _made(_ended(session, kept), kept, into))


def _ended(session: Session, kept: dict[str, Any]) -> dict[int, Unit]:
    return {unit_id: session.get_one(Unit, unit_id) for unit_id, *_rest in kept["units"]}


def _made(olds: dict[int, Unit], kept: dict[str, Any], into: Unit | None) -> list[int]:
    """Units that took over and were not there before."""
    heirs = [old.successor_id for old in olds.values() if old.successor_id is not None]
    made = [heir_id for heir_id in heirs if into is None or heir_id != into.id]
    return made + [part for part in kept.get("parts", []) if part not in made]


def _forget(into: Unit, old: Unit, kept: dict[str, Any]) -> None:
    """The names it had from the other, and its leader."""
    names = {old.name, *(alias.alias for alias in old.aliases)} - set(kept["aliases"])
    into.aliases = [alias for alias in into.aliases if alias.alias not in names]
    if [into.leader_id, into.leader_name] == [old.leader_id, old.leader_name]:
        into.leader_id, into.leader_name = kept["leader"]


def _nothing_since(session: Session, kept: dict[str, Any], made: list[int]) -> None:
    """Every change of a row writes the journal, every step of a request its history."""
    for name, by_unit in kept["rows"].items():
        table = LYING[name][0]
        for keys in _portions(by_unit):
            if table in (TICKET, LEG):
                ids = sa.select(LEG.c.ticket_id).where(LEG.c.id.in_(keys)) if table is LEG else keys
                _refuse_if(session, sa.exists().where(EVENT.c.id > kept["event"], EVENT.c.ticket_id.in_(ids)))
            else:
                _refuse_if(session, _changed(kept, table.name, keys))
    _refuse_if(session, _changed(kept, "unit", [*made, *(unit_id for unit_id, *_rest in kept["units"])]))


def _changed(kept: dict[str, Any], subject: str, keys: list[int]) -> sa.ColumnElement[bool]:
    return sa.exists().where(CHANGE.c.id > kept["change"], CHANGE.c.subject == subject, CHANGE.c.subject_id.in_(keys))


def _refuse_if(session: Session, later: sa.ColumnElement[bool]) -> None:
    if session.scalar(sa.select(later)):
        raise Refusal(N_("Something that moved has been worked on since: this can no longer be taken back"))


def _portions(by_unit: dict[str, list[int]]) -> Iterator[list[int]]:
    for keys in by_unit.values():
        for start in range(0, len(keys), AT_ONCE):
            yield keys[start : start + AT_ONCE]


def _rows_back(session: Session, rows: dict[str, dict[str, list[int]]], old: Unit, heir: Unit, step: Step) -> None:
    mine = {name: {"": by_unit.get(str(old.id), [])} for name, by_unit in rows.items()}
    pair = Pair.of(heir, old)
    for name in ("requests", "held", "legs"):
        for keys in _portions(mine[name]):
            _work_back(session, name, keys, old, pair, step)
    for name, (table, _which) in FOLLOWING.items():
        for keys in _portions(mine[name]):
            here = sa.select(table.c.unit_id, table.c.path).where(table.c.id.in_(keys)).distinct()
            for unit_id, path in session.execute(here).all():
                which = sa.and_(table.c.id.in_(keys), table.c.unit_id == unit_id)
                new = {"unit_id": old.id, "path": old.path}
                tracked(session, table, which, old.path, {"unit_id": unit_id, "path": path}, new, step)
    for keys in _portions(mine["liaison"]):
        new = {"liaison_unit_id": old.id}
        tracked(session, PERSON, PERSON.c.id.in_(keys), PERSON.c.path, {"liaison_unit_id": heir.id}, new, step)


def _work_back(session: Session, name: str, keys: list[int], old: Unit, pair: Pair, step: Step) -> None:
    table = LYING[name][0]
    tickets = sa.select(LEG.c.ticket_id).where(LEG.c.id.in_(keys)) if name == "legs" else keys
    back = sa.exists().where(EVENT.c.ticket_id == TICKET.c.id, EVENT.c.at == step.at, EVENT.c.note == step.reason)
    tell(session, sa.and_(TICKET.c.id.in_(tickets), sa.not_(back)), pair, step)
    there: dict[str, dict[str, Any]] = {
        "requests": {"unit_id": old.id, "path": old.path},
        "held": {"lead_unit_id": old.id},
        "legs": {"unit_id": old.id, "path": old.path, "unit_name": old.name},
    }
    session.execute(sa.update(table).where(table.c.id.in_(keys)).values(**there[name], version=table.c.version + 1))


def _duties_back(session: Session, kept: dict[str, Any]) -> None:
    for duty in kept["duties"]:
        session.execute(sa.delete(DUTY).where(DUTY.c.id == duty["id"]))
        session.execute(sa.insert(DUTY).values(**duty))


def _units_back(session: Session, kept: dict[str, Any], made: list[int]) -> None:
    """The units that had taken over go, unless something has come to hang on them."""
    for unit_id, _code, valid_to in kept["units"]:
        old = session.get_one(Unit, unit_id)
        old.successor, old.valid_to = None, valid_to and date.fromisoformat(valid_to)
    session.flush()
    for table in Model.metadata.sorted_tables:
        for column in table.c:
            if any(key.column is UNIT.c.id for key in column.foreign_keys) and table.name not in ("unit", "unit_alias"):
                _refuse_if(session, sa.exists().where(column.in_(made)))
    _refuse_if(session, sa.exists().where(UNIT.c.parent_id.in_(made), UNIT.c.id.not_in(made)))
    for heir in session.scalars(sa.select(Unit).where(Unit.id.in_(made)).order_by(sa.func.length(Unit.path).desc())):
        session.delete(heir)
        session.flush()
    for unit_id, code, _valid_to in kept["units"]:
        session.get_one(Unit, unit_id).code = code
    session.flush()
