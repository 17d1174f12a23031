# `make run` serves two folders as one S3 endpoint; `make test` proves it. Both install what they need.

# What `make run` prints on stdout is for a shell to eval.
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed

.PHONY: run test bench bench-check loads lint format docs clean install clients sdks

run: $(READY)
	@mkdir -p data/primary data/archive/welcome
	@test -e data/archive/welcome/hello.txt || \
	  echo "Hello from the archive." > data/archive/welcome/hello.txt
	@exec $(BIN)/colonnade --print-env serve --config examples/local.toml

test: lint clients
	$(BIN)/pytest

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(READY)
	$(BIN)/python -m colonnade.cli.reference > docs/guide/configuration.md
	$(BIN)/python -m colonnade.cli.operations > docs/guide/operations.md

install: $(READY)

$(READY): pyproject.toml hatch_build.py src/colonnade/backends/posix/glance.c
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Colonnade needs Python 3.11 or newer; say which one with make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) >&2 || \
	  { echo "The venv module is missing: install your system's python3-venv package" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

# The programs that tests/clients drives against a live server. Without root the tests say what is missing. The AWS
# command line pins another botocore than ours, and so has an environment of its own; moto is an S3 server, not ours.
clients: $(READY) .tools/aws/.installed .tools/moto/.installed sdks
	@for tool in rclone s3cmd curl getfattr chromium-headless-shell; do command -v $$tool >/dev/null || missing=1; done; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rclone s3cmd curl attr \
	    chromium-headless-shell >/dev/null; \
	fi

.tools/aws/.installed:
	@$(PYTHON) -m venv .tools/aws
	@.tools/aws/bin/python -m pip install --quiet --disable-pip-version-check 'awscli>=1.44'
	@touch $@

.tools/moto/.installed:
	@$(PYTHON) -m venv .tools/moto
	@.tools/moto/bin/python -m pip install --quiet --disable-pip-version-check 'moto[s3,server]>=5.2'
	@touch $@

# A program over each AWS SDK, built when it changes. Where a compiler is missing, its tests fail and say so.
SDKS := tests/clients
sdks:
	@if command -v npm >/dev/null; then $(MAKE) .tools/sdk-js/bin/sdk-js; else echo "npm is missing" >&2; fi
	@if command -v go >/dev/null; then $(MAKE) .tools/sdk-go/bin/sdk-go; else echo "go is missing" >&2; fi
	@if command -v mvn >/dev/null; then $(MAKE) .tools/sdk-java/bin/sdk-java; else echo "mvn is missing" >&2; fi

.tools/sdk-js/bin/sdk-js: $(wildcard $(SDKS)/js/*) $(SDKS)/js/.npmrc
	@mkdir -p $(@D)
	@cp $(SDKS)/js/package*.json $(SDKS)/js/*.mjs $(SDKS)/js/.npmrc .tools/sdk-js
	@cd .tools/sdk-js && npm ci --silent
	@printf '#!/bin/sh\nexec node "$$(dirname "$$0")/../client.mjs" "$$@"\n' > $@ && chmod +x $@

.tools/sdk-go/bin/sdk-go: $(wildcard $(SDKS)/go/*)
	@mkdir -p $(@D)
	@cd $(SDKS)/go && go build -o $(CURDIR)/$@ .

.tools/sdk-java/bin/sdk-java: $(SDKS)/java/pom.xml $(SDKS)/java/src/main/java/Client.java
	@mkdir -p $(@D)
	@cp -r $(SDKS)/java/. .tools/sdk-java
	@cd .tools/sdk-java && mvn --quiet --batch-mode compile
	@printf '#!/bin/sh\nhere=$$(dirname "$$0")/../target\nexec java -cp "$$here/classes:$$here/lib/*" Client "$$@"\n' > $@ && \
	  chmod +x $@

# What is served, beside what bounds it. BENCH="reads --rounds 3" measures less; bench-check fails where a share has
# fallen below that of bench/baseline.json, which BENCH=--write-baseline measures anew.
bench: loads
	@$(BIN)/python -m bench $(BENCH)

bench-check: loads
	@$(BIN)/python -m bench.check $(BENCH)

loads: $(READY)
	@command -v wrk >/dev/null && command -v ab >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wrk apache2-utils >/dev/null; }

clean:
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis
