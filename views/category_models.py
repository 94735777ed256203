"""What the console has learnt to suggest categories by: since when, from how much, how well, and on or off."""

from typing import Any

from flask import redirect, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.filters import Filters
from flask_appbuilder.models.sqla.filters import FilterEqual
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response as BaseResponse

from jobs.teaching import MOST_REQUESTS
from models import db
from models.acting import district_of
from models.categories import Category
from models.category_models import CategoryModel, followed, latest
from models.policies import load_policy, set_policy
from models.routing import unit_called
from models.suggesting import standing_of
from rules.refusals import N_
from rules.suggesting import STANDING_LABELS, Standing
from views.kit.context import me, now
from views.kit.interface import ScopedInterface
from views.kit.views import READ_ONLY, ScopedView
from views.saving import saved
from views.suggestions import called
from views.words import moment

KEY = "suggest_categories"
SWITCHED_ON, SWITCHED_OFF = N_("Categories are suggested"), N_("Categories are suggested no more")


def share(part: int, of: int) -> str:
    return f"{part / of * 100:.1f} %" if of else "–"


def district_name(path: str) -> str:
    return unit_called(db.session(), path.strip("/")).name


class CategoryModelView(ScopedView):
    route_base = "/category-models"
    datamodel = ScopedInterface(CategoryModel)
    exclude_route_methods = READ_ONLY
    method_permission_name = {"switch": "write"}
    list_title = show_title = _("Suggestions of categories")
    label_columns = {
        "made_at": _("Learnt on"),
        "path": _("District"),
        "learnt": _("Learnt from"),
        "tested": _("Measured on"),
        "hit_first": _("First guess right"),
        "hit_third": _("One of three right"),
        "categories": _("Categories"),
    }
    list_columns = show_columns = ["made_at", "path", "learnt", "tested", "hit_first", "hit_third", "categories"]
    search_columns = ["made_at"]
    order_columns = ["made_at"]
    base_order = ("id", "desc")
    formatters_columns = {"path": district_name}

    def asked_filters(self) -> Filters:
        """Of one's own district; whoever has no unit sees all."""
        filters = super().asked_filters()
        if path := me().unit_path:
            filters.add_filter("path", FilterEqual, district_of(path))  # type: ignore[arg-type]
        return filters

    def named(self, model: CategoryModel) -> str:
        return moment(model.made_at)

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> str:
        return self.render_template("suggestions/show.html", **page(self._row(pk)))

    @expose("/switch/<pk>", methods=["POST"])
    @has_access
    def switch(self, pk: Any) -> BaseResponse:
        on = load_policy(db.session()).suggest_categories
        value, said = ("no", SWITCHED_OFF) if on else ("yes", SWITCHED_ON)
        saved(lambda: set_policy(db.session(), KEY, value, me(), now()), gettext(said))
        return redirect(url_for("CategoryModelView.show", pk=pk))


def page(model: CategoryModel) -> dict[str, Any]:
    session = db.session()
    policy, standing, (seen, taken) = load_policy(session), standing_of(session, model), followed(session, model)
    current = latest(session, model.path)
    newest = current is not None and current.id == model.id
    return {
        "title": gettext("Suggestions of categories"),
        "model": model,
        "district": district_name(model.path),
        "newest": newest,
        "on": newest and standing is Standing.ON,
        "switched_on": policy.suggest_categories,
        "standing": gettext(STANDING_LABELS[standing]) if newest else gettext("Followed by a newer one"),
        "figures": figures(model, seen, taken),
        "confused": confused(model),
        "sampled": MOST_REQUESTS if model.available > MOST_REQUESTS else 0,
        "policy": policy,
    }


def figures(model: CategoryModel, seen: int, taken: int) -> list[tuple[str, str]]:
    return [
        (gettext("Learnt on"), moment(model.made_at)),
        (gettext("Settled requests with a category"), f"{model.available:,}"),
        (gettext("Learnt from"), f"{model.learnt:,}"),
        (gettext("Measured on newer ones, which it has not seen"), f"{model.tested:,}"),
        (gettext("First guess right"), share(model.hit_first, model.tested)),
        (gettext("One of three right"), share(model.hit_third, model.tested)),
        (gettext("Categories it knows"), f"{model.categories:,}"),
        (gettext("Suggestions seen"), f"{seen:,}"),
        (gettext("Of these taken"), f"{taken:,} ({share(taken, seen)})"),
        (gettext("Size of its file"), f"{model.size / 1e6:.1f} MB"),
        (gettext("Learning took"), gettext("%(count)s seconds", count=model.seconds)),
    ]


def confused(model: CategoryModel) -> list[tuple[str, str, int]]:
    """What it is, what it was taken for, and how often."""
    codes = {code for pair in model.confused for code in pair[:2]}
    rows = db.session.query(Category).filter(Category.code.in_(codes)).all()
    names = {each.code: called(each) for each in rows}
    return [(names.get(code, code), names.get(taken, taken), count) for code, taken, count in model.confused]
