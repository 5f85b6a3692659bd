# make run and make test need only Python 3.11+, make and pip.
PYTHON ?= python3
VENV := .venv
# Tests wait for servers and browsers half of their time: two at a time take half of it.
WORKERS ?= 2
BIN := $(VENV)/bin

.PHONY: run test coverage check install dev bench lock clean

run: install
	$(BIN)/lockstitch serve

install: $(VENV)/.runtime

dev: $(VENV)/.dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Lockstitch needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

# The build backend is in the lock too, so that nothing unpinned is ever installed. The locks are
# whole, so pip need not resolve: asked to, it takes the newest release for a package that another
# names with an extra, and refuses it for having no hash.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

check: dev
	$(BIN)/ruff format --check collector web tests benchmarks sample_data
	$(BIN)/ruff check collector web tests benchmarks sample_data
	$(BIN)/mypy
	$(BIN)/lint-imports

# Tests start dozens of processes, and each would compile the program anew where no bytecode is kept.
test: dev
	@sh tests/install-browser.sh
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --no-loadscope-reorder $(PYTEST)

# Apart, because tracing doubles the time of whatever is computed in Python.
coverage:
	$(MAKE) test PYTEST="--cov --cov-report=term $(PYTEST)"

bench: dev
	$(BIN)/python -m benchmarks $(BENCH)

# Needs uv; writes versions and hashes only, no index and no host.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
	  --no-annotate pyproject.toml requirements-build.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
	  --no-annotate pyproject.toml requirements-build.in --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-artifacts
