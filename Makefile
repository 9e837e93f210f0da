# The two commands of the README are `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
# Files of tests that run side by side; each takes up to 1.5 GB of memory.
JOBS ?= 2
PYTEST ?=

.PHONY: demo ofx test test-long lint bench reference wheel clean

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: $(VENV)/installed
	$(BIN)/python examples/demo.py

ofx: $(VENV)/installed
	$(BIN)/vfxai plugins ofx --output out

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/vfxai plugins nuke --output build/nuke
	$(BIN)/mypy --config-file plugins/nuke/mypy.ini
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -m 'not long' -n $(JOBS) --dist loadfile $(PYTEST)

test-long: $(VENV)/installed
	$(BIN)/pytest -m long

reference: $(VENV)/installed
	$(BIN)/python -m vfxai.surfaces.reference docs/reference
	$(BIN)/python -m vfxai.worker.reference docs/reference

wheel: $(VENV)/installed
	rm -rf build
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .

clean:
	rm -rf $(VENV) out build dist *.egg-info
