# The commands of the README. Each sets up .venv by itself, from requirements.lock, on a machine that has
# Python 3.11 or newer, make and a package index.

VENV := .venv
BIN := $(VENV)/bin
SCRAPYD_VENV := .venv-scrapyd
DATASETTE_1_VENV := .venv-datasette-1
READY := $(VENV)/.ready
PACKAGES := landed.py crawlers extract db
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11 python; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$candidate; break; }; done)

.PHONY: demo test test-scrapyd test-datasette-1 check bench lock generated clean

demo: $(READY)
	$(BIN)/landed demo

test: $(READY)
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder
	$(BIN)/coverage combine -q
	rm -f .coverage.*
	@for package in $(PACKAGES); do \
		case $$package in *.py) files=$$package;; *) files="$$package/*";; esac; \
		printf 'line coverage of %-10s ' $$package; \
		$(BIN)/coverage report --include="$$files" --format=total | tr -d '\n'; echo ' %'; \
		case $$package in *.py) continue;; esac; \
		$(BIN)/coverage report --include="$$files" --fail-under=85 >/dev/null || { echo "$$package: less than 85 % of its lines are covered"; exit 1; }; \
	done

# Scrapyd is no part of Landed's lock (it needs setuptools < 81), so it gets an environment of its own.
test-scrapyd: $(SCRAPYD_VENV)/.ready
	$(SCRAPYD_VENV)/bin/python -m pytest tests/crawlers/test_scrapyd.py

$(SCRAPYD_VENV)/.ready: $(READY)
	@echo "setting up $(SCRAPYD_VENV)"
	@$(BIN)/python -m venv --clear $(SCRAPYD_VENV)
	@$(SCRAPYD_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(SCRAPYD_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(SCRAPYD_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade-strategy only-if-needed scrapyd==1.6.0
	@touch $(SCRAPYD_VENV)/.ready

# An alpha of Datasette 1.0 in an environment of its own, under the same configuration. What differs goes to build/.
test-datasette-1: $(DATASETTE_1_VENV)/.ready
	LANDED_DATASETTE_1=$(abspath $(DATASETTE_1_VENV))/bin/python $(BIN)/python -m pytest tests/db/test_datasette_1.py -s

$(DATASETTE_1_VENV)/.ready: $(READY)
	@echo "setting up $(DATASETTE_1_VENV)"
	@$(BIN)/python -m venv --clear $(DATASETTE_1_VENV)
	@$(DATASETTE_1_VENV)/bin/python -m pip install --quiet --disable-pip-version-check datasette==1.0a41 asgi-gzip==0.3 datasette-export-notebook==1.0.1 datasette-llms-txt==0.3.0 icalendar lxml rapidfuzz
	@touch $(DATASETTE_1_VENV)/.ready

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/benchmarks/requirements.lock
	$(BIN)/python -m pytest tests/benchmarks -q -s -p no:cacheprovider --override-ini=testpaths=tests/benchmarks --override-ini=python_files='bench_*.py'

# Files that are made from others: Datasette's metadata from the schema. (The SQL of a released migration is never
# made anew: write the next step by hand, and a test compares the result with the schema.)
generated: $(READY)
	$(BIN)/python -m db.metadata

# The chart library, from npm's registry, checked against the sums on record. Needs npm.
vendored: $(READY)
	$(BIN)/python -m db.site.vendored

# Needs uv. The lock names no index: pip takes whichever it is set up with.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.lock
	uv pip compile db/deploy/requirements.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c requirements.lock -o db/deploy/requirements.lock
	uv pip compile pyproject.toml --extra bench --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c requirements.lock \
		| sed -n '/^en-core-web-sm/,/^[^ e]/{/^[^ e]/!p;}' >tests/benchmarks/requirements.lock

$(READY): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "Landed needs Python 3.11 or newer, and none was found on the PATH. Install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is $$($(PYTHON) --version 2>&1), but Landed needs Python 3.11 or newer. Name another: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { \
		echo "The packages of requirements.lock can't be installed: the reason stands above. Where it is the network: pip needs a package index, whose address PIP_INDEX_URL or pip's configuration gives."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

clean:
	rm -rf $(VENV) $(SCRAPYD_VENV) $(DATASETTE_1_VENV) build dist *.egg-info .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis demo-data
