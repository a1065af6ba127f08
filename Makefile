# Everything a newcomer needs is `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/sh
PYTHON ?= python3
UV := $(CURDIR)/.uv/bin/uv
BIN := .venv/bin
TABLE := probe/hotline_probe/local/table.json
export UV
export UV_PYTHON_DOWNLOADS := never
# Tests start programs hundreds of times; without their compiled form each start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help

help: ## list what make can do
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: install $(TABLE) ## show a whole call on this machine, without questions, in about a minute
	@$(BIN)/python scripts/demo.py

serve: install ## keep a collector running for real use
	@$(BIN)/hotline-collector serve

test: install $(TABLE) ## run all tests but the fault lab
	@$(BIN)/python scripts/cel_cases.py
	@echo "the fault lab has a command of its own: make lab"
	@$(BIN)/pytest -n 2 --dist loadgroup --reruns 1 --ignore tests/lab

check: lint type proto-check rules-check docs-check tests-load ## everything but the tests: style, types, contract, rules, docs

lint: install ## style, imports between packages
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && $(BIN)/lint-imports --no-cache >/dev/null \
	  && echo "lint: clean"

fmt: install ## format the code
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

type: mypy pyright ## mypy (strict) and pyright

mypy: install
	@$(BIN)/mypy proto probe collector rules scripts tests/bench

pyright: install
	@$(BIN)/pyright

proto: install ## generate the protobuf stubs
	@sh scripts/proto.sh

proto-check: install ## lint the contract, refuse breaking changes and stale stubs
	@sh scripts/proto_check.sh

rules-check: install ## check the shipped rules and play their cases
	@$(BIN)/hotline rules check rules/hotline_rules
	@$(BIN)/hotline rules coverage rules/hotline_rules >/dev/null
	@$(BIN)/hotline rules test --strict rules/hotline_rules

docs-check: install ## the generated pages are up to date: facts, actions, HTTP API, schemas of rule files
	@$(BIN)/python scripts/facts_doc.py --check
	@$(BIN)/python scripts/actions_doc.py --check
	@$(BIN)/python scripts/openapi_doc.py --check
	@$(BIN)/python scripts/rule_schemas.py --check

docs: install ## generate docs/facts.md, docs/actions.md, docs/openapi.json and docs/schema
	@$(BIN)/python scripts/facts_doc.py
	@$(BIN)/python scripts/actions_doc.py
	@$(BIN)/python scripts/openapi_doc.py
	@$(BIN)/python scripts/rule_schemas.py

tests-load: install $(TABLE) ## every test can be imported
	@$(BIN)/pytest --collect-only -qq >.tests-load 2>&1 && rm .tests-load && echo "tests: all can be imported" \
	  || { sed -n '/== ERRORS ==/,$$p' .tests-load; rm -f .tests-load; exit 1; }

test-probe: install $(TABLE) ## run the probe's tests with nothing but the probe's own dependencies
	@$(UV) run --isolated --no-project --with ./proto --with ./probe --with pytest --with pytest-asyncio \
	  --with pytest-timeout --with hypothesis --with cryptography pytest tests/probe tests/proto \
	  --ignore tests/probe/ssh

lab: install $(TABLE) ## break a real machine in many ways, and tell what is found (Linux, root); LAB="--only NAME"
	@$(BIN)/python -m tests.lab $(LAB)

screenshots: install $(TABLE) ## take the pictures of the desk in docs/ with a real call (needs chromium)
	@$(BIN)/python scripts/screenshots.py
	@HOTLINE_PICTURE=$(CURDIR)/docs/origins.svg $(BIN)/pytest -q tests/e2e/test_origins.py

bench: install ## measure; prints every number the README names
	@$(BIN)/python -m tests.bench

build: install $(TABLE) ## build the four wheels
	@$(UV) build --all-packages -q -o dist && ls dist

probe-pyz: install $(TABLE) ## build the probe as dist/hotline-probe.pyz (callers with Python); OPERATOR=FILE packs a preset in
	@$(BIN)/python scripts/probe_build.py pyz

probe-binary: install $(TABLE) ## build the probe as one program for this system (callers without Python)
	@$(BIN)/python scripts/probe_build.py binary

install: .venv/.installed

# What a probe judges by when it has no network; it belongs to a build, not to the sources.
$(TABLE): .venv/.installed $(shell find rules/hotline_rules proto/hotline_proto/catalogue -name '*.yaml' -o -name '*.toml')
	@$(BIN)/hotline rules table --output $@

.venv/.installed: uv.lock pyproject.toml proto/pyproject.toml probe/pyproject.toml collector/pyproject.toml rules/pyproject.toml scripts/bootstrap.py
	@$(PYTHON) scripts/bootstrap.py
	@$(UV) venv -q --allow-existing --python $(PYTHON) .venv
	@$(UV) sync -q --locked --all-packages
	@touch $@

clean: ## remove what make made
	@rm -rf $(TABLE) .venv .uv .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help demo serve test check lint fmt type mypy pyright proto proto-check rules-check docs docs-check tests-load test-probe lab screenshots bench build probe-pyz probe-binary install clean
