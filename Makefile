# Two commands do everything: `make run` and `make test`. The rest are their parts.
SHELL := /bin/sh
PYTHON3 ?= python3
PY := .venv/bin/python
BOT := bot/.venv/bin/python

.PHONY: help setup run test test-fast test-bot lint lint-web bench bench-stock-setup chaos fuzz lock clean

help:            ## what can be made
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: .*##/\t/' | expand -t 20

setup:           ## both environments and the pages, from the lock files
	@$(PYTHON3) scripts/bootstrap.py

run: setup       ## everything on this machine, with the demo carrier; says where to click
	@exec .venv/bin/weiting demo

test: setup      ## all tests: ours, the bot's, the pages'
	@$(PY) scripts/run_tests.py

test-fast:       ## what needs no model, browser or server
	@$(PY) -m pytest -q -n 2 -m "not slow"

test-bot:        ## the bot's tests
	@$(BOT) -m pytest -q --rootdir tests/bot tests/bot

lint: setup lint-web ## ruff, mypy --strict, eslint, vue-tsc
	@$(PY) -m ruff check .
	@$(PY) -m mypy .

lint-web:
	@$(PYTHON3) scripts/bootstrap.py --npm run --silent lint

bench: setup     ## what a turn costs, and starting a bot (docs/benchmarks)
	@$(BOT) bench/bot_turns.py --model carrier=bot/models/carrier.tar.gz
	@$(PY) -m bench.turns
	@$(PY) -m bench.callback

bench-stock-setup: ## the environment of stock Rasa, only for measuring beside it (2.5 GB)
	@$(PYTHON3) scripts/bootstrap.py --stock

CHAOS ?= --seconds 180 --rate 20 --subscribers 500 --bots 2
chaos: setup     ## killed, paused and lying parts under load (CHAOS="--seconds 1800 …" for a long run)
	@$(PY) -m chaos $(CHAOS)

FUZZ ?= 1000000
fuzz: setup      ## a million callbacks of every shape at the WeChat door (FUZZ=5000000 for a longer run)
	@WEITING_FUZZ_CASES=$(FUZZ) $(PY) -m pytest -q --timeout 0 tests/connectors/wechat/test_fuzz.py

lock:            ## compile the lock files again (uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements.lock
	@uv pip compile -q --python-version 3.10 --override bot/overrides.txt --generate-hashes --no-header bot/requirements.in -o bot/requirements.lock
	@uv pip compile -q --python-version 3.10 --generate-hashes --no-header bench/stock/requirements.in -o bench/stock/requirements.lock

clean:           ## the data and the models of this folder; the environments stay
	@rm -rf var bot/models
