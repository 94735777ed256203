"""Scripts that come with installed packages, and our own files, under addresses that change with their content."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, abort, send_file, url_for

YEAR = 365 * 24 * 3600
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

blueprint = Blueprint("assets", __name__, url_prefix="/assets")


@blueprint.get("/<version>/<name>")
def asset(version: str, name: str) -> Response:
    """An address with an old version still gets the file, so that a page open across an upgrade goes on working."""
    if name not in served():
        abort(404)
    response = send_file(served()[name], max_age=YEAR if version == fingerprint(name) else 0)
    response.cache_control.immutable = version == fingerprint(name)
    return response


def asset_url(name: str) -> str:
    return url_for("assets.asset", version=fingerprint(name), name=name)


@lru_cache
def served() -> dict[str, Path]:
    own = {path.name: path for path in OWN.iterdir() if path.suffix in {".css", ".js", ".svg"}}
    return own | {name: packaged.file() for name, packaged in PACKAGED.items()}


@lru_cache
def fingerprint(name: str) -> str:
    return hashlib.sha256(served()[name].read_bytes()).hexdigest()[:12]
