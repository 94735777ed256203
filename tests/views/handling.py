"""Who handles a request in the invented district, each at a browser; and how a step is typed and pressed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.tickets import Ticket
from tests.factories import District
from tests.stage import at
from tests.views.browsing import send

TEN = "2026-09-18 10:00"
Staff = dict[str, FlaskClient]


@contextmanager
def clock_at(moment: str) -> Iterator[Any]:
    """What the screens take for the present."""
    with time_machine.travel(at(moment), tick=False) as travelling:
        yield travelling


def staff_of(client_as: Callable[..., FlaskClient], district: District) -> Staff:
    places = {"village": district.village, "town": district.town, "traffic": district.department, "root": district.root}
    roles = {
        "village": ("handler", "unit_leader", "dispatcher"),
        "town": ("handler", "unit_leader", "dispatcher"),
        "traffic": ("handler", "unit_leader"),
        "root": ("dispatcher", "evaluator", "manager", "sys_admin"),
    }
    return {f"{name} {role}": client_as(role, places[name]) for name, given in roles.items() for role in given}


def step(client: FlaskClient, ticket: Ticket, move: str, **typed: Any) -> TestResponse:
    return send(client, f"/requests/move/{ticket.id}/{move}", typed, content_type="multipart/form-data")


def page_of(client: FlaskClient, ticket: Ticket) -> str:
    return client.get(f"/requests/show/{ticket.id}").text
