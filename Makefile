PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/.run: requirements.txt playground/requirements.txt
	@echo "Installing into $(VENV) (once; about a minute)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q -r requirements.txt -r playground/requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run tests/requirements.txt
	@echo "Installing what the tests need…"
	@$(BIN)/python -m pip install --disable-pip-version-check -q -r tests/requirements.txt
	@touch $@

try: $(VENV)/.run  ## Start the playground and the bot, and print the page's address
	@exec $(BIN)/python -m playground

test: $(VENV)/.dev  ## Run the tests
	@$(BIN)/python -m pytest

check: $(VENV)/.dev  ## Lint and check types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

.PHONY: help try test check
