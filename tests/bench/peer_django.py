"""Django admin with django-import-export over the same tables, as it comes or tuned: reads an order, prints seconds.

Django's own tables (users, sessions, its log) lie in a small database of their own.
"""

import json
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import django
from django.apps import AppConfig
from django.conf import settings
from django.urls import path as route

from tests.bench.timing import ROUNDS, Answer, NoAnswer, median, one_round

APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "import_export",
    "tests.bench.peer_django.District",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
        ]
    },
}


class District(AppConfig):
    name, label, path = "tests.bench.peer_django", "district", "tests/bench"


class OwnTables:
    """Everything but the district's tables goes to Django's own database."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "district" if model._meta.app_label == "district" else "default"

    db_for_write = db_for_read

    def allow_relation(self, *objects: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default" and app_label != "district"


def district(parts: dict[str, Any]) -> dict[str, Any]:
    if "host" not in parts and "username" not in parts:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts["database"]}
    named = {"NAME": "database", "USER": "username", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    engine = {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None}
    return engine | {key: str(parts[name]) for key, name in named.items() if parts.get(name)}


def configure(order: dict[str, Any], folder: Path) -> None:
    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["testserver"],
        USE_TZ=True,
        TIME_ZONE="Asia/Shanghai",
        LANGUAGE_CODE="zh-hans",
        ROOT_URLCONF=__name__,
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "own.db"},
            "district": district(order["parts"]),
        },
        DATABASE_ROUTERS=[f"{__name__}.OwnTables"],
        INSTALLED_APPS=APPS,
        MIDDLEWARE=MIDDLEWARE,
        TEMPLATES=[TEMPLATES],
    )


urlpatterns: list[Any] = []


def browser(*, tuned: bool) -> Any:
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    from tests.bench.peer_django_admin import register

    call_command("migrate", verbosity=0)
    register(admin.site, tuned=tuned)
    urlpatterns.append(route("admin/", admin.site.urls))
    client = Client()
    client.force_login(User.objects.create_superuser("stock", "stock@example.invalid", "stock"))
    return client


def pages(order: dict[str, Any]) -> dict[str, str]:
    tickets, people = "/admin/district/ticket/", "/admin/district/person/"
    return {
        "request list": tickets,
        "request list, last page": f"{tickets}?p={(order['tickets'] - 1) // 25 + 1}",
        "request list, search": f"{tickets}?q={order['word']}",
        "request list, filter": f"{tickets}?state__exact=archived",
        "request form": f"{tickets}add/",
        "request record": f"{tickets}{order['ticket']}/change/",
        "people list": people,
        "people list, search": f"{people}?q={order['name']}",
        "person form": f"{people}{order['person']}/change/",
        "unit list": "/admin/district/unit/",
    }


def get(client: Any, address: str) -> Answer:
    answer = client.get(address)
    return Answer(answer.status_code, len(answer.content), answer.headers.get("Location", ""))


def export(client: Any, order: dict[str, Any]) -> Answer:
    """The newest rows, with the fields and the kind of file chosen on the form that asks for them."""
    address = f"/admin/district/ticket/export/?submitted_at__gte={order['since']}"
    form = client.get(address).content.decode()
    fields = dict.fromkeys(re.findall(r'type="checkbox" name="([^"]+)"', form), "on")
    kind = re.search(r'<option value="(\d+)"[^>]*>xlsx<', form)
    if kind is None:
        raise NoAnswer("offers no xlsx")
    answer = client.post(address, fields | {"format": kind[1], "resource": ""})
    if not answer.headers.get("Content-Disposition"):
        raise NoAnswer("gave the form back instead of a file")
    return Answer(answer.status_code, len(answer.content), answer.headers.get("Location", ""))


def seconds(ask: Any) -> float | str:
    try:
        return median([median(one_round(ask)) for _round in range(ROUNDS)])
    except NoAnswer as problem:
        return str(problem)


def main() -> None:
    warnings.simplefilter("ignore")
    order = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        configure(order, Path(folder))
        django.setup()
        client = browser(tuned=sys.argv[1] == "tuned")
        found = {name: seconds(lambda address=address: get(client, address)) for name, address in pages(order).items()}
        found["export"] = seconds(lambda: export(client, order))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
