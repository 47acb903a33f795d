# run: the whole product. test: the suite. check: all that CI checks.
PYTHON ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: run test check lint types contracts format machines lock clean

run: .venv/product
	$(BIN)/python app.py --host $(HOST) --port $(PORT)

test: .venv/tests
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

check: lint types contracts test

lint: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit -q -ll -r btm classifiers app.py

types: .venv/tests
	$(BIN)/mypy

contracts: .venv/tests
	$(BIN)/lint-imports

format: .venv/tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Write the whole tree that requirements.txt asks for, with the hashes of every file of each release, and what each part is licensed under.
lock: .venv/tests
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip compile requirements.txt --output-file requirements.lock --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet
	$(BIN)/python -m tests.support.licences > docs/licences.md

# Rebuild the shipped machines from the development data: make machines DATA=../shared/data
machines: .venv/tests
	OMP_NUM_THREADS=1 $(BIN)/python -m classifiers.train_defaults --data $(DATA) --out classifiers/defaults

.venv/product: requirements.txt requirements.lock
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; call make with PYTHON=/path/to/it" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	sed -n '/^[a-z].*==/s/ *\\$$//p' requirements.lock > .venv/constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .venv/constraints.txt -r requirements.txt
	touch $@

.venv/tests: requirements-dev.txt .venv/product
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .venv/constraints.txt -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
