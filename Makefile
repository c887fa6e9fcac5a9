# Two commands: `make demo` and `make test`. `make help` prints the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
BENCH := .venv-bench/bin
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test lint types docs site bench bench-jit clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.ready ## fit a mixture model to Fisher's irises, with and without derivatives
	OPENBLAS_NUM_THREADS=1 $(BIN)/wengert demo

test: lint types ## lint, types, import floors, all tests
	PYTHONDONTWRITEBYTECODE= OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/pytest -q -n $(WORKERS) --dist loadfile

lint: .venv/.ready ## ruff and import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache

types: .venv/.ready ## pyright, strict (skipped, with the reason, where it cannot run)
	@if reason=$$($(BIN)/pyright --version 2>&1); then $(BIN)/pyright; \
	else echo "pyright skipped, it does not start here: $$(echo "$$reason" | tail -n 1)"; fi

docs: .venv/.ready ## regenerate the pages of what is covered and compiled from the tables, and build the site
	$(BIN)/python tests/coverage/page.py
	$(BIN)/python tests/jit/native_page.py
	$(MAKE) site

site: .venv/.ready ## build all pages, with pictures and steppers, into out/site/
	OPENBLAS_NUM_THREADS=1 PYTHONPATH=src $(BIN)/python scripts/build_site.py

bench: .venv-bench/.ready ## the same gradients by us and by five other tools, side by side
	PYTHONPATH=src $(BENCH)/python benchmarks/import_time.py
	PYTHONPATH=src $(BENCH)/python benchmarks/eager.py --write out/benchmarks.md

bench-jit: .venv-bench/.ready ## the same compiled derivatives by us, by other tools, and by hand in Numba
	PYTHONPATH=src $(BENCH)/python benchmarks/jit.py --memory --write out/benchmarks-jit.md

clean: ## remove both environments and every cache
	rm -rf .venv .venv-bench .pytest_cache .ruff_cache .hypothesis out

.venv/.ready: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[demo]' --group dev --group docs
	touch $@

.venv-bench/.ready: benchmarks/requirements.txt benchmarks/requirements-pytensor.txt
	test -x $(BENCH)/python || $(PYTHON) -m venv .venv-bench
	$(BENCH)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BENCH)/python -m pip install --quiet --requirement benchmarks/requirements.txt
	test -x .venv-bench/pytensor/bin/python || $(PYTHON) -m venv .venv-bench/pytensor
	.venv-bench/pytensor/bin/python -m pip install --quiet --requirement benchmarks/requirements-pytensor.txt
	touch $@
