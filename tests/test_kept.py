"""Each test begins with the database as the one before it found it, whatever that one has done."""

import pytest
import sqlalchemy as sa

from models import db
from models.policies import PolicyRow
from tests.factories import build_district, make_household
from tests.kept import ROOM

ALTERED = [
    "DROP TABLE duty",
    "ALTER TABLE unit DROP COLUMN phone",
    "CREATE INDEX ix_more ON unit (phone)",
    "DROP INDEX ix_change_subject",
    "DROP TRIGGER reach_new ON ticket",
    "CREATE TABLE more (id INTEGER)",
    "ALTER TABLE unit ALTER COLUMN phone SET DEFAULT '1'",
    "ANALYZE",
    "UPDATE pg_class SET reltuples = 100000 WHERE relname = 'unit'",
    "TRUNCATE notice",
]


def state(connection):
    """Every row in the order in which it lies there, and the last number of every table. The index of the search is
    looked at in the tables that it is kept in."""
    inspector = sa.inspect(connection)
    schemas = [None, "staging", "progress"]
    names = [(schema, name) for schema in schemas for name in sorted(inspector.get_table_names(schema))]
    tables = [sa.table(name, schema=schema) for schema, name in names if name != "ticket_pairs"]
    rows = {
        str(table.fullname): list(map(repr, connection.execute(sa.select(sa.text("*")).select_from(table))))
        for table in tables
    }
    if connection.dialect.name == "sqlite":
        return rows, []
    numbers = sa.text("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
    return rows, list(map(tuple, connection.execute(numbers)))


@pytest.fixture
def engine(app):
    with app.app_context():
        yield db.engine


@pytest.fixture
def on_postgresql(backend):
    if backend.kind != "postgresql":
        pytest.skip("a matter of PostgreSQL")


def which(backend):
    asked = "SELECT oid FROM pg_database WHERE datname = current_database()"
    return backend.kept.connection.execute(asked).fetchone()


def found(backend):
    with backend.fresh().app_context(), db.engine.connect() as connection:
        return state(connection)


def test_rows_that_were_written_changed_or_deleted_are_as_they_were(backend, session):
    with db.engine.connect() as connection:
        before = state(connection)
    make_household(session, build_district(session).village)
    policies = session.scalars(sa.select(PolicyRow).order_by(PolicyRow.id)).all()
    policies[0].value = "99"
    session.execute(sa.text("DELETE FROM calendar_day"))
    session.commit()
    with db.engine.connect() as connection:
        assert state(connection)[0].keys() == before[0].keys()
        assert sum(a != b for a, b in zip(state(connection)[0].values(), before[0].values(), strict=True)) > 5
    session.remove()
    assert found(backend) == before


def test_a_number_that_was_taken_for_a_row_given_up_is_free_again(backend, session, on_postgresql):
    with db.engine.connect() as connection:
        before = state(connection)
    build_district(session)
    session.rollback()
    assert found(backend) == before


def test_who_has_not_left_is_sent_away(backend, engine, on_postgresql):
    other = sa.create_engine(backend.settings.database_url, poolclass=sa.NullPool)
    with other.connect() as connection:
        connection.execute(sa.text("DELETE FROM calendar_day"))
        assert len(found(backend)[0]["calendar_day"]) > 700
        with pytest.raises(sa.exc.OperationalError):
            connection.execute(sa.text("SELECT 1"))


@pytest.mark.parametrize("statement", ALTERED)
def test_whatever_else_was_altered_the_database_is_made_anew(backend, engine, on_postgresql, statement):
    first = which(backend)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    backend.fresh()
    assert which(backend) != first


def test_it_is_made_anew_where_a_table_has_grown(backend, engine, on_postgresql):
    first = which(backend)
    many = "INSERT INTO calendar_year (year, official) SELECT 3000 + i, false FROM generate_series(1, :rows) i"
    with engine.begin() as connection:
        connection.execute(sa.text(many), {"rows": 400 * ROOM})
    backend.fresh()
    assert which(backend) != first


def test_otherwise_it_is_not(backend, engine, on_postgresql):
    first = which(backend)
    backend.fresh()
    assert which(backend) == first
