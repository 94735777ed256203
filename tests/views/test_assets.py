"""What pages load from us: files that are what they are said to be, kept by browsers until they change."""

import hashlib

import pytest

from views.assets import PACKAGED, asset_url


@pytest.mark.parametrize("name", sorted(PACKAGED))
def test_a_packaged_script_is_the_one_that_was_reviewed(name):
    packaged = PACKAGED[name]
    assert hashlib.sha256(packaged.file().read_bytes()).hexdigest() == packaged.sha256


def test_an_address_holds_the_content_it_names_for_a_year(app, client):
    with app.test_request_context():
        url = asset_url("htmx.js")
    with client.get(url) as response:
        assert response.status_code == 200
        assert response.mimetype == "text/javascript"
        assert "max-age=31536000" in response.headers["Cache-Control"]
        assert "immutable" in response.headers["Cache-Control"]


def test_an_address_of_another_version_is_not_kept(client):
    with client.get("/assets/000000000000/minqing.css") as response:
        assert response.status_code == 200
        assert "max-age=31536000" not in response.headers["Cache-Control"]


def test_the_icons_find_their_font_where_their_style_sheet_looks(app, client):
    with app.test_request_context():
        sheet = asset_url("solid.css")
    with client.get(sheet) as response:
        assert "../webfonts/fa-solid-900.woff2" in response.text
    with client.get(sheet.rsplit("/", 2)[0] + "/webfonts/fa-solid-900.woff2") as response:
        assert response.data.startswith(b"wOF2")


@pytest.mark.parametrize("name", ["secret.js", "..%2fassets.py", "__init__.py"])
def test_nothing_else_is_served(client, name):
    assert client.get(f"/assets/000000000000/{name}").status_code == 404
