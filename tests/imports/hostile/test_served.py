"""Files made to hurt, sent to the console as it is served, while somebody else reads pages."""

import sqlite3
from contextlib import closing
from time import monotonic

import pytest

from tests.imports.hostile import files
from tests.imports.hostile.served import Person, Reader, peak_mb, processes_under, served
from tests.imports.hostile.test_files import SAID

SENTENCE_WITHIN = 20
PAGE_WITHIN = 2
WORKER_MB = 400
PAGES = ["/requests/list/", "/people/list/", "/units/list/", "/imports/list/"]


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    with served(folder) as (port, children):
        yield folder, port, children


def signed_in(folder, port, role):
    table = [line.split() for line in (folder / "sign_ins.txt").read_text(encoding="utf-8").splitlines()]
    row = next(row for row in table if row[1] == role)
    person = Person(port)
    person.sign_in(row[1], row[-1])
    return person


def rows_in(folder):
    tables = "person", "unit", "ticket", "import_batch", "change"
    with closing(sqlite3.connect(folder / "minqing.db")) as database:
        return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def test_whoever_reads_pages_notices_nothing_of_files_made_to_hurt(console):
    folder, port, children = console
    clerk, reader = signed_in(folder, port, "office"), Reader(signed_in(folder, port, "office"), PAGES)
    before, late = rows_in(folder), []
    with reader.reading():
        for name, words in SAID.items():
            data = getattr(files, name)()
            start = monotonic()
            assert clerk.told(clerk.upload("people", f"{name}.xls", data), words, SENTENCE_WITHIN), name
            late += [(name, monotonic() - start)] if monotonic() - start > SENTENCE_WITHIN else []
    assert late == []
    assert reader.wrong == []
    assert len(reader.taken) > len(SAID)
    assert [each for each in reader.taken if each[0] > PAGE_WITHIN] == []
    assert rows_in(folder)[:3] == before[:3]
    assert [child.poll() for child in children] == [None, None]
    under = [each for child in children for each in ((child.pid, ""), *processes_under(child.pid))]
    assert [command for _pid, command in under if "imports.child" in command] == []
    assert max(peak_mb(pid) for pid, _command in under) < WORKER_MB
