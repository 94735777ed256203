"""How a person's browser sends a form: with the token of the page it stands on."""

import re
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token(client: FlaskClient, page: str) -> str:
    """Empty where the test has switched the check off."""
    response = client.get(page)
    assert "<form" in response.text, f"no form on {page}: {response.status}"
    found = TOKEN.search(response.text)
    return found[1] if found else ""


def send(client: FlaskClient, url: str, data: dict[str, Any], page: str = "", **kwargs: Any) -> TestResponse:
    """Posts to `url` what was typed on `page`, which is the same address unless it is said."""
    sent = {"csrf_token": token(client, page or url), **data}
    return client.post(url, data=sent, **kwargs)


def file(name: str, data: bytes) -> tuple[BytesIO, str]:
    return BytesIO(data), name
