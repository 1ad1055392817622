# Everything a person does here, by one word. Needs Python 3.11+ and make; sets up .venv by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
KAFKA := .cache/kafka
REGISTRY := .cache/registry
CDC := .cache/cdc

.PHONY: help demo test check quick lint types imports fix kafka registry cdc fuzz bench bench-requests bench-optout bench-quota bench-decoding lock clean

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

demo: $(VENV)/.run  ## watch CRM changes travel into a contact centre, and see the proof
	$(BIN)/connector demo

check: lint types imports quick  ## the fast tier of the gate, under a minute

test: lint types imports $(VENV)/.sdk  ## the whole gate
	@if command -v java >/dev/null && command -v mvn >/dev/null; then \
	  $(MAKE) --no-print-directory kafka registry $(CDC)/.fetched || test -z "$$CI"; \
	elif [ -n "$$CI" ]; then \
	  echo 'Java 17 and Maven are missing: on CI the tests must run on Apache Kafka' >&2; exit 1; \
	else \
	  echo 'Java or Maven is missing: the tests use the embedded broker in place of Apache Kafka'; \
	fi
	@export HYPOTHESIS_PROFILE=ci; $(call beside,,tests/e2e,tests/unit tests/property tests/integration)

quick: $(VENV)/.dev
	@$(call beside,-q,tests/property,tests/unit)

# Run the tests in $(2) beside those in $(3), with the options $(1); then show what they said.
beside = mkdir -p .cache; \
	$(BIN)/pytest $(1) $(2) > .cache/beside.log 2>&1 & other=$$!; \
	$(BIN)/pytest $(1) $(3); here=$$?; \
	wait $$other; other=$$?; \
	echo 'Beside these ran $(2):'; cat .cache/beside.log; test $$here = 0 && test $$other = 0

lint: $(VENV)/.dev
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports --cache-dir .cache/imports

fix: $(VENV)/.dev  ## format, and repair what can be repaired without a person
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format --quiet

kafka: $(KAFKA)/.fetched  ## put a real Apache Kafka under .cache/kafka (Java 17, Maven)

registry: $(REGISTRY)/.fetched  ## put a schema registry under .cache/registry (Java 17, Maven)

cdc: $(VENV)/.dev kafka registry $(CDC)/.fetched  ## carry a real PostgreSQL table through Debezium and prove the result (Java 17, Maven)
	$(BIN)/python -m tests.support.cdc --shape $(SHAPE)
SHAPE := avro

fuzz: $(VENV)/.dev  ## feed the decoders a million records that nobody meant (minutes)
	$(BIN)/python -m tests.fuzz

bench: $(VENV)/.dev kafka  ## measure the claims of the README
	$(BIN)/python -m benchmarks

bench-requests: $(VENV)/.dev kafka  ## count the requests that 1,000 changes cost
	$(BIN)/python -m benchmarks.requests

bench-optout: $(VENV)/.dev kafka  ## measure opt-outs behind a backlog, beside an in-order sink and through faults (20 minutes)
	$(BIN)/python -m benchmarks.optouts

bench-quota: $(VENV)/.dev kafka  ## measure how much of the allowance a backlog uses (45 minutes)
	$(BIN)/python -m benchmarks.quota

bench-decoding: $(VENV)/.dev  ## measure decoding beside the parsers alone (a minute)
	$(BIN)/python -m benchmarks.decoding

lock:  ## for maintainers: resolve the dependencies of pyproject.toml anew, with hashes
	$(PYTHON) -m venv --clear $(RESOLVER)
	$(RESOLVER)/bin/pip install --quiet --disable-pip-version-check pip-tools
	$(NEEDED) project build | $(COMPILE) --output-file $(RESOLVER)/run.lock -
	sed -n 's/^\([A-Za-z0-9._-]*==[^ ]*\).*/\1/p' $(RESOLVER)/run.lock > $(RESOLVER)/run.txt
	$(NEEDED) project build dev | $(COMPILE) --constraint $(RESOLVER)/run.txt --output-file $(RESOLVER)/dev.lock -
	sed -n 's/^\([A-Za-z0-9._-]*==[^ ]*\).*/\1/p' $(RESOLVER)/dev.lock > $(RESOLVER)/dev.txt
	$(NEEDED) sdk | $(COMPILE) --constraint $(RESOLVER)/dev.txt --output-file $(RESOLVER)/sdk.lock -
	for each in run:requirements.lock dev:requirements-dev.lock sdk:requirements-sdk.lock; do \
	  { echo "# Made by 'make lock' from pyproject.toml; installed with --require-hashes."; \
	    cat $(RESOLVER)/$${each%%:*}.lock; } > $${each##*:}; done
RESOLVER := .cache/resolver
NEEDED := $(PYTHON) -c 'import sys, tomllib; project = tomllib.load(open("pyproject.toml", "rb")); \
  groups = {"project": project["project"]["dependencies"], **project["dependency-groups"]}; \
  print(*(need for name in sys.argv[1:] for need in groups[name]), sep="\n")'
COMPILE := $(RESOLVER)/bin/pip-compile --quiet --strip-extras --generate-hashes --no-annotate \
  --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --upgrade

clean:  ## forget what was installed, fetched and cached
	rm -rf $(VENV) .cache .hypothesis

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements.lock pyproject.toml $(VENV)/.made
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml $(VENV)/.made
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

$(VENV)/.sdk: requirements-sdk.lock $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements-sdk.lock
	@touch $@

$(KAFKA)/.fetched: tests/support/kafka/pom.xml
	@command -v java >/dev/null && command -v mvn >/dev/null || \
	  { echo 'make kafka needs Java 17 and Maven: install them, or let the tests use the embedded broker' >&2; exit 1; }
	rm -rf $(KAFKA)/libs
	mvn --quiet --batch-mode --file $< dependency:copy-dependencies \
	  -DincludeScope=runtime -DoutputDirectory="$(CURDIR)/$(KAFKA)/libs"
	@touch $@

$(REGISTRY)/.fetched: tests/support/registry/pom.xml
	@command -v java >/dev/null && command -v mvn >/dev/null || \
	  { echo 'make registry needs Java 17 and Maven' >&2; exit 1; }
	rm -rf $(REGISTRY)
	mvn --quiet --batch-mode --file $< dependency:unpack -DoutputDirectory="$(CURDIR)/$(REGISTRY)"
	@touch $@

POMS := tests/support/cdc/poms
$(CDC)/.fetched: $(wildcard $(POMS)/*.xml)
	@command -v java >/dev/null && command -v mvn >/dev/null || \
	  { echo 'make cdc needs Java 17 and Maven' >&2; exit 3; }
	rm -rf $(CDC)
	mvn --quiet --batch-mode --file $(POMS)/worker.xml $(COPY)/worker"
	mvn --quiet --batch-mode --file $(POMS)/debezium.xml $(COPY)/plugins/debezium"
	mvn --quiet --batch-mode --file $(POMS)/avro.xml $(COPY)/plugins/avro"
	mvn --quiet --batch-mode --file $(POMS)/postgres.xml $(COPY)/postgres"
	cd $(POMS) && $(PYTHON) -m zipfile -c "$(CURDIR)/$(CDC)/plugins/avro/services.jar" META-INF
	cd $(CDC)/postgres && $(PYTHON) -m zipfile -e *.jar . && rm *.jar && $(PYTHON) -m tarfile -e *.txz . && rm *.txz
	@touch $@
COPY := dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$(CURDIR)/$(CDC)
