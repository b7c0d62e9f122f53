# One command per wish; from a fresh clone each sets up what it needs by itself.
# Settings: PYTHON makes the virtual environment, PORT is that of the demo's TensorBoard,
# CHROMIUM is the browser for the tests where none is on PATH, WORKERS how many processes test.

PYTHON ?= python3
PORT ?= 6006
FUZZ ?= 20
WORKERS ?= 2
BIN := .venv/bin
INSTALLED := .venv/.installed
NODE_MODULES := frontend/node_modules/.package-lock.json
BUNDLE := convviz_tb/static/index.js
FRONTEND_SOURCES := $(wildcard frontend/*.*) $(shell find frontend/src -type f) docs/reading.md

# The extra `dev` brings node and npm into the environment: the same for everyone.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help demo test endure fuzz versions check contract docs dist tag bench setup chromium
.DEFAULT_GOAL := help

help: ## Show this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 12

demo: setup ## Train a small convnet, then show what it learned (PORT=6006)
	$(BIN)/python demo_train.py --log-dir runs/demo
	@echo "Open http://localhost:$(PORT)/#convviz (port in use? make demo PORT=6007)"
	$(BIN)/tensorboard --logdir runs/demo --port $(PORT)

test: setup chromium ## Run every test: Python, real TensorBoard, browser, frontend (WORKERS=2)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --durations 15
	cd frontend && npm test

endure: setup chromium ## Run the long rest: every fault at every step, a thousand epochs
	$(BIN)/python -m pytest -m endure -s

fuzz: setup chromium ## Try twenty times as many made-up logs and requests (FUZZ=20, FUZZ_SEED=0)
	FUZZ=$(FUZZ) $(BIN)/python -m pytest tests/serve/test_hostile.py tests/frontend/test_hostile.py tests/test_schema.py tests/serve/test_plugin.py

versions: setup chromium ## Test with the oldest, the newest and the next TensorFlow, Keras and TensorBoard
	PYTHON=$(PYTHON) tests/versions.sh

contract: setup ## Write what is made from the schema: types of the frontend, tables in the docs
	$(BIN)/python frontend/contract.py
	$(BIN)/python docs/tables.py

check: setup ## Check style, types, links of the docs, and that `make contract` was run
	$(BIN)/python frontend/contract.py --check
	$(BIN)/python docs/tables.py --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	cd frontend && npm run check

docs: setup ## Build the site of the docs into site/; broken links and undocumented names fail
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

dist: setup ## Build the wheel and the source archive into dist/, and check what they hold
	rm -rf dist
	$(BIN)/python -m pip install --quiet --editable '.[release]'
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl

# TAG is read by the shell alone: it is whatever somebody has pushed.
tag: ## Check what a release needs: TAG, version, changelog and address agree (TAG=v0.1.0)
	@version=$$(sed -n 's/^__version__ = "\(.*\)"$$/\1/p' convviz_tb/__init__.py); \
	home=$$(sed -n 's/^repository-code: //p' CITATION.cff); \
	here=$${GITHUB_REPOSITORY:+$$GITHUB_SERVER_URL/$$GITHUB_REPOSITORY}; \
	fail() { echo "$$*" >&2; exit 1; }; \
	[ "$$TAG" = "v$$version" ] || fail "The tag is '$$TAG', the version $$version."; \
	grep -qE "^## \[$$version\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$$" CHANGELOG.md || \
		fail "CHANGELOG.md does not say when $$version was released."; \
	[ "$${here:-$$home}" = "$$home" ] || fail "CITATION.cff says $$home, this is $$here."

bench: setup ## Run every script in benchmarks/
	@ls benchmarks/*.py >/dev/null 2>&1 || echo "No benchmarks yet."
	@for script in $(wildcard benchmarks/*.py); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

setup: $(INSTALLED) $(NODE_MODULES) $(BUNDLE)

$(INSTALLED): setup.py pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --editable '.[dev]'
	@touch $@

$(NODE_MODULES): frontend/package-lock.json | $(INSTALLED)
	cd frontend && npm ci
	@touch $@

$(BUNDLE): $(FRONTEND_SOURCES) | $(NODE_MODULES)
	cd frontend && npm run build
	@touch $@

chromium:
	@if [ -n "$$CHROMIUM" ] || command -v chromium >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update && apt-get install --yes --no-install-recommends chromium; \
	else \
		echo "No Chromium: the browser tests are skipped. Install it (Debian: apt-get install"; \
		echo "chromium), or set CHROMIUM to the program."; \
	fi
