# The commands of the house. `make demo` and `make test` prepare everything they need by themselves.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
SECONDS ?= 30
MINUTES ?= 60
STAMP  := $(VENV)/.installed-

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo test check fast faults soak audit fuzz bench build clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(STAMP)run frontend ## Install expedit and its front-end parts into .venv
install-dev: $(STAMP)dev frontend ## Install everything that the tests need as well

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "expedit needs Python 3.11 or newer (PYTHON=… chooses one)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || sh tools/install_venv.sh $(PYTHON)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)

$(STAMP)run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing expedit …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

$(STAMP)dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing expedit with its test tools …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(STAMP)run

.PHONY: frontend
frontend: | $(BIN)/python ## Build the snippet and collect front-end parts (Node from the system or from PyPI)
	@$(BIN)/python tools/build_frontend.py

demo: install ## Run the demo shop: make demo PORT=8000
	@$(BIN)/expedit demo --port $(PORT)

test: install-dev ## Install servers and a browser if missing, then run every check and test
	@$(BIN)/python tools/prepare_tests.py
	@$(MAKE) --no-print-directory check
	@$(BIN)/python tools/build_frontend.py --test
	@$(BIN)/python tools/audit_dependencies.py
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: $(STAMP)dev ## Format, lint, types, floors
	@$(BIN)/ruff format --check --quiet . || { echo "run: ruff format ."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache | tail -3

fast: $(STAMP)dev ## The tests without browser and slow ones
	@$(BIN)/python -m pytest -q -m "not e2e and not slow and not fault"

audit: install-dev ## Ask the advisory databases about every pinned dependency
	@$(BIN)/python tools/audit_dependencies.py

fuzz: install-dev ## Search every parser for input that breaks it: make fuzz SECONDS=30 (needs atheris)
	@$(BIN)/python tools/fuzz.py $(SECONDS)

faults: install-dev ## Kill, starve and flood real servers for a long time (an hour), print the figures
	@$(BIN)/python tools/prepare_tests.py
	@$(BIN)/python -m pytest -q -s -p no:cacheprovider tests/faults tests/operations/test_restart.py --long

soak: install-dev ## Serve shoppers for an hour and see memory stay flat: make soak MINUTES=60
	@$(BIN)/python benchmarks/soak.py --minutes $(MINUTES)

bench: install-dev ## Run the benchmarks (minutes) and print their figures
	@$(BIN)/python benchmarks/run.py

build: install-dev ## Build the wheel, front-end parts included
	@$(BIN)/python -m pip install --quiet build && $(BIN)/python -m build --wheel

clean: ## Remove everything that was built or installed here
	rm -rf $(VENV) .cache node_modules snippet/node_modules snippet/dist src/expedit/*/static/built src/expedit/*/*/static/built build dist
