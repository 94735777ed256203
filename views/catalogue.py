"""Texts in the reader's language."""

from typing import Any

from flask import g
from flask_babel import Domain, get_babel, get_locale


class Catalogue(Domain):
    """Asked hundreds of times a page: Flask-Babel would look for the request six times at each."""

    def __init__(self, domain: str) -> None:
        super().__init__(domain=domain)
        self.known: dict[int, tuple[Any, Any]] = {}

    def get_translations(self) -> Any:
        locale = getattr(g.get("_flask_babel"), "babel_locale", None) or get_locale()
        if (found := self.known.get(id(locale))) is None:
            found = self.known[id(locale)] = (super().get_translations(), locale)
        return found[0]


def bind(app: Any) -> None:
    babel = get_babel(app).instance
    catalogue = babel.domain_instance = Catalogue(get_babel(app).default_domain)
    app.jinja_env.install_gettext_callables(
        gettext=lambda text: catalogue.get_translations().ugettext(text),
        ngettext=lambda one, many, count: catalogue.get_translations().ungettext(one, many, count),
        newstyle=True,
    )
