# The two commands of the README are `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
# Files of tests that run side by side; each takes up to 1.5 GB of memory.
JOBS ?= 2
PYTEST ?=

.PHONY: demo ofx test test-long lint bench reference wheel clean test-hosts

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
	$(BIN)/pytest -m 'not long' -n $(JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST)

# Blender as a Python module, 900 MB: 4.5 for Python 3.11, 5.2 for 3.13. Its extension is tested in both.
build/bpy45/bin/python:
	python3.11 -m venv build/bpy45 && build/bpy45/bin/pip install --quiet bpy==4.5.15

build/bpy52/bin/python:
	python3.13 -m venv build/bpy52 && build/bpy52/bin/pip install --quiet bpy==5.2.3

test-hosts: $(VENV)/installed build/bpy45/bin/python build/bpy52/bin/python
	VFXAI_BPY_PYTHONS=$(CURDIR)/build/bpy45/bin/python:$(CURDIR)/build/bpy52/bin/python $(BIN)/pytest tests/plugins/blender tests/plugins/test_one_recipe.py

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
