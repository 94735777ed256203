"""What has changed in a record, old → new, for whoever may see the record itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from markupsafe import Markup

from models import db
from models.acting import beyond_scope, current_scope
from models.changes import Change, Tracked
from models.scope import Scoped
from rules.identity import mask_mobiles
from rules.refusals import N_
from views.asking import once
from views.words import yes_no

ACTION_LABELS = {"added": N_("Added"), "changed": N_("Changed"), "removed": N_("Removed")}
NEWEST = 20


@dataclass(frozen=True)
class Entry:
    title: str
    at: datetime
    who: str
    note: Markup


def history_of(view: Any, item: Any) -> list[Entry]:
    """Newest first; empty for a noun whose changes are not kept."""
    if not isinstance(item, Tracked):
        return []
    about = (Change.subject == item.__tablename__, Change.subject_id == item.id)  # type: ignore[attr-defined]
    with beyond_scope():
        changes = db.session.scalars(sa.select(Change).where(*about).order_by(Change.id.desc()).limit(NEWEST)).all()
    return [
        Entry(gettext(ACTION_LABELS[change.action]), change.at, change.name, old_and_new(view, change.details))
        for change in changes
    ]


def old_and_new(view: Any, details: dict[str, list[Any]]) -> Markup:
    line, empty = Markup("<span>{}: {} → {}</span><br>"), gettext("(empty)")
    return Markup("").join(
        line.format(named(view, column), in_words(view, column, old) or empty, in_words(view, column, new) or empty)
        for column, (old, new) in details.items()
    )


def named(view: Any, column: str) -> str:
    """A stored column under the label its field has: `unit_id` is the unit, `mobile_hash` the mobile."""
    labels = view.label_columns
    return str(labels.get(column.removesuffix("_id").removesuffix("_hash"), labels.get(column, column)))


def in_words(view: Any, column: str, value: Any) -> str:
    relation = column.removesuffix("_id")
    if value in (None, "", []):
        return ""
    if relation != column and view.datamodel.is_relation(relation):
        return str(related(view.datamodel.get_related_model(relation), value) or value)
    words = yes_no if isinstance(value, bool) else view.words(column)
    told = "、".join(map(words, value)) if isinstance(value, list) else words(value)
    return mask_mobiles(told) if current_scope().masked else told


def related(model: Any, key: Any) -> Any:
    """Who reads the journal alone has no rows in scope, which need not be asked for one by one."""
    if current_scope().journal and issubclass(model, Scoped):
        return None
    with beyond_scope():
        return once((model, key), lambda: db.session.get(model, key))
