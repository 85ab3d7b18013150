# Desk. `make up` and `make test` need Python 3.11+, make and a package index.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

# uv asks the index that pip is set up for, with the system's certificates.
INDEX = $(or $(UV_DEFAULT_INDEX),$(PIP_INDEX_URL),$(shell $(BIN)/python -m pip config get global.index-url 2>/dev/null))
UV = VIRTUAL_ENV=.venv UV_SYSTEM_CERTS=true $(addprefix UV_DEFAULT_INDEX=,$(INDEX)) $(BIN)/uv

# Superset's own environment; its pandas needs Python below 3.13.
SUPERSET_PYTHON ?= $(firstword $(foreach p,$(PYTHON) python3.12 python3.11,\
	$(shell $(p) -c 'import sys; sys.exit(sys.version_info >= (3, 13))' 2>/dev/null && echo $(p))))
SUPERSET_STAMP := .venv-superset/.installed
DASHBOARDS ?= $(DESK_DASHBOARDS)

# dbt's target spark, an environment of its own; nothing without a Java that runs it.
SPARK_STAMP := .venv-spark/.installed
JAVA = $(or $(addsuffix /bin/java,$(JAVA_HOME)),java)
JAVA_VERSION = $(shell "$(JAVA)" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
SPARK ?= $(shell test "0$(JAVA_VERSION)" -ge 17 && echo yes || echo no)

# What `make test` leaves out unless ALL=yes: slow tests, Superset's and Spark's.
ALL ?= no
WHOLE = $(filter-out no,$(ALL))

.PHONY: help setup dashboards spark up test lint readme format lock clean

help: ## Show what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## Make .venv and install the locked packages

$(STAMP): requirements/uv.txt requirements/dev.txt pyproject.toml dbt_project/packages.yml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Desk needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(UV) pip install --quiet --compile-bytecode --require-hashes -r requirements/dev.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/dbt --quiet deps --project-dir dbt_project --profiles-dir dbt_project
	@touch $@

$(SUPERSET_STAMP): superset/requirements.txt | $(STAMP)
	@test -n "$(SUPERSET_PYTHON)" || \
		{ echo "Superset needs Python 3.11 or 3.12; try: make DASHBOARDS=no $(MAKECMDGOALS)"; exit 2; }
	$(SUPERSET_PYTHON) -m venv --clear .venv-superset
	$(UV) pip install --quiet --python .venv-superset --compile-bytecode --require-hashes -r superset/requirements.txt
	@touch $@

dashboards: $(if $(filter no,$(DASHBOARDS)),,$(SUPERSET_STAMP)) ## Make .venv-superset, unless DASHBOARDS=no

$(SPARK_STAMP): spark/requirements.txt | $(STAMP)
	$(PYTHON) -m venv --clear .venv-spark
	$(UV) pip install --quiet --python .venv-spark --compile-bytecode --require-hashes -r spark/requirements.txt
	@touch $@

spark: $(if $(filter no,$(SPARK)),,$(SPARK_STAMP)) ## Make .venv-spark, if there is a Java 17 or newer

up: $(STAMP) dashboards ## Prices to dry-run orders, then API, Prefect and Superset; Ctrl-C stops all
	@$(addprefix DESK_DASHBOARDS=,$(DASHBOARDS)) $(BIN)/desk up

test: $(STAMP) $(if $(WHOLE),dashboards spark) ## Tests of every part; ALL=yes: the whole suite
	$(BIN)/pytest -n 2 --dist loadfile $(if $(WHOLE),,--quick)

lint: $(STAMP) ## ruff, mypy, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/desk exec sqlfluff lint dbt_project

readme: $(STAMP) ## Write the printed result into the README anew
	$(BIN)/pytest -q tests/test_readme.py tests/executor/test_crash_matrix.py \
		tests/indicators/test_parity.py tests/indicators/test_package.py --write-readme

format: $(STAMP) ## Format the Python code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-header \
	--no-emit-index-url --python-version 3.11 --all-extras pyproject.toml

lock: $(STAMP) ## Write the hashed locks anew from pyproject.toml
	$(COMPILE) --group dev -o requirements/dev.txt
	$(COMPILE) --constraint requirements/dev.txt -o requirements/desk.txt
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--python-version 3.11 superset/requirements.in -o superset/requirements.txt
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--python-version 3.11 spark/requirements.in -o spark/requirements.txt

clean: ## Remove the environment and all state (prices, ledger, keys)
	rm -rf .venv .venv-superset .venv-spark .desk
