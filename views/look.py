"""What every template may use: addresses of our files, moments as an office writes them, search chips."""

from datetime import date
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import get_locale

from models.worklists import COUNTED_TO
from views import assets, cells, chips, errors
from views.words import deadline


def dress(app: Flask) -> None:
    app.register_blueprint(assets.blueprint)
    errors.register(app)
    app.jinja_env.globals.update(
        get_locale=get_locale,
        asset_url=assets.asset_url,
        cell=cells.cell,
        lines=cells.lines,
        quick_search=chips.quick_search,
        search_chips=chips.chips,
        kept_arguments=kept_arguments,
    )
    app.jinja_env.filters.update(moment=cells.moment, deadline=deadline, counted=counted)
    app.jinja_env.tests["beyond_counting"] = is_beyond_counting
    app.jinja_env.tests["moment"] = lambda value: isinstance(value, date)


def is_beyond_counting(count: int) -> bool:
    """Where lists are counted one further than COUNTED_TO and no more; a larger number was counted to its end."""
    return count == COUNTED_TO + 1


def counted(count: int) -> str:
    return f"{COUNTED_TO:,}+" if is_beyond_counting(count) else f"{count:,}"


def kept_arguments() -> str:
    """Filters, order and queue of the list on screen, for the link that exports just that."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if not key.startswith(("page_", "psize_"))]
    return f"?{urlencode(kept)}" if kept else ""
