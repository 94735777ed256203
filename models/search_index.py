"""The index behind searching requests. The database itself keeps it right, whoever writes the rows.

SQLite: FTS5 over pairs of neighbouring characters; the console's connections bring the functions its triggers call.
PostgreSQL: an inverted index over the same pairs as numbers, over those of the title, and over the same marks.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby

from sqlalchemy.engine import Connection

from rules.folding import BETWEEN, BEYOND, BEYOND_BITS, fold, fold_fields, folds, title_and_rest

SQLITE_TABLE = (
    "CREATE VIRTUAL TABLE ticket_pairs USING fts5(marks, title, pairs, content='', columnsize=0, tokenize='ascii')"
)
SAID = ("number", "title", "text", "address")
MARKED = ("state", "tier", "category_id", "source")
"""Columns whose value stands among the marks of a request, beside the units that reach it."""
FOLLOWED = (*SAID, "path", "submitted_at", *MARKED)
LYING = "(SELECT coalesce(group_concat(' ' || path, ''), '') FROM leg WHERE ticket_id = ticket.id)"
MARKS = f"search_marks(ticket.path || {LYING}, {', '.join(f'ticket.{name}' for name in MARKED)})"
WORDS = f"search_words({', '.join(f'ticket.{name}' for name in SAID)})"
SQLITE_COLUMNS = {"listed": "INTEGER NOT NULL DEFAULT 0"}
"""`listed` is the row of the index: the minute of submission before the bits of the id, so that it is read in the order
of the list."""
ID_BITS, MINUTE = 31, 60
LISTED = f"(unixepoch(ticket.submitted_at) / {MINUTE} << {ID_BITS}) | ticket.id"
MARKED_ANEW = f"""BEGIN
        UPDATE ticket_search SET marks = {MARKS} FROM ticket
            WHERE ticket.id = {{0}}.ticket_id AND ticket_search.ticket_id = ticket.id;
    END"""  # noqa: S608
PAIRS_OUT = """INSERT INTO ticket_pairs (ticket_pairs, rowid, marks, title, pairs)
            VALUES ('delete', old.listed, old.marks, search_title(old.words), search_rest(old.words));"""
PAIRS_IN = """INSERT INTO ticket_pairs (rowid, marks, title, pairs)
            VALUES (new.listed, new.marks, search_title(new.words), search_rest(new.words));"""
SQLITE_FILL = (
    "INSERT INTO ticket_search (ticket_id, listed, marks, words)"  # noqa: S608
    f" SELECT id, {LISTED}, {MARKS}, {WORDS} FROM ticket"
)
SQLITE_TRIGGERS = {
    "ticket_search_new": f"AFTER INSERT ON ticket BEGIN {SQLITE_FILL} WHERE id = new.id; END",
    "ticket_search_changed": f"""AFTER UPDATE OF {", ".join(FOLLOWED)} ON ticket BEGIN
        UPDATE ticket_search SET listed = {LISTED}, marks = {MARKS}, words = {WORDS} FROM ticket
            WHERE ticket.id = new.id AND ticket_search.ticket_id = new.id;
    END""",  # noqa: S608
    "ticket_search_leg": f"AFTER INSERT ON leg {MARKED_ANEW.format('new')}",
    "ticket_search_leg_moved": f"AFTER UPDATE OF path ON leg WHEN old.path <> new.path {MARKED_ANEW.format('new')}",
    "ticket_search_leg_gone": f"AFTER DELETE ON leg {MARKED_ANEW.format('old')}",
    "ticket_pairs_new": f"AFTER INSERT ON ticket_search BEGIN {PAIRS_IN} END",
    "ticket_pairs_changed": f"""AFTER UPDATE ON ticket_search
        WHEN old.words <> new.words OR old.marks <> new.marks OR old.listed <> new.listed
        BEGIN {PAIRS_OUT} {PAIRS_IN} END""",
    "ticket_pairs_gone": f"AFTER DELETE ON ticket_search BEGIN {PAIRS_OUT} END",
}
SQLITE_HASH = "INSERT INTO ticket_pairs (ticket_pairs, rank) VALUES ('hashsize', ?)"
HASH_BYTES, HASH_BYTES_WHILE_FILLING = 1 << 20, 1 << 26

APART = "\x1f"
"""Between two marks on PostgreSQL, where they stand as they are."""
POSTGRES_COLUMNS = {
    "pairs": "integer[] NOT NULL DEFAULT '{}'",
    "title_pairs": "integer[] NOT NULL DEFAULT '{}'",
    "listed_at": "timestamptz",
}
"""`listed_at` is when the request was submitted."""
POSTGRES_LISTED = "CREATE INDEX ix_ticket_search_listed ON ticket_search (listed_at, ticket_id)"
POSTGRES_PAIRS = (
    "CREATE INDEX ix_ticket_search_pairs ON ticket_search"
    f" USING gin (pairs, title_pairs, string_to_array(marks, '{APART}'), search_spans(listed_at))"
    " WITH (fastupdate = off)"
)
POSTGRES_TRIGGERS = {
    "ticket": f"AFTER INSERT OR UPDATE OF {', '.join(FOLLOWED)} ON ticket FOR EACH ROW EXECUTE FUNCTION search_keep()",
    "leg": "AFTER INSERT OR DELETE OR UPDATE OF path ON leg FOR EACH ROW EXECUTE FUNCTION search_follow()",
}
POSTGRES_TITLE = f"search_pairs(split_part(words, '{BETWEEN}', 2) || '{BETWEEN}')"
POSTGRES_FILL = (
    "INSERT INTO ticket_search (ticket_id, marks, words, pairs, title_pairs, listed_at)"  # noqa: S608
    f" SELECT id, search_marks(id), words, search_pairs(words), {POSTGRES_TITLE}, submitted_at"
    f" FROM (SELECT id, submitted_at, search_words({', '.join(SAID)}) AS words FROM ticket) AS folded"
)


def postgres_fold() -> str:
    """No text there holds the character 0, which comes first. To translate takes as long as the list of what is
    written otherwise, so that first those characters of a text are found that stand on it at all."""
    old, new = ("".join(part).replace("'", "''") for part in zip(*sorted(folds().items())[1:], strict=True))
    listed = "".join(f"\\u{first:04X}-\\u{last:04X}" for first, last in spans(map(ord, sorted(folds())[1:])))
    return f"""CREATE OR REPLACE FUNCTION search_fold(plain text) RETURNS text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT translate(text, others, translate(others, E'{_printable(old)}', '{new}'))
        FROM (SELECT text, regexp_replace(text, '[^{listed}]+', '', 'g') AS others
            FROM (SELECT coalesce(plain, '') AS text) AS given) AS read $$"""  # noqa: S608


def spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of those that follow each other, of numbers in order."""
    for _, run in groupby(enumerate(numbers), lambda each: each[1] - each[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]


def postgres_reading() -> list[str]:
    fields = " || ".join(f"search_fold({name}) || '{BETWEEN}'" for name in ("number", "title", "plain", "address"))
    named = ", ".join(f"'{name}=' || {name}" for name in MARKED)
    return [
        postgres_fold(),
        f"""CREATE FUNCTION search_words(number text, title text, plain text, address text) RETURNS text
            LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT {fields} $$""",
        postgres_pairs(),
        f"""CREATE FUNCTION search_marks(wanted integer) RETURNS text LANGUAGE sql STABLE AS $$
            SELECT coalesce(string_agg(DISTINCT mark COLLATE "C", '{APART}' ORDER BY mark COLLATE "C"), '') FROM (
                SELECT unnest(string_to_array(trim(BOTH '/' FROM path), '/')) AS mark FROM (
                    SELECT path FROM ticket WHERE id = wanted UNION ALL SELECT path FROM leg WHERE ticket_id = wanted
                ) AS places
                UNION ALL SELECT unnest(ARRAY[{named}]) FROM ticket WHERE id = wanted
            ) AS known WHERE mark IS NOT NULL $$""",  # noqa: S608
    ]


def postgres_pairs() -> str:
    return f"""CREATE OR REPLACE FUNCTION search_pairs(words text) RETURNS integer[]
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(array_agg(DISTINCT one << 16 | next), '{{}}') FROM (
            SELECT one, lead(one) OVER (ORDER BY place) AS next FROM (
                SELECT place, CASE WHEN ascii(sign) <= 65535 THEN ascii(sign)
                    ELSE {BEYOND} | (ascii(sign) & {BEYOND_BITS}) END AS one
                FROM string_to_table(words, NULL) WITH ORDINALITY AS each(sign, place)
            ) AS coded
        ) AS both_of WHERE next IS NOT NULL $$"""  # noqa: S608


LEVELS, WIDER = 4, 2
"""A request belongs to a span of 1, of 4, of 16 and of 64 days, so that few spans make up the latest time."""


def postgres_spans() -> list[str]:
    """Numbers of the spans of a moment; and of those of a level that so many days up to the latest request lie in."""
    day = "floor(extract(epoch FROM {}) / 86400)::integer"
    each = ", ".join(f"({level} << 24) + (day >> {WIDER * level})" for level in range(LEVELS))
    return [
        f"""CREATE OR REPLACE FUNCTION search_spans(moment timestamptz) RETURNS integer[]
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT ARRAY[{each}] FROM (SELECT {day.format("moment")} AS day) AS counted $$""",  # noqa: S608
        f"""CREATE OR REPLACE FUNCTION search_latest(level integer, days integer) RETURNS integer[]
            LANGUAGE sql STABLE PARALLEL SAFE AS $$
            SELECT array_agg((level << 24) + span)
            FROM (SELECT {day.format("max(listed_at)")} AS day FROM ticket_search) AS latest,
                generate_series(day - days >> {WIDER} * level, day >> {WIDER} * level) AS span $$""",  # noqa: S608
    ]


def postgres_keeping() -> list[str]:
    marked_anew = """UPDATE ticket_search SET marks = search_marks({0})
                WHERE ticket_id = {0} AND marks <> search_marks({0});"""
    moved = "UPDATE ticket_search SET listed_at = new.submitted_at WHERE ticket_id = new.id"

    def of(row: str) -> str:
        return ", ".join(f"{row}.{name}" for name in SAID)

    return [
        f"""CREATE FUNCTION search_keep() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE folded text; BEGIN
            IF TG_OP = 'UPDATE' AND ({of("old")}) = ({of("new")}) THEN
                {marked_anew.format("new.id")}
                {moved} AND listed_at <> new.submitted_at; RETURN NULL; END IF;
            folded := search_words({of("new")});
            INSERT INTO ticket_search (ticket_id, marks, words, pairs, title_pairs, listed_at)
                SELECT new.id, search_marks(new.id), words, search_pairs(words), {POSTGRES_TITLE}, new.submitted_at
                FROM (SELECT folded AS words) AS said
                ON CONFLICT (ticket_id) DO UPDATE SET marks = excluded.marks, words = excluded.words,
                    pairs = excluded.pairs, title_pairs = excluded.title_pairs, listed_at = excluded.listed_at;
            RETURN NULL; END $$""",  # noqa: S608
        f"""CREATE FUNCTION search_follow() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE wanted integer; BEGIN
            IF TG_OP = 'DELETE' THEN wanted := old.ticket_id; ELSE wanted := new.ticket_id; END IF;
            {marked_anew.format("wanted")}
            RETURN NULL; END $$""",
    ]


def _printable(text: str) -> str:
    return "".join(f"\\u{ord(each):04X}" if each < " " or each in "\\\x7f\x85\xa0" else each for each in text)


def bring_functions(connection: sqlite3.Connection) -> None:
    for name, arguments, function in (
        ("search_marks", 1 + len(MARKED), search_marks),
        ("search_words", 4, fold_fields),
        ("search_title", 1, lambda words: title_and_rest(words)[0]),
        ("search_rest", 1, lambda words: title_and_rest(words)[1]),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


def search_marks(paths: str, *values: str | int | None) -> str:
    """Every unit on the paths, which are joined by spaces, and the values of MARKED, each as one word."""
    codes = (code for path in paths.split() for code in path.strip("/").split("/"))
    known = (mark(name, value) for name, value in zip(MARKED, values, strict=True) if value is not None)
    return " ".join([*map(fold, dict.fromkeys(codes)), *known])


def place_in_list(second: int, key: int) -> int:
    """As LISTED."""
    return second // MINUTE << ID_BITS | key


def mark(name: str, value: str | int) -> str:
    return fold(f"{name}={value}")


def postgres_marks(paths: str, *values: str | int | None) -> str:
    """As `search_marks`, in the form of PostgreSQL."""
    known = {code for path in paths.split() for code in path.strip("/").split("/")}
    known |= {f"{name}={value}" for name, value in zip(MARKED, values, strict=True) if value is not None}
    return APART.join(sorted(known))


def create(connection: Connection) -> None:
    """Beside the table `ticket_search`, which is there already."""
    if connection.dialect.name == "postgresql":
        for statement in (*postgres_reading(), *postgres_keeping()):
            _run(connection, statement)
        for name, kind in POSTGRES_COLUMNS.items():
            _run(connection, f"ALTER TABLE ticket_search ADD COLUMN {name} {kind}")
        for statement in (*postgres_spans(), POSTGRES_LISTED, POSTGRES_PAIRS):
            _run(connection, statement)
        for table, body in POSTGRES_TRIGGERS.items():
            _run(connection, f"CREATE TRIGGER {_trigger(table)} {body}")
    else:
        for name, kind in SQLITE_COLUMNS.items():
            _run(connection, f"ALTER TABLE ticket_search ADD COLUMN {name} {kind}")
        _run(connection, SQLITE_TABLE)
        _make_triggers(connection)


def drop(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for table in POSTGRES_TRIGGERS:
            _run(connection, f"DROP TRIGGER IF EXISTS {_trigger(table)} ON {table}")
        for name in POSTGRES_COLUMNS:
            _run(connection, f"ALTER TABLE ticket_search DROP COLUMN IF EXISTS {name}")
        for function in ("keep()", "follow()", "latest", "spans", "marks", "pairs", "words", "fold"):
            _run(connection, f"DROP FUNCTION IF EXISTS search_{function}")
    else:
        _drop_triggers(connection)
        _run(connection, "DROP TABLE ticket_pairs")
        there = {row[1] for row in connection.exec_driver_sql("PRAGMA table_info(ticket_search)")}
        for name in there.intersection(SQLITE_COLUMNS):
            _run(connection, f"ALTER TABLE ticket_search DROP COLUMN {name}")


def fill(connection: Connection) -> None:
    """Writes the words of every request there is, none of which may stand there yet; the pairs follow by trigger."""
    if connection.dialect.name == "postgresql":
        _run(connection, POSTGRES_FILL)
        return
    connection.exec_driver_sql(SQLITE_HASH, (HASH_BYTES_WHILE_FILLING,))
    _run(connection, f"{SQLITE_FILL} ORDER BY submitted_at, id")
    connection.exec_driver_sql(SQLITE_HASH, (HASH_BYTES,))


def _trigger(table: str) -> str:
    return "ticket_search" if table == "ticket" else f"ticket_search_{table}"


def _make_triggers(connection: Connection) -> None:
    for name, body in SQLITE_TRIGGERS.items():
        _run(connection, f"CREATE TRIGGER {name} {body}")


def _drop_triggers(connection: Connection) -> None:
    for name in SQLITE_TRIGGERS:
        _run(connection, f"DROP TRIGGER {name}")


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%") if connection.dialect.name == "postgresql" else statement)
