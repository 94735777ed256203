"""办件规程: the table of moves as the console goes by it, for everybody who is signed in."""

from typing import Any

from flask import redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext

from rules.lifecycle import (
    CLOCK_LABELS,
    MOVE_LABELS,
    OUTSIDE_LABELS,
    SECTIONS,
    STATE_LABELS,
    WHOSE_LABELS,
    Move,
    Outside,
    Rule,
    State,
    Whose,
)
from rules.roles import ROLE_LABELS, Role
from views.kit.context import signed_in


class RegulationView(BaseView):
    route_base = "/regulation"
    default_view = "index"

    @expose("/")
    def index(self) -> Any:
        if not signed_in():
            return redirect(url_for("SignInView.login"))
        sections = [
            (gettext(label), [line(move, rule) for move, rule in moves.items()]) for label, moves in SECTIONS.items()
        ]
        title = gettext("Regulation of requests")
        return self.render_template("tickets/regulation.html", title=title, sections=sections)


def line(move: Move, rule: Rule) -> dict[str, Any]:
    return {
        "move": gettext(MOVE_LABELS[move]),
        "who": who(rule),
        "whose": "" if rule.whose is Whose.ANYONES else gettext(WHOSE_LABELS[rule.whose]),
        "sources": [gettext(STATE_LABELS[state]) for state in State if state in rule.sources],
        "target": gettext(STATE_LABELS[rule.target]) if rule.target else "",
        "clock": gettext(CLOCK_LABELS[rule.clock]),
    }


def who(rule: Rule) -> list[str]:
    if isinstance(rule.who, Outside):
        return [gettext(OUTSIDE_LABELS[rule.who])]
    return [gettext(ROLE_LABELS[role]) for role in Role if role in rule.who]
