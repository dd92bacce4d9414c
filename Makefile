# Two commands do everything: `make demo` and `make test`. They ask nothing.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SYSTEM := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk poppler-utils
DEMO := demo

.PHONY: demo test check format lint types contracts fast bench coverage lock schemas tables picture gallery clean system browser

demo: $(STAMP)
	@echo "==> 演示街道：生成原始导出文件并跑完整条流水线（约 1 到 2 分钟）"
	$(BIN)/evalkit demo $(DEMO)

test: check

check: format lint types contracts fast

format: $(STAMP)
	@echo "==> format (seconds)"
	$(BIN)/ruff format --check .

lint: $(STAMP)
	@echo "==> lint (seconds)"
	$(BIN)/ruff check .

types: $(STAMP)
	@echo "==> types, mypy strict (about half a minute)"
	$(BIN)/mypy

contracts: $(STAMP)
	@echo "==> import contracts (seconds)"
	$(BIN)/lint-imports

fast: $(STAMP) browser
	@echo "==> tests (a few minutes)"
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile

bench: $(STAMP)
	@echo "==> benchmarks, each beside what it is compared with (minutes)"
	$(BIN)/python -m benchmarks

coverage: $(STAMP)
	@echo "==> coverage of the intervals and sets on simulated streets (tens of minutes)"
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest tests/coverage -o addopts= -q -s

schemas: $(STAMP)
	$(BIN)/python -m evalkit.definitions.schemas docs/schemas

tables: $(STAMP)
	$(BIN)/python -W ignore -m evalkit.tables > docs/tables.md

picture: demo browser
	pdftoppm -r 80 -f 1 -l 1 -png -singlefile $(DEMO)/out/2016/diagnosis/cs01.pdf docs/images/diagnosis
	bash scripts/screenshot $(DEMO)/out/2016/dashboard.html docs/images/dashboard.png

gallery: $(STAMP)
	$(BIN)/python -m scripts.gallery

lock:
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --extra dev --no-annotate --no-header pyproject.toml -o requirements.lock

system:
	@bash scripts/system-packages $(SYSTEM)

# Clicks through the dashboard in tests; where it cannot be installed they are skipped, but not in CI.
browser:
	@bash scripts/system-packages chromium || test -z "$$CI"

$(STAMP): requirements.lock pyproject.toml | system
	@echo "==> Python environment in $(VENV) (about two minutes)"
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) not found"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $(STAMP)

clean:
	rm -rf $(VENV) $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
