"""Read and write by program, with the same scope, columns and sentences as the screens."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request
from flask_appbuilder import ModelRestApi
from flask_appbuilder.hooks import before_request
from flask_appbuilder.models.filters import Filters
from flask_babel import gettext
from marshmallow import ValidationError

from models import db
from views.given import breaks_the_parser, filters_in_texts, problems
from views.kit.forms import Choices
from views.kit.interface import ScopedInterface
from views.kit.views import READ, WRITE, RequestFilters
from views.saving import CHANGED_MEANWHILE, attempt

API_READ_ONLY = {"post", "put", "delete"}


class ScopedApi(RequestFilters, ModelRestApi):
    """Signed in by the console's cookie alone, so its token guards it too. Say every column list."""

    datamodel: ScopedInterface
    csrf_exempt = False
    allow_browser_login = True
    exclude_route_methods = API_READ_ONLY
    choices: Mapping[str, Mapping[Any, str] | Choices] = {}

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

    @before_request(only=["get_list", "get", "info"])
    def refuse_unreadable(self) -> Response | None:
        unreadable = breaks_the_parser(request.args.get("q", ""))
        return self.response_400(message="Not a valid rison argument") if unreadable else None

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
        given, version = dict(given), self.datamodel.version_column
        if item is not None and version and given.pop(version, None) != getattr(item, version):
            return self.response(409, message=gettext(CHANGED_MEANWHILE))
        if wrong := problems(self.datamodel, self.choices, schema.fields, given):
            return self.response(422, message=wrong)
        saved: list[Any] = []

        def save() -> None:
            with db.session.no_autoflush:
                saved.append(schema.load(given, instance=item, partial=item is not None))
                do(saved[0])

        try:
            problem = attempt(save)
        except ValidationError as error:
            return self.response(422, message=error.messages)
        if problem:
            return self.response_422(message=problem)
        key, result = self.datamodel.get_pk_value(saved[0]), self.show_model_schema.dump(saved[0])
        return self.response(status, id=key, result=result)

    def _handle_filters_args(self, rison_args: dict[str, Any]) -> Filters:
        return super()._handle_filters_args({"filters": filters_in_texts(rison_args.get("filters", []))})

    def _get_field_info(self, field: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """FAB translates a missing description, which gives the head of the catalogue."""
        said = self.description_columns.get(field.name)
        return {**super()._get_field_info(field, *args, **kwargs), "description": str(said or "")}
