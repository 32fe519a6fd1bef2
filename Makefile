# matchhub. `make run` serves a filled demonstration, `make test` proves that it works; both set up all they need.
PYTHON ?= python3
PORT ?= 5000
INSTANCE ?= instance
VENV := .venv
BIN := $(VENV)/bin
FLASK := INSTANCE="$(INSTANCE)" DEMO=1 PUBLIC_URL="http://127.0.0.1:$(PORT)" $(BIN)/flask --app wsgi
unexport MAKEFLAGS

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check reset bench words lock

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'
	@echo "  variables: PORT=5000 INSTANCE=instance PYTHON=python3"

$(VENV)/run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing packages ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/run ## make the virtual environment, nothing else

demo: setup ## database, reference data, demonstration and search index under INSTANCE, without serving
	@SQLITE_SYNCHRONOUS=OFF $(FLASK) prepare

run: demo ## serve the demonstration on http://127.0.0.1:PORT
	@echo "matchhub is at http://127.0.0.1:$(PORT)  (stop with Ctrl+C)"
	@echo "Demo accounts: $(BIN)/flask --app wsgi accounts, also on the sign-in page"
	@INSTANCE="$(INSTANCE)" DEMO=1 PUBLIC_URL="http://127.0.0.1:$(PORT)" $(BIN)/gunicorn --bind 127.0.0.1:$(PORT) \
		--workers 1 --threads 8 --worker-class gthread --log-level warning wsgi:app

test: $(VENV)/dev ## all tests: on SQLite with the browser, and on PostgreSQL
	@$(BIN)/python -m tests.halves

check: $(VENV)/dev ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

reset: ## throw the database, index and uploads under INSTANCE away
	@find "$(INSTANCE)" -mindepth 1 ! -name .gitkeep -delete
	@echo "$(INSTANCE) is empty"

bench: $(VENV)/dev ## measure against the targets of the design and print a table
	@$(BIN)/python -m bench

words: $(VENV)/dev ## bring new strings into the English catalogue, to be translated there
	@$(BIN)/pybabel -q extract -F babel.cfg -k _l --no-location --sort-output --omit-header -o /tmp/matchhub.pot .
	@$(BIN)/pybabel -q update -i /tmp/matchhub.pot -d matchhub/translations -l en --no-fuzzy-matching --ignore-obsolete --omit-header

lock: ## compile the pinned requirements anew
	@$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras -o requirements.txt requirements.in
	@$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --strip-extras -o requirements-dev.txt requirements-dev.in
