"""Who acts in this request, when, and over which rows."""

from datetime import UTC, datetime
from typing import Any

from flask import g
from flask_login import current_user

from models import db
from models.accounts import actor_of
from models.acting import NOTHING, RESIDENT, Acting, Actor, current, enter, scope_for


def now() -> datetime:
    return datetime.now(UTC)


def me() -> Actor:
    acting = current()
    return acting.actor if acting else RESIDENT


def signed_in() -> bool:
    user: Any = current_user
    return bool(user.is_authenticated)


def place_acting() -> None:
    """Before every request. Nobody, or an account tied to nobody, sees nothing."""
    for kept in ("permissions", "filters", "answers", "hits", "districts"):
        g.pop(kept, None)
    enter(Acting(RESIDENT, NOTHING, now()))
    if signed_in() and (actor := actor_of(db.session(), current_user, now())):
        enter(Acting(actor, scope_for(actor), now()))
