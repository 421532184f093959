# `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.
#
# A stamp file in .venv marks each finished step of the installation. A step that is interrupted
# leaves no stamp and is repeated; a changed lock file starts from an empty .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --no-deps
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --custom-compile-command 'make lock'
LOCKED := sed -nE 's/^([a-z0-9-]+)==.*/--no-emit-package \1/p' requirements.lock

.PHONY: help demo test bench lock clean

help: ## this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/make \1\t\2/p' Makefile

demo: $(VENV)/alcore ## a real experiment on real data, then the dashboard (PORT=8501, PYTHON=python3)
	@$(BIN)/alcore demo $(if $(PORT),--port $(PORT))

test: $(VENV)/dev ## everything that can fail: ruff, mypy, pytest (ARGS="-k wheel" for some)
	@.ci/chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: $(VENV)/alcore ## the kernels against other libraries, which get an environment of their own
	$(BIN)/python tests/benchmarks/kernels.py

lock: $(VENV)/alcore ## newest versions that fit pyproject.toml, with hashes, for all platforms
	@$(INSTALL) --quiet uv
	@echo hatchling | $(COMPILE) --output-file requirements.lock --extra all pyproject.toml -
	@$(COMPILE) --output-file requirements-dev.lock --extra all --extra dev \
		--constraint requirements.lock $$($(LOCKED)) pyproject.toml

clean: ## remove the environment, caches and built files
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { \
		echo "alcore needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is" \
		"\"$$($(PYTHON) --version 2>&1)\"; name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module; install it (Debian and Ubuntu: apt install python3-venv)" \
		"or name another Python: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing locked packages into $(VENV) with $$($(PYTHON) --version) (once; TensorFlow is large)"
	@$(PYTHON) -m venv --clear $(VENV)
	@{ $(INSTALL) --require-hashes -r requirements.lock && touch $@; } \
		| sed -n -e '/Downloading.*whl (/p' -e '/Using cached.*whl (/p'; test -e $@

$(VENV)/alcore: $(VENV)/locked pyproject.toml
	@$(INSTALL) --quiet --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: $(VENV)/alcore requirements-dev.lock
	@echo "Installing what the tests need"
	@$(INSTALL) --quiet --require-hashes -r requirements-dev.lock
	@touch $@
