"""Stock Flask-AppBuilder over our models, as a newcomer would write it: reads an order, prints seconds a page.

Only what would load whole tables of a request's steps into its forms is taken out, as anybody does after the first
try. The console's own wiring (app.py) is not imported: it would put the net of row scope under this one too.
"""

import json
import logging
import sys
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder import AppBuilder, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.sqla.models import User

from models import db
from models.engine import prepare
from models.people import Person
from models.tickets import Ticket
from models.types import EXTENSION, Keyring
from models.units import Unit
from tests.bench.timing import ROUNDS, NoAnswer, get, median, one_round

STEPS = ["legs", "attachments", "events", "reporters", "ratings"]


class StockTicketView(ModelView):
    datamodel = SQLAInterface(Ticket)
    list_columns = ["number", "title", "state", "unit", "lead_unit", "next_due_at", "submitted_at"]
    search_exclude_columns = add_exclude_columns = edit_exclude_columns = show_exclude_columns = STEPS
    base_order = ("submitted_at", "desc")
    page_size = 25


class StockPersonView(ModelView):
    datamodel = SQLAInterface(Person)
    list_columns = ["name", "staff_no", "unit", "post", "category", "employment"]
    base_order = ("staff_no", "asc")
    page_size = 25


class StockUnitView(ModelView):
    datamodel = SQLAInterface(Unit)
    list_columns = ["code", "name", "kind", "parent", "leader_name", "phone", "valid_to"]
    search_exclude_columns = add_exclude_columns = edit_exclude_columns = ["aliases"]
    base_order = ("code", "asc")
    page_size = 25


def stock(order: dict[str, Any]) -> tuple[Flask, int]:
    """The application and a user who may do everything."""
    app = Flask("stock")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=order["url"], SECRET_KEY="bench", WTF_CSRF_ENABLED=False, FAB_ADD_SECURITY_VIEWS=True
    )
    app.extensions[EXTENSION] = Keyring.parse(order["keys"])
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
        appbuilder = AppBuilder(app, db.session)
        for view in (StockTicketView, StockPersonView, StockUnitView):
            appbuilder.add_view(view, view.__name__, category="Stock")
        manager = appbuilder.sm
        manager.add_user(
            "stock", "Stock", "User", "stock@example.invalid", manager.find_role("Admin"), password="stock"
        )
        return app, db.session.query(User.id).filter_by(username="stock").scalar()


def pages(order: dict[str, Any]) -> dict[str, str]:
    tickets, people = "/stockticketview", "/stockpersonview"
    last = (order["tickets"] - 1) // 25
    return {
        "request list": f"{tickets}/list/",
        "request list, last page": f"{tickets}/list/?page_StockTicketView={last}",
        "request list, search": f"{tickets}/list/?_flt_2_title={order['word']}",
        "request list, filter": f"{tickets}/list/?_flt_3_state=archived",
        "request form": f"{tickets}/add",
        "request record": f"{tickets}/show/{order['ticket']}",
        "people list": f"{people}/list/",
        "people list, search": f"{people}/list/?_flt_2_name={order['name']}",
        "person form": f"{people}/edit/{order['person']}",
        "unit list": "/stockunitview/list/",
    }


def seconds(browser: FlaskClient, path: str) -> float | str:
    try:
        return median([median(one_round(lambda: get(browser, path))) for _round in range(ROUNDS)])
    except NoAnswer as problem:
        return str(problem)


def main() -> None:
    logging.disable(logging.CRITICAL)
    order = json.load(sys.stdin)
    app, user_id = stock(order)
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update({"_user_id": str(user_id), "_fresh": True})
    json.dump({name: seconds(browser, path) for name, path in pages(order).items()}, sys.stdout)


if __name__ == "__main__":
    main()
