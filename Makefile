# Two commands do everything: `make demo` and `make test`. They ask nothing. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOWEST := .venv-lowest
SPARK := $(VENV)/spark
SYSTEM := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk poppler-utils
DEMO := demo

TOOLS := chromium default-jre-headless
SEED ?= 1
SIZE ?= 150
ROOMS ?=
PARTS ?=
SCALE ?= 1
SLOW := browser or notebooks or whole_demo or spark or dear
# Three workers for two cores: some tests wait for a child process or its limits.
# Compiled modules and rewritten tests are kept: workers and child processes load them in a third of the time.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist loadscope --no-loadscope-reorder

.PHONY: approve dear help demo test check format lint types contracts fast everything lowest bench bench-city coverage mutants attack cluster lock schemas tables codes picture gallery clean system browser

help: ## these lines
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

demo: $(STAMP) ## the demo street and all its papers, in demo/ (2 to 3 minutes)
	@echo "==> 演示街道：生成原始导出文件并跑完整条流水线（约 2 到 3 分钟）"
	$(BIN)/evalkit demo $(DEMO)

# What takes seconds comes first; types are checked while tests run. What fails is told at once and fails at the end.
BESIDE = +@$(MAKE) --no-print-directory -j 2

test: format lint contracts ## everything but Spark: check, and browser, notebooks and whole-demo tests (nine to twelve minutes)
	$(BESIDE) everything types

check: format lint contracts ## before every commit: style, types, contracts, fast tests (minutes)
	$(BESIDE) fast types

format: $(STAMP) ## is the code formatted (seconds)
	@echo "==> format (seconds)"
	$(BIN)/ruff format --check .

lint: $(STAMP) ## rules of style (seconds)
	@echo "==> lint (seconds)"
	$(BIN)/ruff check .

types: $(STAMP) ## mypy, strict (half a minute)
	@echo "==> types, mypy strict (about half a minute)"
	$(BIN)/mypy -n 2

contracts: $(STAMP) ## which room may import which (seconds)
	@echo "==> import contracts (seconds)"
	$(BIN)/lint-imports

fast: $(STAMP) ## the tests without browser, Spark, notebooks and whole-demo tests
	@echo "==> tests without the slow ones (under three minutes)"
	$(PYTEST) -m "not ($(SLOW))"

dear: $(STAMP) browser ## write tests/dear.txt anew: the tests that check leaves out because they take half a second (a quarter of an hour)
	EVALKIT_DEAR=1 $(PYTEST) -q --ignore=tests/engines/test_spark.py
	@git diff --stat -- tests/dear.txt

everything: $(STAMP) browser
	@echo "==> all tests but Spark's (nine to twelve minutes)"
	$(PYTEST) --ignore=tests/engines/test_spark.py

lowest: $(LOWEST)/.installed ## the tests of check on the lowest dependencies that pyproject declares (three minutes)
	@echo "==> tests on the lowest dependencies (about three minutes)"
	OPENBLAS_NUM_THREADS=1 $(LOWEST)/bin/pytest -n 2 --dist loadscope -m "not ($(SLOW))"

approve: $(STAMP) ## write tests/approved/texts anew, after you have read what changed in them
	EVALKIT_APPROVE=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -q -n 2 --dist loadscope -k approved tests/approved tests/recomputation/test_files_as_approved.py tests/city/test_pages.py tests/simulation/test_simulation.py
	@git diff --stat -- tests/approved/texts

bench: $(STAMP) ## benchmarks, each beside what it is compared with (minutes)
	@echo "==> benchmarks, each beside what it is compared with (minutes)"
	$(BIN)/python -m benchmarks

bench-city: $(STAMP) ## a city of 20 streets against its streets run alone (tens of minutes)
	@echo "==> a city of 20 streets against its streets run alone (tens of minutes)"
	$(BIN)/python -W ignore benchmarks/bench_city.py

coverage: $(STAMP) ## do intervals and sets hold what they promise, on simulated streets (over an hour)
	@echo "==> coverage of the intervals and sets on simulated streets (over an hour)"
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest tests/coverage -o addopts= -o faulthandler_timeout=0 -q -s

mutants: $(STAMP) browser ## change a line, does a test notice? SEED=1 SIZE=150 ROOMS="methods answers" (under an hour)
	@echo "==> mutants: lines changed one at a time, and the tests that reach them (under an hour)"
	$(BIN)/python -m scripts.mutants sample --seed $(SEED) --size $(SIZE) $(if $(ROOMS),--rooms $(ROOMS))

attack: $(STAMP) browser ## files, documents, strings, kills, flips ... against what must hold; PARTS="files kills" SCALE=0.1 SEED=1
	@echo "==> the campaign (under forty minutes at full scale)"
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -W ignore -m tests.attack $(PARTS) --scale $(SCALE) --seed $(SEED)

schemas: $(STAMP) ## docs/schemas from the documents
	$(BIN)/python -m evalkit.definitions.schemas docs/schemas

tables: $(STAMP) ## docs/tables.md from the declared frames
	$(BIN)/python -W ignore -m evalkit.tables > docs/tables.md

codes: $(STAMP) ## docs/codes.md from problems and notes
	$(BIN)/python -W ignore -m scripts.codes > docs/codes.md

picture: demo browser ## the two pictures of the README
	pdftoppm -r 80 -f 1 -l 1 -png -singlefile $(DEMO)/out/2016/diagnosis/cs01.pdf docs/images/diagnosis
	bash scripts/screenshot $(DEMO)/out/2016/dashboard.html docs/images/dashboard.png

gallery: $(STAMP) ## docs/figures.md
	$(BIN)/python -m scripts.gallery

COMPILE := $(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --extra dev --no-annotate --no-header pyproject.toml

lock: $(STAMP) ## requirements.lock, requirements-lowest.lock and requirements-spark.lock from pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) -o requirements.lock
	$(COMPILE) --resolution lowest-direct -o requirements-lowest.lock
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['spark'], sep='\n')" \
	| $(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header -c requirements.lock - -o requirements-spark.lock

system:
	@bash scripts/system-packages $(SYSTEM)

# Tools that only tests need; a test whose tool cannot be installed is skipped, but fails in CI.
browser:
	@bash scripts/system-packages $(TOOLS) || test -z "$$CI"

cluster: $(SPARK)/.installed browser ## tests that start a Spark cluster here (one to two minutes)
	@echo "==> a Spark cluster on the loopback (about a minute)"
	PYTHONPATH=$(abspath $(SPARK)) OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -q tests/engines/test_spark.py

# In a folder of its own: with pyarrow on its path, pandas keeps texts in another way.
$(SPARK)/.installed: requirements-spark.lock $(STAMP)
	@echo "==> Spark, which only its own tests need (about a minute)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --upgrade --target $(SPARK) --require-hashes -r requirements-spark.lock
	touch $@

$(STAMP): requirements.lock pyproject.toml | system
	@echo "==> Python environment in $(VENV) (about two minutes)"
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) not found"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib > /dev/null || true # both cores; some packages carry files that are not Python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $(STAMP)

$(LOWEST)/.installed: requirements-lowest.lock pyproject.toml | system
	@echo "==> Python environment in $(LOWEST) (about two minutes)"
	test -x $(LOWEST)/bin/python || $(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-lowest.lock
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

clean: ## remove the environments, the demo and every cache
	rm -rf $(VENV) $(LOWEST) $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .mutants
