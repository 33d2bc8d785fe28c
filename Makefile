# make install  the locked dependencies only
# make run    start the bot (the playground where no Slack token is set)
# make test   check, and the tests
# make test-all  the same, on both databases everywhere, with more examples made up, and what is slow and rare
# make check  linters, types and import contracts only
# make bench  the benchmarks, one after the other, and a table of what is wanted; ARGS="tick whatif" for some

VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -qq
SOURCES := bot storage playground tests bench
# Another interpreter: make run PYTHON=/path/to/python3.12
PYTHON ?=

# Python keeps what it compiles, whatever the environment says: the tests start hundreds of its processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install run test test-all check style types only-tests bench house simulate fuzz chaos attack mutants reading format migration sample history lock clean

install: $(VENV)/.runtime

run: $(VENV)/.runtime
	@exec $(BIN)/python -m bot run $(ARGS)

test: style
	@$(CHECK_AND_TEST)

test-all: style
	@$(CHECK_AND_TEST) THOROUGH=--thorough

check: style types

# Types take a minute of one processor the first time, and the tests all of both: neither waits for the other.
CHECK_AND_TEST = $(MAKE) --no-print-directory -j2 types only-tests

style: $(VENV)/.dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(VENV)/.dev
	$(BIN)/mypy
	$(BIN)/lint-imports

only-tests: $(VENV)/.dev
	$(BIN)/python -m pytest -n 3 --dist worksteal $(THOROUGH) $(ARGS)

bench: $(VENV)/.dev
	$(BIN)/python -m bench.everything $(ARGS)

# make house ARGS="--beside v0.1.0": how the tree is built, beside an earlier revision
house: $(VENV)/.dev
	$(BIN)/python -m bench.house $(ARGS)

# 10,000 simulated days of workspaces; a failing seed is printed with the command that replays it
simulate: $(VENV)/.dev
	$(BIN)/python -m tests.simulation $(ARGS)

# over 30,000 made-up requests (a quarter of an hour)
fuzz: $(VENV)/.dev
	FUZZ_REQUESTS=2600 $(BIN)/python -m pytest tests/fuzz $(ARGS)

# 320 times a process is killed, on SQLite and on PostgreSQL, while leads come in and Slack loses answers (15 minutes)
chaos: $(VENV)/.dev
	$(BIN)/python -m tests.chaos $(ARGS)

# slow, endless, ambiguous and silent senders, a broken file, a full disk, a wrong clock (twelve minutes)
attack: $(VENV)/.dev
	$(BIN)/python -m tests.attack $(ARGS)

# small faults in the rooms of the core, one at a time; make mutants ARGS="--room sla --most 40" (docs/mutants.md)
mutants: $(VENV)/.dev
	$(BIN)/python -m tests.mutants $(ARGS)

# how well notices in the intake channel are read; make reading ARGS="FOLDER --faults" (docs/sources/notices.md)
reading: $(VENV)/.dev
	@$(BIN)/python -m tests.reading $(ARGS)

format: $(VENV)/.dev
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# make migration m="what changes": draft a revision from the difference to storage/models/
migration: $(VENV)/.dev
	$(BIN)/python -m storage.migrations.new "$(m)"
	$(BIN)/ruff format storage/migrations

# make sample: at a release, store what a database of the newest revision looks like
sample: $(VENV)/.dev
	$(BIN)/python -m tests.storage.samples

# make history: let the playground's sample company live through its twelve weeks anew (half a minute)
history: $(VENV)/.runtime
	$(BIN)/python -m bot.cli.sample

# make lock, or make lock UPGRADE=--upgrade
lock: $(VENV)/.dev
	$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCKING) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCKING) -c requirements.lock -o requirements-dev.lock
LOCKING = --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet $(UPGRADE)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The stamps are written last: an installation that was interrupted is done again, a complete one costs nothing.
$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "Installing the tools for development (once) …"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements.lock pyproject.toml
	@echo "Installing the locked dependencies (once, about a minute) …"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.python:
	@$(MAKE_VENV)
	@touch $@

define MAKE_VENV
set -u; \
stop() { echo "$$1" >&2; exit 1; }; \
[ -w . ] || stop "No permission to write into $$(pwd). Clone the project into a folder of yours, or run: sudo chown -R $$(id -un) ."; \
[ ! -e $(VENV) ] || [ -w $(VENV) ] || stop "No permission to write into $(VENV). Remove it: sudo rm -rf $(VENV)"; \
new_enough() { "$$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }; \
found=; \
for candidate in $(if $(PYTHON),"$(PYTHON)",python3.14 python3.13 python3.12 python3.11 python3 python); do \
  if new_enough "$$candidate"; then found=$$candidate; break; fi; \
done; \
[ -n "$$found" ] || stop "Python 3.11 or newer is needed, but $(or $(PYTHON),python3) is $$("$(or $(PYTHON),python3)" --version 2>/dev/null || echo missing). Install it from https://www.python.org/downloads/, or name one: make run PYTHON=/path/to/python3.11"; \
"$$found" -c 'import venv, ensurepip' 2>/dev/null || stop "The venv module of $$found is missing. Install it (Debian, Ubuntu: sudo apt install $$("$$found" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')), then run make again."; \
if "$(BIN)/python" -m pip --version >/dev/null 2>&1 && new_enough "$(BIN)/python"; then exit 0; fi; \
"$$found" -m venv --clear $(VENV) || stop "The virtual environment $(VENV) could not be made (see above). Remove it and run make again: rm -rf $(VENV)"
endef
