# What a person, and CI, does with this repository; `make` alone lists it. What a target needs and the machine lacks is
# installed by Debian's apt-get (scripts/apt-install says how), so each works on a fresh Debian machine with Rust.
# The environment passes through: `BIND_ADDRESS=0.0.0.0:8000 PLAIN_HTTP=allow make run`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# CI builds exactly what Cargo.lock says, and fails if it is out of date.
CARGO_FLAGS := $(if $(CI),--locked)
# Words for `jari serve`: make run ARGS="--help"
ARGS ?=

.PHONY: help run test test-quick lint screenshots bench docs-generated docs-matching reader-setup reader-train reader-figures clean tools

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: tools ## build for release and serve on http://127.0.0.1:8000
	cargo run --release $(CARGO_FLAGS) -- serve $(ARGS)

test: tools ## set up and pass every test, at full size, on SQLite and PostgreSQL, in a browser, then schemathesis
	JARI_TEST_SCALE=full scripts/with-postgres scripts/with-browser cargo test $(CARGO_FLAGS)
	scripts/schemathesis

test-quick: tools ## the everyday loop: every test at a small size, under 3 minutes once built
	JARI_TEST_SCALE=quick scripts/with-postgres scripts/with-browser cargo test $(CARGO_FLAGS)

# shellcheck says more than bash -n, where it is installed; "warning" leaves out matters of taste.
lint: tools ## formatting, clippy and shell scripts; a warning is a failure
	cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
	cargo fmt --check
	cargo clippy --all-targets $(CARGO_FLAGS) -- -D warnings
	for script in .ci/run $$(grep -lI '^#!.*bash' scripts/*); do \
	  bash -n "$$script"; \
	  if command -v shellcheck >/dev/null; then shellcheck --severity=warning "$$script"; fi; \
	done

screenshots: tools ## take the pictures of the pages for the documentation (docs/images)
	scripts/apt-install chromium-l10n # the words of the browser itself, in Korean
	LANGUAGE=ko JARI_SCREENSHOTS=docs/images scripts/with-browser cargo test $(CARGO_FLAGS) --test it screenshots -- --ignored --nocapture

bench: tools ## measure, with PostgreSQL on the real disk (durable commits)
	scripts/with-postgres --durable cargo bench $(CARGO_FLAGS)

# Through a temporary file: a command that fails must not leave an empty page.
docs-generated: tools ## write the pages that come from the code: settings, errors and OpenAPI
	cargo run $(CARGO_FLAGS) -- reference settings >docs/configuration.md.tmp
	mv docs/configuration.md.tmp docs/configuration.md
	cargo run $(CARGO_FLAGS) -- reference errors >docs/errors.md.tmp
	mv docs/errors.md.tmp docs/errors.md
	cargo run $(CARGO_FLAGS) -- openapi >docs/openapi.json.tmp
	mv docs/openapi.json.tmp docs/openapi.json

docs-matching: tools ## measure the policies of matching and write the tables of docs/matching.md
	cargo bench $(CARGO_FLAGS) -- matching --write-docs

reader-setup: ## install what drawing plates and training the reader need: Python packages and free fonts
	scripts/reader-setup

reader-train: ## train the plate reader from nothing, hours on two cores, and put it into assets/reader
	scripts/reader-train

reader-figures: tools ## draw sets that training never saw and measure the reader on them (docs/reader.md)
	cargo build --release $(CARGO_FLAGS)
	.venv/bin/python reader/evaluate.py "$${CARGO_TARGET_DIR:-target}/release/jari"

clean: ## remove what was built (target/), never data/
	rm -rf "$${CARGO_TARGET_DIR:-target}"

# Rust is the one thing we do not install. The C compiler builds the bundled SQLite; curl is what the README uses, and
# a test runs its commands.
tools:
	@command -v cargo >/dev/null || { echo "Rust is missing: install it from https://rustup.rs, then try again" >&2; exit 1; }
	@command -v cc >/dev/null || scripts/apt-install build-essential
	@command -v curl >/dev/null || scripts/apt-install curl
