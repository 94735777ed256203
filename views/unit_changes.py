"""Merging and splitting units: a form, what would move, and the confirmation. What happened stands on the record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from models import db
from models.people import Person
from models.unit_changes import Part, UnitChange, changes_of, merge, split
from models.unit_moving import living_below, subtree, weigh
from models.units import Unit
from rules.refusals import N_, Refusal
from rules.unit_changes import CHANGE_KIND_LABELS, CHANGE_STATE_LABELS, ChangeKind, ChangeState
from rules.units import UnitKind
from rules.workdays import local_date
from views.asking import as_key
from views.kit.context import me, now
from views.kit.forms import ChoiceWidget, DateWidget, RowField
from views.kit.interface import ScopedInterface
from views.saving import attempt, saved, say

MOST_PARTS, MOST_PEOPLE = 6, 200
COUNTED = {
    "children": N_("Units below it, which go on under their codes"),
    "requests": N_("Open requests"),
    "legs": N_("Requests being handled"),
    "people": N_("People"),
    "liaison": N_("People in liaison with it"),
    "households": N_("Households"),
    "organisations": N_("Organisations"),
    "topics": N_("Running topics"),
    "tasks": N_("Open tasks"),
    "duties": N_("Duties in the catalogue"),
}
PLANS = {
    ChangeKind.MERGE: N_("Planned: from %(day)s on %(unit)s merges into %(into)s."),
    ChangeKind.SPLIT: N_("Planned: from %(day)s on %(unit)s splits into %(into)s."),
}
LISTS = {
    "children": ("UnitView.list", "parent"),
    "requests": ("TicketView.list", "unit"),
    "legs": ("TicketView.list", "lead_unit"),
    "people": ("PersonView.list", "unit"),
    "households": ("HouseholdView.list", "unit"),
    "organisations": ("OrganisationView.list", "unit"),
    "topics": ("TopicView.list", "unit"),
    "tasks": ("TaskView.list", "unit"),
}


def tomorrow() -> date:
    return local_date(now()) + timedelta(days=1)


class ChangeForm(FlaskForm):
    from_date = DateField(
        _("From"),
        default=tomorrow,
        description=_("The first day of the new order. Until the day before, all stays as it is"),
        validators=[InputRequired()],
        widget=DateWidget(),
    )
    reason = StringField(
        _("Reason"),
        description=_("Written into the history of every request that moves"),
        validators=[InputRequired(), Length(max=400)],
        widget=BS3TextFieldWidget(),
    )


class MergeForm(ChangeForm):
    into = RowField(
        _("Successor"),
        datamodel=ScopedInterface(Unit),
        col_name="successor",
        validators=[DataRequired()],
        widget=ChoiceWidget("Unit"),
    )


def rehearsed(do: Callable[[], object]) -> str | None:
    """Why it would be refused. Nothing is kept."""
    try:
        do()
        db.session.flush()
    except Refusal as refusal:
        return say(refusal)
    finally:
        db.session.rollback()
    return None


class Changing:
    """Mixed into the screen of units."""

    @expose("/merge/<pk>", methods=["GET", "POST"])
    @has_access
    def merge(self, pk: Any) -> Any:
        unit: Unit = self._row(pk)  # type: ignore[attr-defined]
        form = MergeForm()

        def do() -> None:
            merge(db.session(), [unit], form.into.data, form.from_date.data, me(), now(), reason=form.reason.data)

        return self._ask(unit, form, "units/merge.html", do)

    @expose("/split/<pk>", methods=["GET", "POST"])
    @has_access
    def split(self, pk: Any) -> Any:
        unit: Unit = self._row(pk)  # type: ignore[attr-defined]
        form = ChangeForm()

        def do() -> None:
            split(db.session(), unit, parts_asked(), form.from_date.data, me(), now(), reason=form.reason.data)

        return self._ask(unit, form, "units/split.html", do)

    @expose("/withdraw/<pk>", methods=["POST"])
    @has_access
    def withdraw(self, pk: Any) -> Any:
        unit: Unit = self._row(pk)  # type: ignore[attr-defined]
        planned = sa.select(UnitChange).where(UnitChange.unit_id == unit.id, UnitChange.state == ChangeState.PLANNED)
        change = db.session.scalar(planned) or abort(404)
        saved(lambda: change.withdraw(me()), gettext("Withdrawn. Everything stays as it is"))
        return redirect(url_for("UnitView.show", pk=pk))

    @expose("/take_back/<pk>", methods=["POST"])
    @has_access
    def take_back(self, pk: Any) -> Any:
        """The last change that ended the unit."""
        unit: Unit = self._row(pk)  # type: ignore[attr-defined]
        done = sa.select(UnitChange).where(UnitChange.unit_id == unit.id, UnitChange.state == ChangeState.DONE)
        change = db.session.scalar(done.order_by(UnitChange.id.desc())) or abort(404)
        saved(
            lambda: change.take_back(db.session(), me(), now()), gettext("Taken back. Everything is as it was before")
        )
        return redirect(url_for("UnitView.show", pk=pk))

    def _ask(self, unit: Unit, form: ChangeForm, template: str, do: Callable[[], None]) -> Any:
        """The form, then what would move, then the deed. `again` asks for the form as it was filled in."""
        problem = None
        if "again" not in request.form and form.validate_on_submit():
            confirmed = "confirm" in request.form
            problem = attempt(do) if confirmed else rehearsed(do)
            if problem is None:
                return self._done(unit, form) if confirmed else self._preview(unit, form)
            flash(problem, "danger")
        given = {"unit": unit, "form": form, **choices(unit, form)}
        return self.render_template(template, **given)  # type: ignore[attr-defined]

    def _preview(self, unit: Unit, form: ChangeForm) -> Any:
        units, parts = subtree(db.session(), unit, form.from_date.data), parts_asked()
        return self.render_template(  # type: ignore[attr-defined]
            "units/preview.html",
            unit=unit,
            form=form,
            below=units[1:],
            rows=counted(unit, {"children": len(units) - 1} | weigh(db.session(), [each.id for each in units])),
            shares=shares(unit, parts) if parts else [],
            asked=[pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"],
            ahead=form.from_date.data > local_date(now()),
        )

    def _done(self, unit: Unit, form: ChangeForm) -> Any:
        ahead = form.from_date.data > local_date(now())
        flash(
            gettext("Planned: it is done on its day") if ahead else gettext("Done. What was open has moved"), "success"
        )
        return redirect(url_for("UnitView.show", pk=unit.id))

    def _with_related(self, item: Unit, widgets: dict[str, Any]) -> dict[str, Any]:
        """For the record: what became of it, and whether it may change now."""
        changes = changes_of(db.session(), item)
        planned = [each for each in changes if each.state == ChangeState.PLANNED and each.unit_id == item.id]
        widgets["changes"] = [told(change) for change in changes]
        widgets["planned"] = plan_in_words(planned[0]) if planned else ""
        may_change = item.kind != UnitKind.DISTRICT and item.lives_on(local_date(now()))
        widgets["may_change"] = may_change and not planned
        related: dict[str, Any] = super()._with_related(item, widgets)  # type: ignore[misc]
        return related


def choices(unit: Unit, form: ChangeForm) -> dict[str, Any]:
    """What a split may hand out, and how many parts are asked for."""
    if isinstance(form, MergeForm):
        return {}
    asked = max(2, len(numbers_asked())) + (request.form.get("again") == "more")
    return {
        "numbers": range(1, min(asked, MOST_PARTS) + 1),
        "below": living_below(db.session(), unit, tomorrow()),
        "people": people_of(unit),
        "most": MOST_PARTS,
    }


def people_of(unit: Unit) -> list[Person]:
    found = sa.select(Person).where(Person.unit_id == unit.id).order_by(Person.name, Person.id).limit(MOST_PEOPLE)
    return list(db.session.scalars(found))


@dataclass(frozen=True)
class Share:
    """What a part gets of that which the form hands out."""

    part: Part
    below: list[Unit]
    people: list[Person]


def shares(unit: Unit, parts: Sequence[Part]) -> list[Share]:
    below, people = living_below(db.session(), unit, tomorrow()), people_of(unit)
    child_of = {key: part for part in parts[1:] for key in part.children}
    person_of = {key: part for part in parts[1:] for key in part.people}
    return [
        Share(
            part,
            [each for each in below if child_of.get(each.id, parts[0]) is part],
            [each for each in people if person_of.get(each.id, parts[0]) is part],
        )
        for part in parts
    ]


def numbers_asked() -> list[str]:
    return [name.removeprefix("code-") for name in request.form if name.startswith("code-")]


def parts_asked() -> list[Part]:
    """Lines left empty are none; what is below and who is in the unit is given by the number of its part."""

    def given(what: str, number: str) -> tuple[int, ...]:
        named = [
            name.removeprefix(what) for name, part in request.form.items() if name.startswith(what) and part == number
        ]
        return tuple(key for each in named if (key := as_key(each)))

    return [
        Part(request.form[f"code-{n}"].strip(), name[:120], given("child-", n), given("person-", n))
        for n in numbers_asked()
        if (name := request.form.get(f"name-{n}", "").strip()) or request.form[f"code-{n}"].strip()
    ]


def counted(unit: Unit, counts: dict[str, int]) -> list[tuple[str, int, str]]:
    """Label, count and where the unit's own are listed."""
    return [
        (gettext(label), counts[name], _listed(unit, name) if counts[name] else "") for name, label in COUNTED.items()
    ]


def _listed(unit: Unit, name: str) -> str:
    if name not in LISTS:
        return ""
    address, column = LISTS[name]
    asked: dict[str, Any] = {f"_flt_0_{column}": unit.id}
    return url_for(address, **asked)


def plan_in_words(change: UnitChange) -> str:
    said = {"day": change.from_date, "unit": change.unit.name, "into": "、".join(outcome_of(change))}
    return gettext(PLANS[ChangeKind(change.kind)], **said)


def outcome_of(change: UnitChange) -> list[str]:
    return [part["name"] for part in change.parts] or [change.into.name if change.into else ""]


def told(change: UnitChange) -> dict[str, Any]:
    moved = [f"{gettext(COUNTED[name])} {count}" for name, count in change.counts.items() if count]
    refusal = change.refusal and say(Refusal(change.refusal["message"], **change.refusal["values"]))
    return {
        "title": gettext(CHANGE_KIND_LABELS[ChangeKind(change.kind)]),
        "state": gettext(CHANGE_STATE_LABELS[ChangeState(change.state)]),
        "planned": change.state == ChangeState.PLANNED,
        "done": change.state == ChangeState.DONE,
        "unit": change.unit,
        "into": change.into,
        "outcome": "、".join(outcome_of(change)),
        "from_date": change.from_date,
        "reason": change.reason,
        "name": change.name,
        "at": change.done_at or change.asked_at,
        "moved": "\n".join(moved),
        "refusal": refusal,
    }
