"""Texts in the reader's language."""

from typing import Any

from flask_babel import Domain, get_babel, get_locale


class Catalogue(Domain):
    """Found by the language itself, hundreds of times a page; Flask-Babel writes its name down each time."""

    def __init__(self, domain: str) -> None:
        super().__init__(domain=domain)
        self.known: dict[Any, Any] = {}

    def get_translations(self) -> Any:
        locale = get_locale()
        if locale not in self.known:
            self.known[locale] = super().get_translations()
        return self.known[locale]


def bind(app: Any) -> None:
    babel = get_babel(app).instance
    babel.domain_instance = Catalogue(get_babel(app).default_domain)
