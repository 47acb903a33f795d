# run: the whole product. test: the suite. check: all that CI checks.
PYTHON ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: run test check lint types contracts format machines clean

run: .venv/product
	$(BIN)/python app.py --host $(HOST) --port $(PORT)

test: .venv/tests
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

check: lint types contracts test

lint: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/tests
	$(BIN)/mypy

contracts: .venv/tests
	$(BIN)/lint-imports

format: .venv/tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Rebuild the shipped machines from the development data: make machines DATA=../shared/data
machines: .venv/tests
	OMP_NUM_THREADS=1 $(BIN)/python -m classifiers.train_defaults --data $(DATA) --out classifiers/defaults

.venv/product: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; call make with PYTHON=/path/to/it" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/tests: requirements-dev.txt .venv/product
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
