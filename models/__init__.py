"""What is kept. Importing this package registers every noun with the one metadata that FAB and Alembic share."""

import flask_appbuilder
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy(model_class=flask_appbuilder.Model)

from models import (  # noqa: E402
    accounts,
    attachments,
    calendar,
    categories,
    changes,
    evaluations,
    events,
    header_choices,
    households,
    imports,
    notices,
    organisations,
    people,
    policies,
    ratings,
    reach,
    schemes,
    search,
    tasks,
    terms,
    tickets,
    topics,
    unit_changes,
    units,
    visits,
)

__all__ = [
    "accounts",
    "attachments",
    "calendar",
    "categories",
    "changes",
    "db",
    "evaluations",
    "events",
    "header_choices",
    "households",
    "imports",
    "notices",
    "organisations",
    "people",
    "policies",
    "ratings",
    "reach",
    "schemes",
    "search",
    "tasks",
    "terms",
    "tickets",
    "topics",
    "unit_changes",
    "units",
    "visits",
]
