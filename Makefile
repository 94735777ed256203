# make run    a working console at http://127.0.0.1:8080 (Ctrl-C stops it)
# make setup  the environment only
# make test   everything that is checked
# make bench  measures a district of 331,000 requests and writes docs/performance.md: ONLY=pages, SIZE=city

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes
CATALOGUES := $(wildcard views/translations/*/LC_MESSAGES/*.po)

SIZE ?= district

export MYPYPATH :=

.PHONY: run setup test bench lint mo lock
.DELETE_ON_ERROR:

run: setup
	@exec $(BIN)/python -m jobs.serving

setup: .venv/installed mo

test: .venv/installed-dev mo lint
	$(BIN)/python -m pytest -n 2 --dist worksteal $(TESTS)

bench: .venv/installed-bench mo
	$(BIN)/python -m tests.bench --size $(SIZE) $(addprefix --only ,$(ONLY))

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

mo: $(CATALOGUES:.po=.mo)

%.mo: %.po | .venv/installed
	$(BIN)/pybabel -q compile -i $< -o $@

.venv/installed: requirements.lock | .venv/bin/python
	$(INSTALL) -r requirements.lock
	@touch $@

.venv/installed-dev: requirements-dev.lock | .venv/installed
	$(INSTALL) -r requirements-dev.lock
	@touch $@

.venv/installed-bench: requirements-bench.lock | .venv/installed
	$(INSTALL) -r requirements-bench.lock
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Minqing needs Python 3.11, 3.12 or 3.13. Name one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

lock:
	uv pip compile --universal --generate-hashes --no-header --quiet pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-header --quiet --group dev pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --generate-hashes --no-header --quiet --group bench --constraint requirements.lock pyproject.toml -o requirements-bench.lock
