"""Read and write by program, with the same scope, columns and sentences as the screens."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request
from flask_appbuilder import ModelRestApi
from flask_babel import gettext
from marshmallow import ValidationError

from models import db
from views.kit.interface import ScopedInterface
from views.kit.saving import attempt
from views.kit.views import READ, WRITE, RequestFilters

API_READ_ONLY = {"post", "put", "delete"}


class ScopedApi(RequestFilters, ModelRestApi):
    """Signed in by the console's cookie alone, so its token guards it too. Say every column list."""

    datamodel: ScopedInterface
    csrf_exempt = False
    allow_browser_login = True
    exclude_route_methods = API_READ_ONLY

    def __init__(self) -> None:
        self.class_permission_name = self.class_permission_name or self.datamodel.obj.__name__
        self.method_permission_name = {
            **dict.fromkeys(("get_list", "get", "info"), READ),
            **dict.fromkeys(("post", "put", "delete"), WRITE),
        }
        super().__init__()

    def _init_properties(self) -> None:
        super()._init_properties()
        for route, columns in (("post", "add_columns"), ("put", "edit_columns")):
            if route in self.exclude_route_methods:
                setattr(self, columns, [])

    def post_headless(self) -> Response:
        return self._save(self.add_model_schema, None, self.add_item, 201)

    def put_headless(self, pk: Any) -> Response:
        item = self.datamodel.get(pk, self._base_filters)
        if item is None:
            return self.response_404()
        return self._save(self.edit_model_schema, item, self.pre_update, 200)

    def add_item(self, item: Any) -> None:
        self.pre_add(item)
        db.session.add(item)

    def _save(self, schema: Any, item: Any, do: Callable[[Any], object], status: int) -> Response:
        given = request.get_json(silent=True)
        if not isinstance(given, Mapping):
            return self.response_400(message="Request is not JSON")
        if foreign := self._not_to_be_chosen(given):
            return self.response(422, message={column: [gettext("Not a valid choice")] for column in foreign})
        saved: list[Any] = []

        def save() -> None:
            with db.session.no_autoflush:
                saved.append(schema.load(dict(given), instance=item, partial=item is not None))
                do(saved[0])

        try:
            problem = attempt(save)
        except ValidationError as error:
            return self.response(422, message=error.messages)
        if problem:
            return self.response_422(message=problem)
        return self.response(status, id=self.datamodel.get_pk_value(saved[0]), result=schema.dump(saved[0]))

    def _get_field_info(self, field: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """FAB translates a missing description, which gives the head of the catalogue."""
        said = self.description_columns.get(field.name)
        return {**super()._get_field_info(field, *args, **kwargs), "description": str(said or "")}

    def _not_to_be_chosen(self, given: Mapping[str, Any]) -> list[str]:
        """Related rows are named by id and must lie in scope; anything else is as good as unknown."""
        related = [each for each, value in given.items() if value is not None and self.datamodel.is_relation(each)]
        return [column for column in related if self.datamodel.get_related_obj(column, given[column]) is None]
