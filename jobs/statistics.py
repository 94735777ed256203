"""Once a day, and after every upgrade, the engine learns how its tables have grown and finds rows by the best index."""

from sqlalchemy.orm import Session

LOOKED_AT = 1_000
"""Rows of each index that SQLite looks at."""


def gather_statistics(session: Session) -> None:
    """PostgreSQL does it by itself, but for what an index made later begins with."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {LOOKED_AT}")
        connection.exec_driver_sql("ANALYZE main")
    else:
        connection.exec_driver_sql("ANALYZE")
    session.commit()
