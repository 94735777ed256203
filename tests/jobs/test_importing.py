from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from imports import batches, originals, progress, run, staging
from imports.kind import Order
from imports.roster import Choice
from jobs.importing import work_all, work_next
from models import db
from models.accounts import actor_of
from models.acting import EVERYTHING, SYSTEM, scope_for
from models.imports import BatchState
from models.notices import Notice
from models.people import Person
from rules.batches import AT_WORK, CANCELLED_TO, GIVEN_UP_TO, NEXT
from rules.refusals import Refusal
from settings import installed
from tests.factories import make_account, make_person
from tests.imports.test_people import roster, wang
from tests.imports.test_roster import make_leg, sheet

WANG = roster(wang())


def clock():
    return datetime.now(UTC)


def handed_in(session, data=WANG, kind="people", account=None):
    actor = actor_of(session, account.user, clock()) if account else SYSTEM
    order = Order(actor, scope_for(actor) if account else EVERYTHING, clock())
    sha256 = originals.keep(installed().files_dir, data)
    batch = batches.received(session, kind, "名册.xlsx", sha256, order, account.user_id if account else None)
    session.commit()
    return batch, order


def asked(session, batch, order, to=BatchState.COMMITTING, **task):
    batches.ask(session, batch, order, to, batch.options["user"], **task)
    session.commit()


def names(session):
    return session.scalars(select(Person.name).order_by(Person.id)).all()


def test_every_state_leads_somewhere_or_is_an_end():
    assert set(NEXT) == set(BatchState)
    for way in (CANCELLED_TO, GIVEN_UP_TO):
        assert set(way) == AT_WORK
        assert all(to in NEXT[state] for state, to in way.items())


def test_a_batch_is_read_committed_and_undone_in_the_background(session, district):
    batch, order = handed_in(session)
    assert batch.state == "waiting"
    assert work_all(session, clock) == 1
    assert (batch.state, batch.new, batch.taken_by, batch.mapping["Sheet1"]["单位"]) == (
        "previewed", 1, None, "所在单位"
    )  # fmt: skip
    assert names(session) == []
    asked(session, batch, order)
    assert batch.state == "committing"
    work_all(session, clock)
    assert (batch.state, names(session)) == ("committed", ["王小明"])
    asked(session, batch, order, BatchState.UNDOING)
    work_all(session, clock)
    assert (batch.state, batch.undone, names(session)) == ("undone", {"removed": 1, "restored": 0, "left": 0}, [])
    with pytest.raises(Refusal, match="already done"):
        asked(session, batch, order, BatchState.UNDOING)


def test_a_file_that_cannot_be_read_fails_with_a_sentence_and_leaves_no_row(session, district):
    batch, _ = handed_in(session, b"%PDF-1.7\n")
    work_all(session, clock)
    assert batch.state == "failed"
    assert "a pdf file" in batch.said[0] % batch.said[1]
    assert not work_next(session, clock)


def test_it_is_done_with_the_rights_of_whoever_asked_and_not_at_all_without(session, district):
    account = make_account(session, "dispatcher", district.town)
    batch, _ = handed_in(session, account=account)
    work_all(session, clock)
    assert batch.said[0] == "Your role does not import files of this kind"
    officer = make_account(session, "office", district.root)
    batch, _ = handed_in(session, account=officer)
    officer.user.active = False
    session.commit()
    work_all(session, clock)
    assert batch.said[0] == "Whoever asked for this has no account in use any more"


def test_what_is_cancelled_before_a_worker_has_it_is_never_read(session, district):
    batch, order = handed_in(session)
    assert batches.cancel_unless_taken(session, batch, order)
    session.commit()
    assert (batch.state, work_all(session, clock)) == ("cancelled", 0)


@pytest.mark.parametrize(("step", "ends"), [("read", "cancelled"), ("commit", "previewed"), ("undo", "committed")])
def test_cancelled_at_work_it_leads_back_and_nothing_is_written(session, district, monkeypatch, step, ends):
    batch, order = handed_in(session)
    for to in {"read": [], "commit": [BatchState.COMMITTING], "undo": [BatchState.COMMITTING, BatchState.UNDOING]}[
        step
    ]:
        work_all(session, clock)
        asked(session, batch, order, to)
    before = names(session)

    def press_cancel(*args, **kwargs):
        with db.engine.begin() as connection:
            progress.ask_to_cancel(connection, batch.id, "李主任")
        slow = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT max(i) FROM n"
        )
        session.connection().exec_driver_sql(slow)

    where = {"read": (run.diff, "compare"), "commit": (run.diff, "compare"), "undo": (run.Kind, "note_undone")}[step]
    monkeypatch.setattr(*where, press_cancel)
    work_next(session, clock)
    monkeypatch.undo()
    assert (batch.state, names(session), batch.taken_by) == (ends, before, None)
    assert batch.said == ("Cancelled by %(name)s; nothing was written", {"name": "李主任"})
    if step == "commit":
        asked(session, batch, order)
        work_all(session, clock)
        assert (batch.state, names(session)) == ("committed", ["王小明"])


def test_one_file_by_two_people_is_written_once_and_the_second_is_shown_that_it_is_all_there(session, district):
    (first, order), (second, _) = handed_in(session), handed_in(session)
    work_all(session, clock)
    for batch in (first, second):
        asked(session, batch, order)
    work_all(session, clock)
    assert names(session) == ["王小明"]
    assert (first.state, second.state, second.same, second.new) == ("committed", "previewed", 1, 0)
    assert second.said[0].startswith("The data changed before this was committed")


def test_a_living_attempt_is_left_alone_and_a_dead_one_is_taken_up_again(session, district):
    batch, _ = handed_in(session)
    claim = batches.take(session, clock())
    session.commit()
    assert not work_next(session, clock)
    session.execute(staging.errors.insert().values(
        load=batch.options["load"], seq=1, sheet="", row=1, number=1, value="", code="", message="", values={}
    ))  # fmt: skip
    session.commit()
    assert work_next(session, lambda: clock() + timedelta(minutes=1))
    assert (batch.state, batch.attempts, run.count_errors(session, batch)) == ("previewed", 2, 0)
    assert session.execute(staging.errors.select()).all() == []
    assert "The attempt before ended unexpectedly" in batch.said[0]
    late = Order(SYSTEM, EVERYTHING, clock(), holder=claim.holder)
    with pytest.raises(Refusal, match="already done"):
        batches.move(session, batch, late, BatchState.FAILED)


def test_what_kills_every_worker_is_not_tried_for_ever(session, district):
    batch, _ = handed_in(session)
    for number in range(3):
        batches.take(session, clock() + timedelta(minutes=number))
        session.commit()
    work_next(session, lambda: clock() + timedelta(minutes=9))
    assert (batch.state, batch.said[0][:16]) == ("failed", "Several attempts")


def test_who_waited_long_is_told(session, district):
    account = make_account(session, "office", district.root)
    _quick, _ = handed_in(session, account=account)
    slow, _ = handed_in(session, roster(wang(工号="A2", 身份证号码="")), account=account)
    slow.asked_at -= timedelta(seconds=30)
    session.commit()
    work_all(session, clock)
    [notice] = session.scalars(select(Notice))
    assert (notice.person_id, notice.values) == (account.person_id, {"file": "名册.xlsx", "batch": slow.id})
    assert str(notice) == "名册.xlsx has been read and compared: look at the preview"


class Listening(progress.Progress):
    def __init__(self):
        super().__init__(gives_way=True)
        self.seen = []

    def enter(self, phase, total=0):
        self.seen.append((self.phase, self.done, self.total))
        super().enter(phase, total)


def test_the_pipeline_tells_how_far_it_is(session, district):
    told = Listening()
    rows = (wang(工号=f"A{n}", 身份证号码="", 手机号码="") for n in range(30))
    run.stage(session, "people", roster(*rows), "名册.xlsx", Order(SYSTEM, EVERYTHING, clock()), told=told)
    assert told.seen == [("The file is being opened", 0, 0), ("Rows are being checked", 30, 1000)]
    assert told.phase == "Rows are being compared with the data"


def test_what_an_attempt_says_is_heard_until_it_is_over(session, district):
    told = progress.Progress()
    told.enter("Rows are being checked", 200)
    told.done = 50
    with db.engine.begin() as connection:
        progress.say(connection, "a1", clock(), told)
        told.done = 150
        progress.say(connection, "a1", clock(), told)
    heard = progress.heard(session.connection(), "a1", clock())
    assert (heard.phase, heard.done, heard.percent, heard.lives(clock())) == ("Rows are being checked", 150, 75, True)
    assert not heard.lives(clock() + timedelta(seconds=21))
    session.rollback()
    with db.engine.begin() as connection:
        progress.silence(connection, "a1", clock() - timedelta(hours=1))
    assert progress.heard(session.connection(), "a1", clock()).phase == "The file is being opened"


def test_a_worker_marks_leavers_hands_their_work_on_and_takes_it_all_back(session, district):
    leader, leaves = (make_person(session, district.village, name) for name in ("石书记", "赵离开"))
    district.village.leader_id = leader.id
    session.commit()
    leg = make_leg(session, district, leaves)
    row = [leader.staff_no, "石书记", "石桥村", ""]
    batch, order = handed_in(session, sheet(row, ["N001", "新来的", "石桥村", ""]))
    choice = Choice(whole=True, all_left=True, by_unit={district.village.id: leader.id})
    batch.options = batch.options | {"roster": choice.kept()}
    session.commit()
    work_all(session, clock)
    asked(session, batch, order)
    work_all(session, clock)
    assert (batch.state, batch.options["left"], batch.options["handover"]) == ("committed", 1, {"handed": 1})
    assert (leaves.employment, leg.handler_id) == ("left", leader.id)
    asked(session, batch, order, BatchState.UNDOING)
    work_all(session, clock)
    assert (batch.state, batch.undone) == ("undone", {"removed": 1, "restored": 1, "left": 0})
    assert (leaves.employment, leg.handler_id) == ("active", leaves.id)
