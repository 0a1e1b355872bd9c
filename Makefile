# 问据 (Wenju). `make run` and `make test` are all a fresh machine needs; Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.PHONY: run test lint bench clean help

run: $(VENV)/installed  ## install, build index/ from seeds/ where it is missing or out of date, open the chat
	$(BIN)/python ui.py

test: $(VENV)/installed-dev  ## install what the tests need and run them
	$(BIN)/python -m pytest

lint: $(VENV)/installed-dev  ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed  ## measure; writes benchmarks/results/<commit>.json and prints the README's table
	$(BIN)/python benchmarks/bench.py

clean:  ## remove the installation and what tools left behind; seeds/ and index/ stay
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##/\1 /p' Makefile

# The stamps are younger than what they were made from exactly when nothing needs installing.
$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "需要 Python 3.11 或更高版本；可用 make PYTHON=python3.12 指定。" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(INSTALL) -e '.[dev]'
	@touch $@
