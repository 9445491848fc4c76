# The executable workflow. `make demo` and `make test` need nothing but Python 3.11+, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test slow search check fmt lint types floors cover corpus corpus-tests docs golden pictures \
	soak bench-matching bench-polling bench-stories bench-delivery bench-replay bench-upkeep clean

demo: $(VENV)/.installed  ## a recorded news day through the real program
	$(BIN)/newsmonitor demo

test: $(VENV)/.dev  ## the tests, in parallel
	$(BIN)/pytest -q -n auto

slow: $(VENV)/.dev  ## the tests that take minutes; those that watch the clock by themselves
	$(BIN)/pytest -q -n auto -m 'slow and not clocked'
	$(BIN)/pytest -q -m 'slow and clocked' tests/soak
	@# What a busy machine took too long for is tried once more; a loss, which the soak looks for, is not.
	$(BIN)/pytest -q -m 'slow and clocked' --ignore tests/soak || $(BIN)/pytest -q -m 'slow and clocked' --ignore tests/soak --lf

search: $(VENV)/.dev  ## new examples for every property, long lives of the store, every pair of kills
	KILL_PAIRS=all HYPOTHESIS_PROFILE=search $(BIN)/pytest -q -n auto -m 'slow or not slow' -k 'TestDeskForLong or property or any or fuzz'

check: lint types floors test  ## all that must be green before a commit

lint: $(VENV)/.dev
	$(BIN)/ruff format --check monitor tests bench docs
	$(BIN)/ruff check monitor tests bench docs

types: $(VENV)/.dev
	$(BIN)/mypy

floors: $(VENV)/.dev
	$(BIN)/lint-imports

cover: $(VENV)/.dev  ## which lines no test has run
	$(BIN)/pytest -q -n auto --cov --cov-report=term:skip-covered

fmt: $(VENV)/.dev
	$(BIN)/ruff format monitor tests bench docs
	$(BIN)/ruff check --fix monitor tests bench docs

corpus: $(VENV)/.dev  ## real material, where it lies beside the project: CORPUS=path
	$(BIN)/python bench/corpus.py $(if $(CORPUS),--corpus $(CORPUS)) $(if $(SNAPSHOTS),--snapshots $(SNAPSHOTS))

docs: $(VENV)/.dev  ## rewrite the made parts of the pages
	$(BIN)/python docs/generate.py

corpus-tests: $(VENV)/.dev  ## the tests that need real material: CORPUS=path
	NEWSMONITOR_CORPUS=$(abspath $(CORPUS)) $(BIN)/pytest -q -m corpus

bench-matching: $(VENV)/.dev  ## the matcher beside others (tantivy is one of them)
	$(BIN)/pip install --quiet -e '.[bench]'
	$(BIN)/python bench/matching.py $(if $(CORPUS),--corpus $(CORPUS)/background.dev.jsonl.xz)

bench-polling: $(VENV)/.dev  ## the poller beside others, on a thousand feeds of this machine
	$(BIN)/python bench/polling.py

bench-stories: $(VENV)/.dev  ## the cost of an item when many stories are open
	$(BIN)/python bench/stories.py $(if $(CORPUS),--corpus $(CORPUS)/events --watchlists watchlists) --scale 1000 10000 100000

bench-delivery: $(VENV)/.dev  ## 1,500 messages by mail and by Slack under kill -9: none lost
	$(BIN)/python bench/delivery.py

bench-replay: $(VENV)/.dev  ## a list over an archive: CORPUS=path
	$(BIN)/python bench/replay.py --corpus $(CORPUS)/background.dev.jsonl.xz

bench-upkeep: $(VENV)/.dev  ## copies, checks and retention
	$(BIN)/python bench/upkeep.py

soak: $(VENV)/.dev  ## the daemon under faults of all kinds, and an auditor: SECONDS=300
	$(BIN)/python bench/soak.py --seconds $(or $(SECONDS),300)

pictures: $(VENV)/.dev  ## draw docs/pictures anew; wants Chromium
	docs/pictures/make.sh

golden: $(VENV)/.dev  ## rewrite what a person reads; then look at the diff
	GOLDEN=1 $(BIN)/pytest -q tests/digests

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) demo-out .mypy_cache .ruff_cache .pytest_cache .coverage* htmlcov
