# The chores. `make` lists them; each brings what it needs into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
export UV_PYTHON_DOWNLOADS := never
# No chore asks Azure's price list; the demo's bot asks the one that it plays.
export VMBACKUP_OFFLINE := 1
ARGS   ?=
MINUTES ?= 10
# A worker that is done takes tests from the others; what is shared stays together until then.
PARALLEL := --numprocesses logical --maxprocesses 8 --dist worksteal
VERSIONS := 3.11 3.12 3.13 3.14

.PHONY: help setup demo test test-quick test-server versions check bench chaos soak mutants contract golden docs picture lock book release clean
help: ## what there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

setup: $(READY) ## install everything into .venv (the other targets call it)

$(READY): requirements/dev.txt pyproject.toml
	test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt; }
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements/dev.txt requirements/uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

demo: setup ## the whole system on this machine: a page to type in, no accounts
	@$(BIN)/python -m deploy.local $(ARGS)

test: setup ## run the tests, on all processors
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

test-quick: setup ## run the tests that need no server, in less than a minute
	$(BIN)/python -m pytest $(PARALLEL) -m quick $(ARGS)

test-server: setup ## run the tests of the database on the PostgreSQL that Debian has installed
	@programs=$$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1); \
	if test -x "$$programs/initdb"; \
		then VMBACKUP_TEST_POSTGRESQL=$$programs $(BIN)/python -m pytest $(PARALLEL) tests/database tests/jobs tests/workflow $(ARGS); \
		else echo "Debian's PostgreSQL is not here (postgresql): its tests are skipped."; fi

versions: ## run the tests on every Python version that this machine has
	@for version in $(VERSIONS); do \
		if python$$version -c pass 2>/dev/null; \
		then $(MAKE) --no-print-directory test PYTHON=python$$version VENV=.venv-$$version || exit 1; \
		else echo "Python $$version is not here."; fi; \
	done

check: setup ## ruff, mypy --strict, the layer rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v systemd-analyze >/dev/null; \
		then systemd-analyze security --offline=true --no-pager deploy/systemd/vmbackup.service 2>/dev/null | tail -n 1; \
		else echo "systemd-analyze is not here: the unit's exposure is not computed."; fi

bench: setup ## speed, as ratios; also written to .bench/results.json
	$(BIN)/python -m tests.bench --only "$(ONLY)" $(ARGS)

chaos: setup ## requests under kill -9, outages, lost replies: nothing lost, doubled, unapproved, stuck
	$(BIN)/python -m tests.chaos $(ARGS)

soak: setup ## the demo's traffic for MINUTES=10 with faults on: nothing lost or doubled, no growth without bound
	$(BIN)/python -m tests.soak --minutes $(MINUTES) $(ARGS)

mutants: setup ## dangerous edits of the product: a test has to find each; up to an hour
	$(BIN)/python -m tests.mutants $(ARGS)

contract: setup ## the unmodified Azure CLI (300 MB) and Cloud Custodian (700 MB) at the stand-in
	$(BIN)/python -m tests.contract $(ARGS)

golden: setup ## write the golden files anew; read the diff before you commit it
	$(BIN)/python -m pytest tests/golden --golden $(ARGS)

docs: setup ## write all again that is made from the code: tables, schemas, app manifest, picture
	$(BIN)/python -m tests.docs $(ARGS)

picture: setup ## write the README's pictures of the page anew; wants a Chromium
	$(BIN)/python -m tests.browser $(ARGS)

lock: setup ## compile the requirement files anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-emit-package vmbackup --python-version 3.11 --custom-compile-command "make lock" -o requirements/run.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --python-version 3.11 --custom-compile-command "make lock" --all-extras --constraint requirements/run.txt --group dev -o requirements/dev.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-emit-package vmbackup --python-version 3.11 --custom-compile-command "make lock" --all-extras --constraint requirements/run.txt -o requirements/extras.txt pyproject.toml
	echo hatchling | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --python-version 3.11 --custom-compile-command "make lock" -o requirements/build.txt -
	echo uv | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements/uv.txt -

book: setup ## build the shipped price book: make book ARGS=observed.csv
	$(BIN)/python -m advisor.prices.build $(ARGS)

release: setup ## build and try a release; says the two commands that remain
	$(BIN)/python -m deploy.release

clean: ## remove what the chores made
	rm -rf $(VENV) .venv-* dist .bench .mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
