# make run    the whole stack on this machine     make check  lint, types, import rules, sizes
# make test   everything but compose              make lock   compile requirements/ anew
SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python

# make bench  figures beside their baselines, into benchmarks/results.md
# make chaos  people talk while everything breaks, ten minutes long (CHAOS_MINUTES, CHAOS_SEED)
.PHONY: run test check lock compose-test format bench chaos

run: .venv/run
	@exec $(PY) -m deploy.run

test: .venv/dev
	$(PY) -m deploy.test_setup
	@$(PY) -m pytest -m "not compose and not alone" -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS); first=$$?; \
	$(PY) -m pytest -m alone $(PYTEST_ARGS); second=$$?; \
	for code in $$first $$second; do [ $$code = 0 ] || [ $$code = 5 ] || exit $$code; done # 5: no test is meant

compose-test: .venv/dev
	$(PY) -m pytest -m compose tests/e2e $(PYTEST_ARGS)

chaos: .venv/dev
	$(PY) -m deploy.test_setup
	@$(PY) -m tests.chaos

bench: .venv/dev
	$(PY) -m benchmarks

check: .venv/dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	PYTHONPATH=. .venv/bin/lint-imports
	$(PY) -m deploy.size_limits

format: .venv/dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock: .venv/dev
	.venv/bin/uv pip compile -q --upgrade --generate-hashes --no-header --python-version 3.11 --group dev -o requirements/dev.txt
	for g in run gateway worker nlp face; do \
	  .venv/bin/uv pip compile -q --generate-hashes --no-header --python-version 3.11 --group $$g -c requirements/dev.txt -o requirements/$$g.txt || exit 1; \
	done
	.venv/bin/uv pip compile -q --upgrade --generate-hashes --no-header --python-version 3.11 --group actions -o requirements/actions.txt
	.venv/bin/uv pip compile -q --upgrade --no-deps --generate-hashes --no-header --python-version 3.11 --group encoder -o requirements/encoder.txt
	.venv/bin/uv pip compile -q --upgrade --no-deps --generate-hashes --no-header --python-version 3.11 --group peers -o requirements/peers.txt

.venv/run: requirements/run.txt
	@deploy/venv.sh $(PYTHON) requirements/run.txt $@

.venv/dev: requirements/dev.txt
	@deploy/venv.sh $(PYTHON) requirements/dev.txt $@
