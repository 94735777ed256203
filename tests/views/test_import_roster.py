"""Joiners, movers and leavers on the preview, from the ticks to the commit."""

import re

import pytest

from models.imports import ImportBatch
from models.people import Person
from models.topics import Topic
from tests.factories import make_person
from tests.imports.test_roster import Village, make_leg, make_topic, sheet
from tests.views.browsing import send
from tests.views.test_imports import press, staged, the_batch


@pytest.fixture
def office(client_as, district):
    client = client_as("office", district.root)
    client.get("/lang/en")
    return client


@pytest.fixture
def village(session, district):
    made = Village(*(make_person(session, district.village, name) for name in ("石书记", "李留任", "王调动", "赵离开")))
    district.village.leader_id = made.leader.id
    session.commit()
    return made


@pytest.fixture
def page(office, village):
    return staged(office, "people", village.file).split("?")[0]


def say(office, page, **said):
    answer = send(office, page.replace("show", "roster"), said, page=page)
    assert (answer.status_code, answer.location) == (302, f"{page}#roster")
    return office.get(page).text


def gone(village):
    return {"shown": str(village.leaves.id), f"left-{village.leaves.id}": "1"}


def test_nobody_is_a_leaver_until_the_file_is_said_to_be_whole(session, office, village, page):
    shown = office.get(page).text
    assert "This file is the whole roster of 石桥村、沙口村" in shown
    assert "who of them has left?" not in shown
    assert "<del>青石镇石桥村</del>" in shown
    assert "<ins>白沙乡沙口村</ins>" in shown
    shown = say(office, page, whole="1")
    assert f'name="left-{village.leaves.id}"' in shown
    assert "0 of 1 will be marked as left" in shown
    assert "who of them has left?" not in say(office, page)


def test_the_work_of_those_who_go_is_listed_and_waits_for_a_word(session, office, district, village, page):
    make_topic(session, district, village.moves)
    leg = make_leg(session, district, village.leaves)
    shown = say(office, page, whole="1", **gone(village))
    assert "Commit 2 rows, mark 1 as left" in shown
    assert (leg.ticket.number in shown, "竹编产业" in shown) == (True, True)
    assert "<strong data-typed>青石镇石桥村</strong>" in shown
    assert "Suggested: 石书记, who leads the unit" in shown
    assert shown.count('<option value="" selected>Not decided (suggested: 石书记)') == 3
    assert "People with open work: 2. Not decided yet: 2." in shown
    assert "for 2 people with open work nobody is chosen" in shown
    press(office, page, "commit")
    shown = office.get(page).text
    assert "2 people who move or leave have open work: choose for each of them" in shown
    session.expire_all()
    assert (the_batch(session).state, leg.handler_id) == ("previewed", village.leaves.id)


def test_the_work_is_handed_on_as_chosen(session, client_as, office, district, village, page):
    make_topic(session, district, village.moves)
    leg = make_leg(session, district, village.leaves)
    unit, leaves, moves = f"unit-{district.village.id}", f"person-{village.leaves.id}", f"person-{village.moves.id}"
    left = {"whole": "1", **gone(village)}
    assert "Not decided yet: 1." in say(office, page, **left, **{moves: village.stays.id})
    assert "Not decided yet: 2." in say(office, page, **left, **{moves: ""})
    kept = say(office, page, **left, **{unit: 0, moves: "new:N001"})
    assert "Not decided yet: 0." in kept
    assert '<option value="new:N001" selected>新来的 (joins)' in kept
    assert '<option value="0" selected>Leave it with the unit, without a handler' in kept
    assert kept.count('<option value="" selected>As for the unit') == 1
    assert "Not decided yet: 2." in say(office, page, **left, **{unit: "", moves: ""})
    say(office, page, **left, **{unit: village.stays.id, leaves: "", moves: village.leader.id})
    press(office, page, "commit")
    session.expire_all()
    assert (session.get(Person, village.leaves.id).employment, leg.handler_id) == ("left", village.stays.id)
    assert session.query(Topic).one().leader_id == village.leader.id
    shown = office.get(page).text
    assert "1 person was marked as left. 2 pieces of open work were handed on." in shown
    sure = "1 person who was marked as left is on duty again. 2 pieces of open work go back to whom they were with."
    assert sure in shown
    dispatcher = client_as("dispatcher", district.town)
    dispatcher.get("/lang/en")
    assert "Handed on: 赵离开 → 李留任" in dispatcher.get(f"/requests/show/{leg.ticket_id}").text


def test_all_suggestions_are_one_press(session, office, district, village, page):
    for one in (village.leaves, village.moves):
        make_leg(session, district, one)
    chosen = {f"person-{village.moves.id}": 0}
    shown = say(office, page, whole="1", heirs="suggested", **gone(village), **chosen)
    assert "Not decided yet: 0." in shown
    assert "Take all suggestions" not in shown
    assert shown.count('<option value="" selected>As said one by one') == 1
    assert the_batch(session).options["roster"]["by_person"] == {
        str(village.moves.id): 0, str(village.leaves.id): village.leader.id,
    }  # fmt: skip
    press(office, page, "commit")
    assert "1 piece of open work was handed on. 1 is left with the unit, without a handler." in office.get(page).text


def test_a_file_that_only_shows_who_has_left_commits_nothing_else(office, village):
    page = staged(office, "people", sheet([village.stays.staff_no, "李留任", "石桥村", ""])).split("?")[0]
    shown = say(office, page, whole="1", everybody="left")
    assert "Mark 3 as left" in shown
    assert "Commit 0 rows" not in shown


def test_a_file_of_which_no_row_is_right_is_nobody_s_whole_roster(office):
    page = staged(office, "people", sheet(["N001", "甲", "没有的村", ""])).split("?")[0]
    shown = office.get(page).text
    assert "Who comes, moves and leaves" in shown
    assert "This file is the whole roster of" not in shown


def test_whoever_imports_is_told_that_they_are_left_out(session, client_as, district, village):
    village.leaves.unit = district.root
    village.leaves.path = district.root.path
    client = client_as("office", district.root)
    client.get("/lang/en")
    me = session.get(Person, client.person_id)
    file = sheet([village.stays.staff_no, "李留任", "石桥村", ""], ["N001", "新来的", "清溪区", ""])
    page = staged(client, "people", file).split("?")[0]
    shown = say(client, page, whole="1", everybody="left")
    assert "You are not in the file yourself and are left out here" in shown
    assert f'name="left-{village.leaves.id}"' in shown
    assert f'name="left-{me.id}"' not in shown


def test_all_and_none_are_one_press(session, office, village, page):
    assert "1 of 1 will be marked as left" in say(office, page, whole="1", everybody="left")
    untick = say(office, page, whole="1", shown=str(village.leaves.id))
    assert "0 of 1 will be marked as left" in untick
    assert the_batch(session).options["roster"]["ids"] == [village.leaves.id]
    assert "0 of 1 will be marked as left" in say(office, page, whole="1", everybody="none")


def test_enter_in_a_field_keeps_the_choices_and_lets_nobody_go(office, village, page):
    form = say(office, page, whole="1").split('id="roster"')[1]
    buttons = re.findall(r'<button type="submit"[^>]*>', form)
    assert ["name=" in button for button in buttons] == [False, True, True, False]


def test_whoever_alone_leaves_work_behind_in_a_unit_has_one_field(session, office, district, village, page):
    make_leg(session, district, village.leaves)
    shown = say(office, page, whole="1", **gone(village))
    assert f'name="unit-{district.village.id}"' not in shown
    assert shown.count(f'name="person-{village.leaves.id}"') == 1
    shown = say(office, page, whole="1", heirs="suggested", **gone(village))
    assert "Not decided yet: 0." in shown
    assert f'<option value="{village.leader.id}" selected>石书记</option>' in shown
    assert '<option value="" selected>Not decided' not in shown


def test_a_unit_of_which_each_is_said_is_not_called_undecided(session, office, district, village, page):
    make_topic(session, district, village.moves)
    make_leg(session, district, village.leaves)
    shown = say(office, page, whole="1", heirs="suggested", **gone(village))
    assert '<option value="" selected>As said one by one</option>' in shown
    assert '<option value="" selected>Not decided' not in shown


def test_a_file_that_only_shows_who_has_left_can_be_committed(session, office, district, village):
    same = staged(office, "people", village.file)
    press(office, same, "commit")
    again = staged(office, "people", village.file).split("?")[0]
    assert "nothing would change" in office.get(again).text
    assert "nothing would change" not in say(office, again, whole="1", everybody="left")
    press(office, again, "commit")
    session.expire_all()
    assert session.get(Person, village.leaves.id).employment == "left"
    assert session.query(ImportBatch).order_by(ImportBatch.id.desc()).first().state == "committed"


def test_a_large_roster_is_compared_once_the_page_stands(session, monkeypatch, office, page):
    monkeypatch.setattr("views.import_roster.AT_ONCE", 2)
    assert 'name="whole"' not in (shown := office.get(page).text)
    assert f'hx-get="{page}?roster=1"' in shown
    assert 'name="whole"' in office.get(f"{page}?roster=1").text
    answer = send(office, f"{page.replace('show', 'roster')}?roster=1", {"whole": "1"}, page=page)
    assert answer.location == f"{page}?roster=1#roster"


def test_whoever_may_not_import_says_nothing(session, client_as, district, page):
    handler = client_as("handler", district.village)
    assert handler.post(page.replace("show", "roster"), data={"whole": "1"}).status_code in (302, 403, 404)
    assert "roster" not in the_batch(session).options


@pytest.mark.parametrize("forged", ["99999999999999999999", "9" * 5000, "²", "-1"])
def test_keys_that_are_none_are_passed_over(session, office, village, page, forged):
    said = {"shown": f"{forged},{village.leaves.id}", f"left-{forged}": "1", f"unit-{forged}": "1", "unit-1": forged}
    shown = say(office, page, whole="1", **said, **{f"person-{forged}": forged, f"person-{village.moves.id}": forged})
    assert "0 of 1 will be marked as left" in shown
    kept = the_batch(session).options["roster"]
    assert (kept["ids"], kept["by_person"]) == ([], {})


def test_what_is_said_too_late_opens_no_import_again(session, office, village, page):
    say(office, page, whole="1")
    press(office, page, "commit")
    decided = the_batch(session)
    assert (decided.state, decided.options["roster"]["whole"]) == ("committed", True)
    assert "already done or discarded" in say(office, page)
    after = the_batch(session)
    assert (after.state, after.options["roster"]["whole"]) == ("committed", True)
