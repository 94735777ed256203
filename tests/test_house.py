"""The house stays plain: short files, few folders, imports that point down, locks that agree, no machine's names."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import check
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from imports.run import KINDS
from models import db

ROOT = Path(__file__).parents[1]
FOLDERS = ("rules", "models", "imports", "exports", "jobs", "views", "tests")
TOP = {
    ".ci",
    ".gitignore",
    "Makefile",
    "README.md",
    "app.py",
    "commands.py",
    "commands_books.py",
    "commands_imports.py",
    "docs",
    "pyproject.toml",
    "requirements-bench.lock",
    "requirements-dev.lock",
    "requirements.lock",
    "settings.py",
    *FOLDERS,
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
    "requirements-bench.lock": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["bench"],
}
FILE_LIMIT, FUNCTION_LIMIT, KIT_LIMIT, METHOD_LIMIT = 400, 40, 1_000, 12


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


FILES = tracked() if shutil.which("git") and (ROOT / ".git").exists() else []
PYTHON = [path for path in FILES if path.suffix == ".py" and "versions" not in path.parts]
OURS = [path for path in PYTHON if path.relative_to(ROOT).parts[0] != "tests"]

needs_git = pytest.mark.skipif(not FILES, reason="not a clone: the files of the project are listed by git")


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]


def length(node: ast.AST) -> int:
    return node.end_lineno - node.lineno + 1


@needs_git
def test_no_file_is_longer_than_four_hundred_lines_and_no_function_than_forty():
    long = [str(path.relative_to(ROOT)) for path in PYTHON if lines(path) > FILE_LIMIT]
    long += [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in PYTHON
        for node in functions(path)
        if length(node) > FUNCTION_LIMIT
    ]
    assert long == []


@needs_git
def test_half_of_all_functions_have_at_most_eight_lines():
    lengths = sorted(length(node) for path in OURS for node in functions(path))
    assert lengths[len(lengths) // 2] <= 8


@needs_git
def test_the_kit_on_fab_stays_under_a_thousand_lines():
    assert sum(lines(path) for path in OURS if path.is_relative_to(ROOT / "views" / "kit")) < KIT_LIMIT


@needs_git
def test_nothing_more_goes_to_the_top_level():
    assert {path.relative_to(ROOT).parts[0] for path in FILES} <= TOP


@needs_git
def test_no_module_is_called_after_nothing():
    empty = {"utils", "util", "helpers", "helper", "services", "service", "manager", "managers", "common", "misc"}
    assert [path for path in PYTHON if path.stem in empty or empty & set(path.relative_to(ROOT).parts[:-1])] == []


@needs_git
def test_nobody_catches_everything():
    caught = re.compile(r"except\s+(Base)?Exception\b|except\s*:")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in OURS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if caught.search(line) and not lets_go_on(path, number)
    ]
    assert found == []


def lets_go_on(path: Path, number: int) -> bool:
    """Rolls back and raises again: nothing is swallowed."""
    handlers = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and node.lineno == number
    ]
    return all(isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None for node in handlers)


@needs_git
def test_a_view_is_a_declaration_with_few_methods():
    many = [
        f"{path.relative_to(ROOT)} {node.name}"
        for path in (ROOT / "views").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and sum(isinstance(each, ast.FunctionDef) for each in node.body) > METHOD_LIMIT
    ]
    assert many == []


def test_imports_point_down_only():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("import-linter is not installed")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def pins(lock: str) -> dict[str, list[Requirement]]:
    """Package → its pins (one for each marker); every pin must be exact and hashed."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[Requirement]] = {}
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            pin, *hashes = re.split(r"\s+--hash=", line.split("#")[0].strip())
            assert hashes, f"{lock}: {pin} has no hash"
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), f"{lock}: {pin}"
            requirement = Requirement(pin)
            assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), f"{lock}: {pin} is not exact"
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def version(pin: Requirement) -> str:
    return str(pin.specifier).removeprefix("==")


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_pin_what_the_project_asks_for(lock):
    pinned = pins(lock)
    wanted = [Requirement(text) for text in LOCKS[lock]]
    missing = [wish.name for wish in wanted if canonicalize_name(wish.name) not in pinned]
    assert missing == []
    wrong = [
        str(wish)
        for wish in wanted
        for pin in pinned[canonicalize_name(wish.name)]
        if not wish.specifier.contains(version(pin), prereleases=True)
    ]
    assert wrong == []


@pytest.mark.parametrize("lock", ["requirements-dev.lock", "requirements-bench.lock"])
def test_what_runs_is_what_was_tested_and_measured(lock):
    tested = pins(lock)
    assert {name: tested[name] for name in pins("requirements.lock")} == pins("requirements.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_name_no_host_and_no_path(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"https?:|file:|git\+|://|--index-url|--find-links|(?m:^\s*[./~])", text) == []


@needs_git
def test_the_project_names_no_machine():
    """Whatever a clone stands in, nothing in it may depend on the place."""
    place = re.compile("/" + "work/|/" + "tmp/w|/" + r"root/|/" + r"home/\w+|/" + "opt/(pypi|wheels)")
    named = [
        str(path.relative_to(ROOT))
        for path in FILES
        if path.suffix not in (".xlsx", ".png", ".jpg") and place.search(path.read_text(encoding="utf-8"))
    ]
    assert named == []


UNSEEN = "ignore:.*expression-based index"
"""Alembic looks at no index that begins with an expression; the test after next does."""


@pytest.mark.filterwarnings(UNSEEN)
def test_the_migrations_make_exactly_the_tables_of_the_models(app):
    with app.app_context():
        check(directory=str(ROOT / "models" / "migrations"))


@pytest.mark.filterwarnings(UNSEEN)
def test_a_table_without_a_migration_is_found_out(app):
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE duty"))
    with app.app_context(), pytest.raises(SystemExit):
        check(directory=str(ROOT / "models" / "migrations"))


@pytest.mark.filterwarnings(UNSEEN)
def test_whatever_refers_to_a_record_that_an_import_may_take_back_is_found_by_an_index(app):
    nouns = {kind.target.name for kind in KINDS.values()}
    with app.app_context():
        tables = sa.inspect(db.engine)
        ways = {
            (table, columns[0])
            for table in tables.get_table_names()
            for columns in [
                tables.get_pk_constraint(table)["constrained_columns"],
                *(each["column_names"] for each in tables.get_indexes(table) + tables.get_unique_constraints(table)),
            ]
            if columns
        }
        referring = {
            (table, key["constrained_columns"][0])
            for table in tables.get_table_names()
            for key in tables.get_foreign_keys(table)
            if key["referred_table"] in nouns
        }
    assert ("ticket", "unit_id") in referring
    assert referring - ways == set()


def test_the_migrations_make_the_indexes_that_begin_with_an_expression(app, backend):
    made = "SELECT name, sql FROM sqlite_master WHERE sql LIKE '%substr(%'"
    if backend.kind == "postgresql":
        made = "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%substr(%'"
    with app.app_context(), db.engine.begin() as connection:
        found = {
            name: re.findall(r"\w+", sql.partition("(")[2].partition(" WHERE ")[0])
            for name, sql in connection.execute(sa.text(made))
        }
    wanted = {
        index.name: [words for part in index.expressions for words in re.findall(r"\w+", str(part).split(".")[-1])]
        for table in db.Model.metadata.tables.values()
        for index in table.indexes
        if len(index.columns) < len(index.expressions)
    }
    kept = {name: [word for word in words if word not in ("path", "text")] for name, words in found.items()}
    assert len(wanted) == 46
    assert kept == {name: [word for word in words if word != "path"] for name, words in wanted.items()}
