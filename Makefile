# Parvis: everything one does with it from a fresh clone. `make help` lists the targets.
# Needs git, make and Python 3.11 or later with venv; the tests say what else they need.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that is recent enough; another one: make PYTHON=/path/to/python3
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))

BIN := .venv/bin
BASE := .venv/.base
DEV := .venv/.dev
MESSAGES := .venv/.messages
PO := $(shell find parvis -path '*/LC_MESSAGES/*.po')
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-24s %s\n", $$1, $$2}'

.PHONY: run
run: setup ## start Parvis: pages on port 8000, incoming mail on port 2525; Ctrl-C stops it
	@exec $(BIN)/parvis run

.PHONY: demo
demo: setup ## load the demo business, on which everything can be tried
	@$(BIN)/parvis prepare && $(BIN)/parvis demo

# Setting up ----------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(BASE) $(MESSAGES) ## prepare .venv: locked dependencies, the command `parvis`, compiled translations
	@:

.PHONY: setup-dev
setup-dev: setup $(DEV) ## the same, with what the checks and tests need

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Parvis needs Python 3.11 or later: apt-get install python3 python3-venv" >&2; exit 1; }
	@echo "Making .venv with $(PYTHON)…"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python cannot make environments yet: apt-get install python3-venv" >&2; exit 1; }

# Editable, and without looking at dependencies again: the lock has installed exactly those.
$(BASE): requirements/base.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked dependencies…"
	@$(PIP) install --require-hashes --requirement requirements/base.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(BASE)
	@echo "Installing what the tests need…"
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@

$(MESSAGES): $(PO) scripts/compile_messages.py $(BASE)
	@$(BIN)/python scripts/compile_messages.py
	@touch $@

# Checking and testing ------------------------------------------------------------------------------------------

.PHONY: check
check: check-style check-types check-layers check-migrations check-messages check-templates ## everything that can be found without running Parvis

.PHONY: check-style check-types check-layers check-migrations check-messages check-templates
check-style: setup-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .

check-types: setup-dev
	@$(BIN)/mypy parvis scripts

check-layers: setup-dev
	@$(BIN)/lint-imports --no-logo

check-migrations: setup-dev
	@$(BIN)/parvis makemigrations --check --dry-run

check-messages: setup-dev
	@$(BIN)/python scripts/system_packages.py gettext
	@$(BIN)/python scripts/messages.py check

check-templates: setup-dev
	@$(BIN)/djlint --lint --quiet parvis/*/templates

.PHONY: test
test: setup-dev ## the whole suite, on SQLite and on a temporary PostgreSQL, journeys in a browser included
	@$(BIN)/python scripts/system_packages.py postgresql chromium
	@$(BIN)/python scripts/run_tests.py

.PHONY: bench
bench: setup-dev ## measure an installation: opening, pages, mail and memory, on both databases
	@$(BIN)/python scripts/system_packages.py postgresql
	@$(BIN)/python scripts/bench.py

# Upkeep --------------------------------------------------------------------------------------------------------

.PHONY: messages
messages: setup-dev ## collect the texts to translate into each context's django.po, and compile them
	@$(BIN)/python scripts/system_packages.py gettext
	@$(BIN)/python scripts/messages.py update
	@$(BIN)/python scripts/compile_messages.py

UV_COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.PHONY: lock
lock: setup-dev ## compile requirements/*.in to the hashed locks; LOCK=--upgrade takes newer releases
	@$(UV_COMPILE) $(LOCK) requirements/base.in --output-file requirements/base.txt
	@$(UV_COMPILE) $(LOCK) requirements/dev.in --output-file requirements/dev.txt
	@! grep -nE 'https?://|^ *--(index|extra-index|find-links)' requirements/*.txt

.PHONY: clean
clean: ## remove what `make` made, except the data in ./var
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find parvis tests scripts -name __pycache__ -prune -exec rm -rf {} +
	find parvis -name '*.mo' -delete
