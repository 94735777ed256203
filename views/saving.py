"""Saving all or nothing, and saying why not in the user's words. No other text of an error reaches the screen."""

import logging
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from flask import flash, request
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from models import db
from rules.refusals import N_, Refusal, Term

log = logging.getLogger(__name__)

CHANGED_MEANWHILE = N_("Somebody else changed this entry in the meantime. Look at it again, then change it")
IN_THE_WAY = N_("This cannot be saved: an entry like it exists already, or others still depend on it")
DATABASE_FAILED = N_("This could not be saved. Nothing was changed; please try again")


def say(refusal: Refusal) -> str:
    values = {key: gettext(value) if isinstance(value, Term) else value for key, value in refusal.values.items()}
    return gettext(refusal.message, **values)


def attempt(do: Callable[[], object]) -> str | None:
    """Commits what `do` does. Where it is refused nothing is kept, and the reason comes back as a sentence."""
    try:
        do()
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        return say(refusal)
    except StaleDataError:
        db.session.rollback()
        return gettext(CHANGED_MEANWHILE)
    except IntegrityError as error:
        db.session.rollback()
        log.warning("refused by the database: %s", str(error.orig).splitlines()[0])
        return gettext(IN_THE_WAY)
    except SQLAlchemyError:
        db.session.rollback()
        log.exception("database error")
        return gettext(DATABASE_FAILED)
    except BaseException:
        db.session.rollback()
        raise
    return None


def came_from() -> str | None:
    """The page of ours that the request was made from."""
    page = urlsplit(request.referrer or "")
    return urlunsplit(("", "", "/" + page.path.lstrip("/"), page.query, "")) if page.netloc == request.host else None


def saved(do: Callable[[], object], done: str) -> bool:
    """`attempt`, told to the user either way."""
    problem = attempt(do)
    flash(problem or done, "danger" if problem else "success")
    return problem is None
