# make run    the window on examples/mlp.py (without a display: draws it, saves inspector.png and says so)
# make test   lint, types, layers, and every test
# make bench  speed as ratios against named alternatives; writes bench-results/
# make lint   ruff, mypy, import-linter only
# Each sets up all it needs: a virtual environment in .venv, packages, and Qt's system libraries where we may.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run test bench lint wheel clean

help:
	@sed -n '1,5s/^# //p' Makefile

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "make: Python 3.10 or newer is needed, $(PYTHON) is older; try: make PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "make: a virtual environment could not be made; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=24'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

run: $(READY)
	@sh .ci/qt-libraries $(BIN)/python
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
		$(BIN)/python -m inspector examples/mlp.py; \
	else \
		$(BIN)/python -m inspector examples/mlp.py --run --screenshot inspector.png && \
		echo "No display was found, so the window was drawn offscreen: $(CURDIR)/inspector.png"; \
	fi

lint: $(READY)
	$(BIN)/ruff check inspector tests examples
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	@sh .ci/qt-libraries --with-xvfb $(BIN)/python
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

bench: $(READY)
	@sh .ci/qt-libraries $(BIN)/python
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks

wheel: $(READY)
	$(BIN)/python -m build --wheel --outdir dist

clean:
	rm -rf $(VENV) dist build bench-results .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis inspector.png
