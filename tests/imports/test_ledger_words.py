from sqlalchemy import select, text

from models.acting import Scope
from models.search import Question, mentions
from models.tickets import Ticket
from tests.imports.conftest import counted
from tests.imports.test_tickets import ledger, row, the_ticket


def test_words_of_a_ledger_are_found_and_postgres_leaves_none_of_them_waiting(session, load, district, backend):
    assert load("tickets", ledger(row(标题="井盖松动"))) == counted(new=1)
    found = mentions(session, Question("井盖", Scope(paths=(district.root.path,))))
    assert session.scalars(select(Ticket.number).where(found)).all() == [the_ticket(session).number]
    if backend.kind == "postgresql":
        options = "SELECT reloptions FROM pg_class WHERE relname = 'ix_ticket_search_pairs'"
        waiting = "SELECT n_pending_tuples FROM gin_metapage_info(get_raw_page('ix_ticket_search_pairs', 0))"
        assert "fastupdate=off" in session.scalar(text(options))
        session.execute(text("CREATE EXTENSION IF NOT EXISTS pageinspect"))
        assert session.scalar(text(waiting)) == 0
