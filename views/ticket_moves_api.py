"""The steps of a request for programs: the forms, doors, scope and sentences of the screens."""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, request
from flask_appbuilder import expose
from flask_appbuilder.api import BaseApi
from flask_appbuilder.security.decorators import protect
from flask_babel import gettext
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import BooleanField

from models.tickets import Ticket
from rules.lifecycle import MOVE_LABELS, Move
from rules.refusals import N_
from views.applying import DECISIONS, asked_of
from views.doors import DOORS, door_of
from views.given import STRANGE, UNREADABLE
from views.kit.views import READ, WRITE
from views.meanwhile import act_on, newest
from views.moving import MoveForm
from views.next_steps import obstacle
from views.ticket_record import step
from views.tickets import LEGS, TicketView

UNKNOWN = N_("There is no such field")
NOT_SAID = N_("This must be a word, a number, true or false")
LONGEST_ANSWER = 1000
NO_TOKEN = {"csrf": False}
"""The whole request has been checked for the token already."""
TOKEN = "csrf_token"  # noqa: S105


class StepsApi(BaseApi):
    """Signed in by the console's cookie alone, so its token guards it too."""

    resource_name = "requests"
    csrf_exempt = False
    allow_browser_login = True
    datamodel = TicketView.datamodel

    def found(self, pk: Any) -> Ticket:
        return next(iter(self.datamodel.rows([pk], *LEGS)), None) or abort(self.response_404())

    def refused(self, ticket: Ticket, problem: str, happened: Any) -> Response:
        """409 with the sentence and with what others have done since `seen`."""
        return self.response(409, message=problem, since=[told(step(event)) for event in happened], seen=newest(ticket))

    def accepted(self, ticket: Ticket, done: str) -> Response:
        return self.response(200, id=ticket.id, state=ticket.state, message=gettext(done), seen=newest(ticket))


class TicketMovesApi(StepsApi):
    class_permission_name = "Ticket"
    method_permission_name = {"moves": READ, "move": WRITE}

    @expose("/<pk>/moves", methods=["GET"])
    @protect()
    def moves(self, pk: Any) -> Response:
        """Every step, whether the account can take it now, and if not why."""
        ticket = self.found(pk)
        return self.response(200, result=[possible(ticket, move) for move in DOORS], seen=newest(ticket))

    @expose("/<pk>/moves/<string:move>", methods=["POST"])
    @protect()
    def move(self, pk: Any, move: str) -> Response:
        ticket = self.found(pk)
        if move not in set(DOORS):
            return self.response_404()
        _move, door = door_of(move)
        if (given := body()) is None:
            return self.response_400(message="Request is not JSON")
        form, wrong = filled(door.form, given)
        form.start(ticket)
        if wrong or not form.validate():
            return self.response(422, message=wrong or said(form))
        problem, happened = act_on(ticket, form.seen.data, lambda: door.act(ticket, form))
        return self.refused(ticket, problem, happened) if problem else self.accepted(ticket, door.done)


class TicketDecisionsApi(StepsApi):
    class_permission_name = "Application"
    method_permission_name = {"decide": WRITE}

    @expose("/<pk>/applications/<int(max=2147483647):application>/decide", methods=["POST"])
    @protect()
    def decide(self, pk: Any, application: int) -> Response:
        """`decision` is grant, refuse or withdraw."""
        ticket = self.found(pk)
        asked, given = asked_of(ticket, application), body()
        if asked is None:
            return self.response_404()
        if given is None:
            return self.response_400(message="Request is not JSON")
        decision, answer = given.get("decision"), given.get("answer", "")
        if decision not in set(DECISIONS):
            return self.response(422, message={"decision": [gettext("Not a valid choice")]})
        if not isinstance(answer, str) or UNREADABLE.search(answer) or len(answer) > LONGEST_ANSWER:
            return self.response(422, message={"answer": [gettext(STRANGE)]})
        act, done = DECISIONS[decision]
        problem, happened = act_on(ticket, given.get("seen"), lambda: act(ticket, asked, answer))
        return self.refused(ticket, problem, happened) if problem else self.accepted(ticket, done)


def body() -> Mapping[str, Any] | None:
    """Files come with the fields as a browser sends them; everything else as JSON."""
    if request.mimetype == "multipart/form-data":
        return CombinedMultiDict([request.files, request.form])
    given = request.get_json(silent=True)
    return given if isinstance(given, Mapping) else None


def filled(form: type[MoveForm], given: Mapping[str, Any]) -> tuple[MoveForm, dict[str, list[str]]]:
    """The form with what was given, and by field what it could not take."""
    data, wrong = (given, {}) if isinstance(given, CombinedMultiDict) else typed(form, given)
    made = form(formdata=data, meta=NO_TOKEN)
    wrong |= {name: [gettext(UNKNOWN)] for name in given if name not in made and name != TOKEN}
    return made, wrong


def typed(form: type[MoveForm], given: Mapping[str, Any]) -> tuple[MultiDict[str, str], dict[str, list[str]]]:
    """JSON as a browser would send it. A box that is ticked unless one says otherwise stays ticked."""
    data: MultiDict[str, str] = MultiDict(
        {
            field.name: "y"
            for field in form(formdata=None, meta=NO_TOKEN)
            if isinstance(field, BooleanField) and field.default
        }
    )
    wrong: dict[str, list[str]] = {}
    for name, value in given.items():
        if isinstance(value, bool) or value is None:
            data.setlist(name, ["y"] if value else [])
        elif not isinstance(value, str | int | float):
            wrong[name] = [gettext(NOT_SAID)]
        elif UNREADABLE.search(str(value)):
            wrong[name] = [gettext(STRANGE)]
        else:
            data[name] = str(value)
    return data, wrong


def said(form: MoveForm) -> dict[str, list[str]]:
    return {field.name: [str(error) for error in field.errors] for field in form if field.errors}


def possible(ticket: Ticket, move: Move) -> dict[str, Any]:
    why_not = obstacle(ticket, move)
    return {
        "move": move.value,
        "label": gettext(MOVE_LABELS[move]),
        "possible": not why_not,
        "why_not": why_not,
        "fields": fields_of(DOORS[move].form),
    }


def fields_of(form: type[MoveForm]) -> list[dict[str, Any]]:
    made = form(formdata=None, meta=NO_TOKEN)
    return [
        {"name": field.name, "label": str(field.label.text), "required": bool(field.flags.required)} for field in made
    ]


def told(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"what": event["title"], "who": event["who"], "unit": event["unit"], "at": event["at"].isoformat()}
