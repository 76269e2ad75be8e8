# Needs Python 3.11 or later and make; everything else goes into .venv.

# The newest that will do; PYTHON=... chooses another.
PYTHON ?= $(or $(shell for name in python3.13 python3.12 python3.11; do \
	$$name -c 'import sys' 2>/dev/null && echo $$name && break; done),python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# What the live tests run beside the wheels' PostgreSQL, Valkey and S3 server.
# Chromium looks at the page of the drill.
SERVICES := haproxy nginx pgbouncer redis-server chromium
# Fixtures of a module are made once, so its tests stay together; the long ones come first.
BESIDE := --numprocesses 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test bench lint docs tox services clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## Three replicas of the example on real services; kill some, show what held (ARGS=--keep)
	@$(BIN)/python example_project/demo.py $(ARGS)

# Three times: what starts no server, on both of two cores; what starts some and waits for them, two
# files beside each other; and what judges times or loses requests on a machine that is busy.
test: $(VENV)/.test services ## Run all tests, those on real services and processes included (ARGS="-k beat")
ifeq ($(strip $(ARGS)),)
	@status=0; \
	$(BIN)/python -m pytest -m "not live" --numprocesses 2 || status=$$?; \
	$(BIN)/python -m pytest -m "live and not alone" $(BESIDE) || status=$$?; \
	$(BIN)/python -m pytest -m alone || status=$$?; \
	exit $$status
else
	$(BIN)/python -m pytest $(ARGS)
endif

bench: $(VENV)/.test services ## Measure what the pages cite, hours in all (ARGS=peers, ARGS=--help for the list)
	$(BIN)/python -m bench $(ARGS)

lint: $(VENV)/.lint ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.docs ## Build the documentation into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

tox: $(VENV)/.tox ## Run the tests without services on every Python and Django found here
	UV_PYTHON_DOWNLOADS=never $(BIN)/tox run-parallel $(ARGS)

services:
	@.ci/services $(SERVICES)

clean: ## Remove what was built and installed here
	rm -rf $(VENV) bench/.cache .tox .mypy_cache .ruff_cache .pytest_cache build dist site

# -- The environment. A stamp is newer than pyproject.toml once its packages are in. --

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1)." \
			"Another one: make PYTHON=python3.13 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments. On Debian: apt install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) -V) ..."
	@$(PYTHON) -m venv $(VENV)
	@# Dependency groups need pip 25.1.
	@$(PIP) --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.demo: $(VENV)/.created pyproject.toml
	@echo "Installing django-scaleready[drill,orjson] ..."
	@$(PIP) --editable '.[drill,orjson]'
	@touch $@

$(VENV)/.test $(VENV)/.lint $(VENV)/.docs $(VENV)/.tox: $(VENV)/.%: $(VENV)/.demo pyproject.toml
	@echo "Installing the dependency group $* ..."
	@$(PIP) --group $*
	@touch $@
