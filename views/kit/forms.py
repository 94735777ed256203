"""Form fields that fit: paged choices within one's scope, native dates, codes as words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import url_for
from flask_appbuilder.fields import AJAXSelectField
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget, Select2Widget
from flask_appbuilder.forms import GeneralModelConverter
from flask_babel import gettext
from markupsafe import Markup
from wtforms import DateField, SelectField, validators
from wtforms.widgets import html_params

Choices = Callable[[], Iterable[tuple[str, str]]]


class DateWidget(BS3TextFieldWidget):
    input_type = "date"


class ChoiceWidget:
    """A select that fetches its choices; only the current one is in the page."""

    def __init__(self, noun: str) -> None:
        self.noun = noun

    def __call__(self, field: "RowField", **kwargs: Any) -> Markup:
        row = field.data
        chosen = Markup('<option value="{}" selected>{}</option>').format(row.id, row) if row is not None else ""
        attributes = {
            "id": kwargs.get("id", field.id),
            "name": kwargs.get("name_", field.name),
            "class": "form-control ajax-select",
            "data-url": url_for("OptionsView.options", noun=self.noun),
            "data-allow-clear": "false" if field.flags.required else "true",
        }
        return Markup("<select {}>{}</select>").format(Markup(html_params(**attributes)), chosen)  # noqa: S704


class RowField(AJAXSelectField):
    """Holds a row of the related model. One out of scope is no valid choice, as if it did not exist."""

    unknown = False

    def process_data(self, value: Any) -> None:
        self.data = value

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = self.datamodel.get_related_obj(self.col_name, valuelist[0]) if valuelist[0] else None
            self.unknown = bool(valuelist[0]) and self.data is None

    def pre_validate(self, form: Any) -> None:
        if self.unknown:
            raise validators.StopValidation(gettext("Not a valid choice"))


def choices_of(labels: Mapping[Any, str]) -> Choices:
    return lambda: [(str(code), gettext(label)) for code, label in labels.items()]


def choice_field(label: Any, choices: Choices, *, required: bool, description: Any = "") -> SelectField:
    def offered() -> list[tuple[str, str]]:
        return [*([] if required else [("", "")]), *choices()]

    return SelectField(
        label,
        choices=offered,
        description=description,
        validators=[validators.InputRequired()] if required else [validators.Optional()],
        widget=Select2Widget(),
    )


class ConsoleConverter(GeneralModelConverter):
    def __init__(self, datamodel: Any, choices: Mapping[str, Choices], *, searching: bool = False) -> None:
        super().__init__(datamodel)
        self.choices = choices
        self.searching = searching

    def _convert_col(
        self,
        col_name: str,
        label: Any,
        description: Any,
        lst_validators: list[Any],
        filter_rel_fields: Any,
        form_props: dict[str, Any],
    ) -> dict[str, Any]:
        required = not self.searching and not self.datamodel.is_nullable(col_name)
        presence = validators.InputRequired() if required else validators.Optional()
        if col_name in self.choices:
            form_props[col_name] = choice_field(
                label, self.choices[col_name], required=required, description=description
            )
        elif self.datamodel.is_relation_many_to_one(col_name):
            form_props[col_name] = RowField(
                label,
                description=description,
                datamodel=self.datamodel,
                col_name=col_name,
                validators=[validators.DataRequired() if required else validators.Optional(), *lst_validators],
                widget=ChoiceWidget(self.datamodel.get_related_model(col_name).__name__),
            )
        elif self.datamodel.is_date(col_name) or self.datamodel.is_datetime(col_name):
            form_props[col_name] = DateField(
                label, description=description, validators=[presence, *lst_validators], widget=DateWidget()
            )
        else:
            super()._convert_col(col_name, label, description, list(lst_validators), filter_rel_fields, form_props)
        return form_props
