# Needs Python 3.11 or later and make; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What the live tests run beside the wheels' PostgreSQL, Valkey and S3 server.
SERVICES := haproxy nginx pgbouncer redis-server

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs tox services clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## Run three replicas of the example on real services, pull plugs, show what held
	$(BIN)/python example_project/demo.py $(DEMO)

test: $(VENV)/.test services ## Run all tests, those on real services and processes included
	$(BIN)/pytest $(PYTEST)

lint: $(VENV)/.lint ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.docs ## Build the documentation into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

tox: $(VENV)/.tox ## Run the tests without services on every Python and Django found here
	UV_PYTHON_DOWNLOADS=never $(BIN)/tox run

services:
	@.ci/services $(SERVICES)

clean: ## Remove what was built and installed here
	rm -rf $(VENV) .tox .mypy_cache .ruff_cache .pytest_cache build dist site

# -- The environment. Each stamp is newer than pyproject.toml once its packages are in. --

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is $$($(PYTHON) -V 2>&1); 3.11 or later is needed: make PYTHON=python3.13 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
		|| { echo "$(PYTHON) cannot make virtual environments; on Debian: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# Dependency groups need pip 25.1.
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.demo: $(VENV)/.created pyproject.toml
	$(BIN)/pip install --quiet --editable '.[drill,orjson]'
	@touch $@

$(VENV)/.test $(VENV)/.lint $(VENV)/.docs $(VENV)/.tox: $(VENV)/.%: $(VENV)/.demo pyproject.toml
	$(BIN)/pip install --quiet --group $*
	@touch $@
