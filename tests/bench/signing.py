"""Signing in: the form, and the password itself, most of which is scrypt."""

from tests.bench.figures import Row, Table, milliseconds
from tests.bench.ground import Ground
from tests.bench.machine import scrypt
from tests.bench.timing import ROUNDS, Answer, NoAnswer, get, median, one_round, post

SIGN_IN = 150


def measure(ground: Ground) -> list[Table]:
    nobody = ground.browser("")
    form = median([median(one_round(lambda: get(nobody, "/login/"))) for _round in range(ROUNDS)])
    rows = [Row("the form", [milliseconds(form, 60)])]
    try:
        taken = median([median(one_round(lambda: sign_in(ground), status=302)) for _round in range(ROUNDS)])
        rows.append(Row("user name and password", [milliseconds(taken, SIGN_IN)]))
    except NoAnswer as problem:
        rows.append(Row("user name and password", [], str(problem)))
    rows.append(Row("floor: scrypt alone", [milliseconds(scrypt())]))
    return [Table("Signing in", ["server ms"], rows)]


def sign_in(ground: Ground) -> Answer:
    """A wrong password would be sent back to the form."""
    user_name = ground.who("office").user_name
    return post(ground.app.test_client(), "/login/", username=user_name, password=ground.password)
