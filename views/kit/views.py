"""The ground under every screen of the console: rows in scope, columns by whitelist, saving all or nothing."""

import copy
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from flask import Response, abort, flash, g, has_request_context, redirect, request, session, url_for
from flask_appbuilder import ModelView, expose, has_access
from flask_appbuilder.models.filters import Filters
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField

from models import db
from models.worklists import COUNTED_TO
from rules.refusals import Refusal
from views.asking import asked_number, asked_order, asked_page, once, read_filters
from views.chips import Search, questions
from views.downloads import download
from views.history import history_of
from views.kit.context import now
from views.kit.forms import Choices, ConsoleConverter, choices_of
from views.kit.interface import ScopedInterface
from views.saving import CHANGED_MEANWHILE, attempt, came_from, saved
from views.words import day, moment, plain, worded, yes_no

READ_ONLY = {"download", "add", "edit", "delete"}
MOST_AT_ONCE = 200
LONGEST_KEPT = 1000
MOST_ON_A_PAGE = 100
READ, WRITE = "read", "write"


class RequestFilters:
    """FAB shares one mutable filter object per view between threads; each request gets a copy. First in the bases."""

    @property
    def _filters(self) -> Any:
        pattern = self.__dict__.get("_filters")
        if pattern is None or not has_request_context():
            return pattern
        kept: dict[int, Filters] = g.setdefault("filters", {})
        if id(self) not in kept:
            kept[id(self)] = copy.copy(pattern)
            kept[id(self)].clear_filters()
        return kept[id(self)]

    @_filters.setter
    def _filters(self, filters: Filters) -> None:
        self.__dict__["_filters"] = filters


class ScopedView(RequestFilters, ModelView):
    """A noun's screens. Say list_columns, search_columns, show_* and, unless READ_ONLY, add_* and edit_*."""

    datamodel: ScopedInterface
    search_widget = Search
    list_columns: Any
    show_columns: Any
    search_columns: Any
    order_columns: Any
    add_form: Any
    edit_form: Any
    actions: Any
    exclude_route_methods = {"download", "delete"}
    choices: Mapping[str, Mapping[Any, str] | Choices] = {}
    """Column → its codes and their labels, fixed or asked for at the time."""

    def __init__(self, **kwargs: Any) -> None:
        self.class_permission_name = self.class_permission_name or self.datamodel.obj.__name__
        self.method_permission_name = {
            **dict.fromkeys(("list", "show", "export", "questions"), READ),
            **dict.fromkeys(("add", "edit", "delete"), WRITE),
            **dict(self.method_permission_name or {}),
        }
        super().__init__(**kwargs)

    def _init_properties(self) -> None:
        self.datamodel.choices = set(self.choices)
        super()._init_properties()
        for route, said in (("add", type(self).add_columns), ("edit", type(self).edit_columns)):
            if said == [] or route in self.exclude_route_methods:
                setattr(self, f"{route}_columns", [])
        self.formatters_columns = {**self._default_words(), **self.formatters_columns}

    def _default_words(self) -> dict[str, Callable[[Any], Any]]:
        words: dict[str, Callable[[Any], Any]] = {}
        for column in {*self.list_columns, *self.show_columns}:
            if column in self.choices:
                words[column] = self.words(column)
            elif self.datamodel.is_datetime(column):
                words[column] = moment
            elif self.datamodel.is_date(column):
                words[column] = day
            elif self.datamodel.is_boolean(column):
                words[column] = yes_no
            elif not (self.datamodel.is_integer(column) or self.datamodel.is_numeric(column)):
                words[column] = plain
        return words

    def words(self, column: str) -> Callable[[Any], str]:
        """How a stored value of the column reads."""
        labels = self.choices.get(column, {})
        if isinstance(labels, Mapping):
            return worded(labels)
        return lambda code: once(labels, lambda: dict(labels())).get(code, plain(code))

    def _init_forms(self) -> None:
        choices = {c: choices_of(given) if isinstance(given, Mapping) else given for c, given in self.choices.items()}
        converter = ConsoleConverter(self.datamodel, choices)
        self.search_form = self.search_form or ConsoleConverter(self.datamodel, choices, searching=True).create_form(
            self.label_columns, self.search_columns, extra_fields=self.search_form_extra_fields
        )
        for route in ("add", "edit"):
            form = getattr(self, f"{route}_form") or converter.create_form(
                self.label_columns,
                getattr(self, f"{route}_columns"),
                self.description_columns,
                self.validators_columns,
                getattr(self, f"{route}_form_extra_fields"),
            )
            setattr(self, f"{route}_form", form)
        if self.datamodel.version_column is not None:
            self.edit_form = type("VersionedForm", (self.edit_form,), {self.datamodel.version_column: HiddenField()})

    def update_redirect(self) -> None:
        """Called by lists: the way back from a record or a form is the list as it was."""
        session["last_list"] = request.full_path if len(request.full_path) < LONGEST_KEPT else request.path

    def get_redirect(self) -> str:
        own, last = url_for(f"{self.endpoint}.{self.default_view}"), session.get("last_list", "")
        return last if last.split("?")[0] == own else own

    def asked_filters(self) -> Filters:
        """What list and export are narrowed to. Extend it to narrow them further, both alike."""
        read_filters(self._filters, self.search_columns)
        return self._filters

    def _asked_page(self) -> dict[str, Any]:
        name = type(self).__name__
        page_size = max(asked_number(f"psize_{name}", self.page_size, MOST_ON_A_PAGE), 1)
        column, direction = asked_order(name, self.order_columns, self.base_order)
        return {
            "page": asked_page(name, COUNTED_TO // page_size),
            "page_size": page_size,
            "order_column": column,
            "order_direction": direction,
        }

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        widgets = self._get_list_widget(filters=self.asked_filters(), **self._asked_page(), **kwargs)
        return self._get_search_widget(form=self.search_form.refresh(), widgets=widgets)

    @expose("/questions")
    @has_access
    def questions(self) -> Any:
        """For the menu that offers them."""
        asked = questions(self.search_form.refresh(), self.search_columns, self._filters)
        return self.render_template("frame/questions.html", asked=asked)

    @expose("/export/<string:fmt>")
    @has_access
    def export(self, fmt: str) -> Response:
        asked = self._asked_page()
        filters = self.asked_filters().get_joined_filters(self._base_filters)
        rows = self.datamodel.stream(filters, asked["order_column"], asked["order_direction"])
        return download(self, fmt, rows, now())

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        item = self._row(pk)
        widgets = self._with_related(item, self._get_show_widget(self.datamodel.get_pk_value(item), item))
        head = {"title": self.show_title, "record": self.named(item), "history": history_of(self, item) or None}
        return self.render_template(
            self.show_template, pk=pk, widgets=widgets, related_views=self._related_views, **head
        )

    def named(self, item: Any) -> str:
        """A record's heading."""
        return str(item)

    def _with_related(self, item: Any, widgets: dict[str, Any]) -> dict[str, Any]:
        widgets["related_views"] = [
            self._get_related_view_widget(item, view, **view._asked_page()) for view in self._related_views
        ]
        return widgets

    def _row(self, pk: Any) -> Any:
        return self.datamodel.get(pk, self._base_filters) or abort(404)

    def _add(self) -> dict[str, Any] | None:
        form = self.add_form.refresh()
        if request.method == "POST" and form.validate():
            item = self.datamodel.obj()
            if saved(lambda: self.insert(form, item), str(self.add_row_message)):
                self.post_add(item)
                return None
        return self._get_add_widget(form=form)

    def insert(self, form: Any, item: Any) -> None:
        with db.session.no_autoflush:
            self.fill(form, item)
            self.pre_add(item)
        db.session.add(item)

    def _edit(self, pk: Any) -> dict[str, Any] | None:
        item = self._row(pk)
        form = self.form_to_edit(item)(**({"obj": item} if request.method == "GET" else {}))
        form._id = self.datamodel.get_pk_value(item)
        if request.method == "POST" and form.validate():
            if saved(lambda: self.change(form, item), str(self.edit_row_message)):
                self.post_update(item)
                return None
        elif request.method == "GET":
            self.prefill_form(form, form._id)
        return self._with_related(item, self._get_edit_widget(form=form))

    def form_to_edit(self, item: Any) -> Any:
        return self.edit_form

    def change(self, form: Any, item: Any) -> None:
        if (version := self.datamodel.version_column) is not None and form[version].data != str(getattr(item, version)):
            raise Refusal(CHANGED_MEANWHILE)
        with db.session.no_autoflush:
            self.fill(form, item)
            self.pre_update(item)

    def fill(self, form: Any, item: Any) -> None:
        """What is left empty keeps its default where the column must hold something."""
        for field in form:
            if field.name in (self.datamodel.version_column, "csrf_token"):
                continue
            if field.data is not None or self.datamodel.may_be_null(field.name):
                field.populate_obj(item, field.name)

    def _delete(self, pk: Any) -> None:
        item = self._row(pk)
        if saved(lambda: self.remove(item), str(self.delete_row_message)):
            self.post_delete(item)

    def remove(self, item: Any) -> None:
        self.pre_delete(item)
        db.session.delete(item)

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: Any) -> BaseResponse:
        self._delete(pk)
        return self.post_delete_redirect()

    def _allowed(self, name: str) -> Callable[[list[Any]], Any]:
        """404 for an unknown one, 403 for one that is not given to this account."""
        if name not in self.actions:
            abort(404)
        if not self.appbuilder.sm.has_access(self.get_action_permission_name(name), self.class_permission_name):
            abort(403)
        return self.actions[name].func

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: Any) -> Any:
        return self._allowed(name)([self._row(pk)]) or redirect(self.get_redirect())

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """Those out of scope are missing as if they did not exist; the user is told how many."""
        do = self._allowed(request.form.get("action", ""))
        keys = request.form.getlist("rowid")[:MOST_AT_ONCE]
        rows = self.datamodel.rows(keys)
        if missing := len(set(keys)) - len(rows):
            flash(gettext("%(count)s of the chosen entries do not exist or are not yours", count=missing), "warning")
        return do(rows) or redirect(self.get_redirect())

    def each(self, rows: Iterable[Any], do: Callable[[Any], object], view: str = "") -> Any:
        """Does it row by row, each on its own; where some are refused, a report says of every row what became of it.
        `view` shows the rows if this one does not."""
        named = [(str(row), self.datamodel.get_pk_value(row), row) for row in rows]
        became = [(name, pk, attempt(partial(do, row))) for name, pk, row in named]
        back, done = came_from() or self.get_redirect(), sum(problem is None for *_row, problem in became)
        if done < len(became):
            view = view or self.endpoint
            return self.render_template("frame/report.html", became=became, done=done, back=back, view=view)
        flash(gettext("Done: %(count)s", count=done), "success")
        return redirect(back)
