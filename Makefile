# `make` lists the targets. Paths with spaces are fine: everything here is relative to this folder.
PYTHON ?= python3
BIN := .venv/bin
WORKERS := -n auto --maxprocesses 4 --dist loadgroup
QUESTIONS := "بشحال التامبر ديال الباسبور؟" "chno lwra9 dyal la carte nationale" "date limite vignette ?" \
	"where do I file a complaint"

.DEFAULT_GOAL := help
.PHONY: help setup run demo demo-channels test check format train eval robustness safety bench compare crash lock upgrade clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

setup: ## Make both Python environments and fetch the front end's packages
	@$(PYTHON) scripts/setup.py

run: setup ## Start everything; Ctrl-C stops it (settings: .env.example)
	@$(BIN)/jawab up

demo: ## Ask the running system four questions, in four languages
	@$(BIN)/jawab chat $(QUESTIONS)

demo-channels: setup ## Talk on Telegram and WhatsApp with stand-ins for both vendors; no account needed
	@$(PYTHON) scripts/setup.py dev
	@$(BIN)/python -m scripts.demo_channels

test: ## All checks and all tests, also those of the whole running system
	@$(PYTHON) scripts/setup.py dev rasa npm
	@$(MAKE) --no-print-directory static
	@$(BIN)/python -m pytest $(WORKERS)

check: ## The quick checks: style, types, arrows between modules, unit tests
	@$(PYTHON) scripts/setup.py dev
	@$(MAKE) --no-print-directory static
	@$(BIN)/python -m pytest -m "not slow and not system and not browser"

.PHONY: static
static:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: ## Put the sources into the house's form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

train: setup ## Train the language model
	@$(BIN)/jawab train

eval: setup ## Measure understanding: UTTERANCES=… DIALOGUES=… JSON=… (all optional)
	@$(BIN)/jawab eval $(if $(UTTERANCES),--utterances "$(UTTERANCES)") $(if $(DIALOGUES),--dialogues "$(DIALOGUES)") \
		$(if $(JSON),--json "$(JSON)")

robustness: setup ## Measure whether messages typed by another hand get the same answers: SAMPLE=… (optional)
	@$(BIN)/jawab robustness $(if $(SAMPLE),--sample "$(SAMPLE)")

safety: setup ## Send hostile and odd messages, and name every wrong way out
	@$(BIN)/jawab safety

bench: setup ## Measure speed and memory, with a stock Rasa beside: ARGS="ours --quick" ARGS=--write
	@$(BIN)/jawab bench $(ARGS)

compare: setup ## Compare classifiers of acts, and write table and pictures into docs/nlu.md
	@$(BIN)/jawab compare

crash: setup ## Kill the processes at random in 200 seeded runs: SEEDS=… FIRST=… JOBS=… (optional)
	@$(PYTHON) scripts/setup.py dev
	@CRASH_SEEDS=$(or $(SEEDS),200) CRASH_FIRST=$(or $(FIRST),1) \
		$(BIN)/python -m pytest -n $(or $(JOBS),2) --dist load tests/crash/test_crashes.py

lock: ## Write all lock files anew, keeping versions
	@$(PYTHON) scripts/lock.py

upgrade: ## Write all lock files anew, with the newest versions
	@$(PYTHON) scripts/lock.py --upgrade

clean: ## Remove what tests and tools left (data in var/, models/ and the environments stay)
	@rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build results
	@find bot actions scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
