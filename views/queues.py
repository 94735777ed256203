"""Lists under tabs: each tab is a condition with its count and its order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.filters import BaseFilter, Filters
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Query

from models import db
from models.acting import current_scope
from models.scope import LOOKED_UP, criterion
from models.worklists import COUNTED_TO
from views.kit.views import ScopedView

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Tab:
    key: str
    label: str
    condition: Callable[[], sa.ColumnElement[bool]]
    order: tuple[str, str]


class UnderTab(BaseFilter):
    name, arg_name = _("queue"), "queue"

    def apply(self, query: Query[Any], value: Tab) -> Query[Any]:
        return query.filter(value.condition())


class QueuedView(ScopedView):
    """The first tab is shown where none is asked for."""

    tabs: tuple[Tab, ...] = ()
    empty_text: Any = ""

    def tab(self) -> Tab:
        return next((each for each in self.tabs if each.key == request.args.get("queue")), self.tabs[0])

    def asked_filters(self) -> Filters:
        filters = super().asked_filters()
        filters.add_filter_related_view("id", UnderTab, self.tab())
        return filters

    def _asked_page(self) -> dict[str, Any]:
        asked = super()._asked_page()
        if f"_oc_{type(self).__name__}" not in request.args:
            column, direction = self.tab().order
            asked |= {"order_column": column, "order_direction": direction}
        return asked

    @expose("/list/")
    @has_access
    def list(self) -> str:
        self.update_redirect()
        widgets, head = self._list(), {"title": self.list_title, "empty_text": self.empty_text}
        return self.render_template(self.list_template, widgets=widgets, queues=self.queues(), **head)

    def queues(self) -> Rows:
        address = url_for(f"{self.endpoint}.list")
        return [
            {
                "label": gettext(each.label),
                "href": f"{address}?queue={each.key}",
                "count": self.count(each),
                "active": each is self.tab(),
            }
            for each in self.tabs
        ]

    def count(self, tab: Tab) -> int:
        model: Any = self.datamodel.obj
        found = sa.select(model.id).where(tab.condition())
        if (restriction := criterion(model, current_scope())) is not None:
            found = found.where(restriction)
        counted = sa.select(sa.func.count()).select_from(found.limit(COUNTED_TO + 1).subquery())
        return db.session.scalar(counted, execution_options={LOOKED_UP: True}) or 0
