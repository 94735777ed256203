"""Pages for what went wrong, in words and with a way on."""

from flask import Flask, abort, current_app, flash, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from models import db
from rules.refusals import Refusal
from views.saving import came_from, say

PAGES = {
    400: (_("The request could not be understood"), _("Nothing was saved. Go back and try again.")),
    401: (_("Please sign in first"), _("Sign in and open this page again.")),
    403: (_("You may not open this page"), _("Your role does not reach this page. Ask the security administrator.")),
    404: (_("There is nothing here"), _("It was removed, or lies outside the units you work for.")),
    405: (_("There is nothing here"), _("It was removed, or lies outside the units you work for.")),
    413: (_("The file is too large"), _("Choose a smaller file or split it into several.")),
    429: (_("Too many attempts"), _("Wait a few minutes and try again.")),
    500: (_("Something went wrong on our side"), _("Nothing was saved. It has been written to the log; try again.")),
}


STALE = (_("This page has been open too long"), _("Nothing was saved. Go back, reload the page and try again."))


def explain(error: HTTPException) -> tuple[str, int]:
    """Asks nobody who is signed in: the database may be what failed."""
    status = error.code or 500
    title, advice = STALE if isinstance(error, CSRFError) else PAGES[status]
    if isinstance(error, RateLimitExceeded) and error.limit.error_message:
        advice = gettext(error.description)
    page = current_app.jinja_env.get_template("errors/error.html")
    return page.render(title=title, advice=advice, status=status), status


def refused(refusal: Refusal) -> Response:
    """What no form has caught, told on the page it came from."""
    db.session.rollback()
    flash(say(refusal), "danger")
    return redirect(came_from() or "/")


def refuse_nul() -> None:
    """PostgreSQL keeps no NUL in a text, and nobody types one."""
    texts = [request.path, *request.args.values(), *request.form.values()]
    if any("\0" in text for text in texts):
        abort(400)


def register(app: Flask) -> None:
    app.before_request(refuse_nul)
    app.register_error_handler(Refusal, refused)
    for status in PAGES:
        app.register_error_handler(status, explain)
