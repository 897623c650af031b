PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SHELL  := /bin/bash -o pipefail
# --no-compile: Python compiles what it imports at the first start, which is a fraction of what is installed. Images for
# containers often forbid it to keep that, and then each `make try` takes five seconds longer.
export PYTHONDONTWRITEBYTECODE :=
PIP     = $(BIN)/python -m pip install --disable-pip-version-check --no-compile
# Where the tools for the page's scripts are named.
PAGE    = playground/slack/server
PROGRESS = awk '/^(Collecting|Installing|Successfully|ERROR)/ { print substr($$0, 1, 100); fflush() }'

# Most tests wait for a process, a limit or a clock: more of them at once than there are cores. The quick ones wait
# less, and each worker more imports everything once more: five seconds.
CORES_AND = $$($(BIN)/python -c 'import os; print(os.cpu_count() + $(1))')

.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.run: requirements.txt playground/requirements.txt
	@echo "Installing into $(VENV) (once; about a minute)…"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make try PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.txt -r playground/requirements.txt | $(PROGRESS)
	@touch $@

$(VENV)/.dev: $(VENV)/.run tests/requirements.txt
	@echo "Installing what the tests need…"
	@$(PIP) -r tests/requirements.txt | $(PROGRESS)
	@touch $@

try: $(VENV)/.run  ## Start the playground and the bot, and print the page's address (MODEL=own: with your own model)
	@exec $(BIN)/python -m playground --model $(or $(MODEL),local)

ALL     = $(BIN)/python -m pytest -n $(call CORES_AND,3) --dist loadfile --no-loadscope-reorder
# What a dead worker leaves does not run (tests/support/crashes.py).
test: $(VENV)/.dev  ## Run the tests
	@$(ALL) || { [ $$? = 3 ] && echo "A WORKER HAS DIED: ALL TESTS ONCE MORE (look into it)" && $(ALL); }

quick: $(VENV)/.dev  ## Run the tests that need no other process and no whole bot (30 s)
	@$(BIN)/python -m pytest -n $(call CORES_AND,1) --dist loadfile --quick

again: $(VENV)/.dev  ## Run once more, one after the other, what failed the last time
	@$(BIN)/python -m pytest --last-failed --last-failed-no-failures none --maxfail 1

walk: $(VENV)/.run  ## Start the playground and the bot, and see one question answered (PYTHON=… VENV=… for another Python)
	@$(BIN)/python -m tests.walk

eval-smoke: $(VENV)/.run  ## Ask a few questions with known answers of the offline analyst, which must have them right
	@$(BIN)/python -m playground.evaluation smoke --require "right>=1" --require "chart>=1" --require "agreed>=1"

bench: $(VENV)/.dev  ## Measure speed and costs beside two plain bots (BENCH="--only calls --runs 1")
	@$(BIN)/python -m benchmarks $(BENCH)

soak: $(VENV)/.dev  ## Half an hour of traffic on two replicas while everything breaks, and the proof
	@$(BIN)/python -m tests.soak $(SOAK)

$(VENV)/.fuzz: $(VENV)/.dev tests/fuzz/requirements.txt
	@$(PIP) -r tests/fuzz/requirements.txt | $(PROGRESS)
	@touch $@

fuzz: $(VENV)/.fuzz  ## Fuzz what reads foreign input, guided by coverage (FUZZ="--minutes 60 --only payloads")
	@nice -n 19 $(BIN)/python -m tests.fuzz $(FUZZ)

$(VENV)/.mutants: $(VENV)/.dev tests/mutants/requirements.txt
	@$(PIP) -r tests/mutants/requirements.txt | $(PROGRESS)
	@touch $@

mutants: $(VENV)/.mutants  ## See whether the quick tests notice mistakes in the heart (MUTANTS="--number 50 --only plan")
	@nice -n 10 $(BIN)/python -m tests.mutants $(MUTANTS)

gallery: $(VENV)/.dev  ## Take the pictures of docs/ again (wants Chromium)
	@$(BIN)/python -m tests.gallery

check: $(VENV)/.dev  ## Lint, check types, which room imports which, and what a release installs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo
	@cd $(PAGE) && if npm ci --silent --no-audit --no-fund; then npm run --silent check; \
	else echo "THE PAGE'S SCRIPTS ARE NOT CHECKED: npm is not here, or has no network (install Node)"; fi
	@$(MAKE) --silent audit

lock: $(VENV)/.dev  ## Pin the newest of what a release installs, with hashes (requirements.lock)
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" --output-file requirements.lock requirements.txt deploy/requirements.txt

audit: $(VENV)/.dev  ## List what a release installs (build/sbom.json), and look for known faults in it
	@$(BIN)/python -m tests.supply_chain

.PHONY: help try gallery test quick again walk eval-smoke bench soak fuzz mutants check lock audit
