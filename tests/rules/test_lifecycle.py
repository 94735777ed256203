import pytest

from rules.lifecycle import MOVE_LABELS, MOVES, STATE_LABELS, Move, State, check, never_own_doing
from rules.refusals import Refusal, Term
from rules.roles import Role

NOBODY = frozenset()
DISPATCHER = frozenset({Role.DISPATCHER})
HANDLER = frozenset({Role.HANDLER})
LEADER = frozenset({Role.UNIT_LEADER})

STRAIGHT_WAY = [
    (Move.SUBMIT, None, NOBODY, State.SUBMITTED),
    (Move.ACCEPT, State.SUBMITTED, DISPATCHER, State.ACCEPTED),
    (Move.DISPATCH, State.ACCEPTED, DISPATCHER, State.DISPATCHED),
    (Move.SIGN, State.DISPATCHED, HANDLER, State.SIGNED),
    (Move.CONTACT, State.SIGNED, HANDLER, State.HANDLING),
    (Move.SUBMIT_RESULT, State.HANDLING, HANDLER, State.PENDING_REVIEW),
    (Move.SETTLE, State.PENDING_REVIEW, LEADER, State.SETTLED),
    (Move.RATE, State.SETTLED, NOBODY, State.RATED),
    (Move.ARCHIVE, State.RATED, NOBODY, State.ARCHIVED),
]


@pytest.mark.parametrize(("move", "state", "roles", "target"), STRAIGHT_WAY)
def test_the_straight_way_is_open(move, state, roles, target):
    check(move, state, roles)
    assert MOVES[move].target is target


def test_every_state_and_move_has_a_label_and_every_move_a_rule():
    assert set(STATE_LABELS) == set(State)
    assert set(MOVE_LABELS) == set(MOVES) == set(Move)


def test_a_result_may_follow_signing_without_a_separate_first_contact():
    check(Move.SUBMIT_RESULT, State.SIGNED, HANDLER)
    assert MOVES[Move.SUBMIT_RESULT].target is State.PENDING_REVIEW


def test_a_result_sent_back_is_in_hand_again():
    check(Move.SEND_BACK, State.PENDING_REVIEW, LEADER)
    assert MOVES[Move.SEND_BACK].target is State.HANDLING


def test_no_rating_ends_unrated_and_is_archived_too():
    check(Move.EXPIRE_RATING, State.SETTLED, NOBODY)
    assert MOVES[Move.EXPIRE_RATING].target is State.UNRATED
    check(Move.ARCHIVE, State.UNRATED, NOBODY)
    assert MOVES[Move.ARCHIVE].target is State.ARCHIVED


def test_a_settled_request_cannot_be_signed_for_and_the_user_reads_why():
    with pytest.raises(Refusal) as refused:
        check(Move.SIGN, State.SETTLED, HANDLER)
    assert str(refused.value) == "“Sign for” is not possible while the request is “Settled”"
    assert all(isinstance(value, Term) for value in refused.value.values.values())


@pytest.mark.parametrize(
    ("move", "state", "roles"),
    [
        (Move.ACCEPT, State.SUBMITTED, HANDLER),
        (Move.DISPATCH, State.ACCEPTED, frozenset({Role.OFFICE})),
        (Move.SIGN, State.DISPATCHED, DISPATCHER),
        (Move.SETTLE, State.PENDING_REVIEW, HANDLER),
        (Move.SETTLE, State.PENDING_REVIEW, frozenset({Role.MANAGER})),
        (Move.ARCHIVE, State.RATED, frozenset({Role.SYS_ADMIN})),
    ],
)
def test_a_move_of_others_is_refused(move, state, roles):
    with pytest.raises(Refusal, match="not among the duties of your role"):
        check(move, state, roles)


def test_no_official_rates_in_the_place_of_a_resident():
    with pytest.raises(Refusal):
        check(Move.RATE, State.SETTLED, LEADER)


def test_the_desk_may_submit_and_nothing_is_submitted_twice():
    check(Move.SUBMIT, None, frozenset({Role.OFFICE}))
    with pytest.raises(Refusal, match="already submitted"):
        check(Move.SUBMIT, State.SUBMITTED, NOBODY)


def test_what_was_never_submitted_cannot_be_accepted():
    with pytest.raises(Refusal, match="Not submitted"):
        check(Move.ACCEPT, None, DISPATCHER)


def test_nobody_settles_a_result_of_their_own():
    never_own_doing(doer_id=8, handler_id=7)
    with pytest.raises(Refusal, match="of their own"):
        never_own_doing(doer_id=7, handler_id=7)


def test_an_account_without_a_person_settles_nothing():
    with pytest.raises(Refusal, match="of their own"):
        never_own_doing(doer_id=None, handler_id=7)
