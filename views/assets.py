"""Scripts that come with installed packages, and our own files, under addresses that change with their content."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import flask_appbuilder
from flask import Blueprint, Response, abort, send_file, url_for

DAY = 24 * 3600
YEAR = 365 * DAY
OWN = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Packaged:
    package: str
    path: str
    sha256: str

    def file(self) -> Path:
        """Found without importing the package, whose own dependencies are not installed."""
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(self.package)
        return Path(spec.submodule_search_locations[0]) / self.path


PACKAGED = {
    "echarts.js": Packaged(
        "instaui_echarts",
        "static/echarts.esm.min.js",
        "28515f26aa57f87eb1e4ed4eb446927eaf329b5f5e02b4bfd4b0264fea40d1da",
    ),
    "htmx.js": Packaged(
        "js_lib_htmx",
        "static/htmx/htmx.min.js",
        "491955cd1810747d7d7b9ccb936400afb760e06d25d53e4572b64b6563b2784e",
    ),
}

FAB = {
    "bootstrap.css": "css/bootstrap.min.css",
    "fontawesome.css": "css/fontawesome/fontawesome.min.css",
    "solid.css": "css/fontawesome/solid.min.css",
    "fa-solid-900.woff2": "css/webfonts/fa-solid-900.woff2",
    "select2.css": "css/select2/select2.min.css",
    "select2.js": "js/select2/select2.min.js",
    "jquery.js": "js/jquery-latest.js",
}
"""FAB's own, which it serves without a version, so that browsers ask for each of them again on every page."""
FONTS = "webfonts"
"""Where the style sheet of the icons looks for its font."""

blueprint = Blueprint("assets", __name__, url_prefix="/assets")


@blueprint.get("/<version>/<name>")
def asset(version: str, name: str) -> Response:
    """An address with an old version still gets the file, so that a page open across an upgrade goes on working."""
    if name not in served():
        abort(404)
    current = version == fingerprint(name)
    response = send_file(served()[name], max_age=YEAR if current else DAY if version == FONTS else 0)
    response.cache_control.immutable = current
    return response


def asset_url(name: str) -> str:
    return url_for("assets.asset", version=fingerprint(name), name=name)


@lru_cache
def served() -> dict[str, Path]:
    own = {path.name: path for path in OWN.iterdir() if path.suffix in {".css", ".js", ".svg"}}
    fab = Path(flask_appbuilder.__file__).parent / "static" / "appbuilder"
    packaged = {name: each.file() for name, each in PACKAGED.items()}
    return own | packaged | {name: fab / path for name, path in FAB.items()}


@lru_cache
def fingerprint(name: str) -> str:
    return hashlib.sha256(served()[name].read_bytes()).hexdigest()[:12]
